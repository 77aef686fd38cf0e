"""How something is said, apart from the words: melody, energy, timbre and pace in one vector.

Pitch, its certainty, jitter and shimmer are Praat's (by praat-parselmouth); the rest follows the
definitions of the Geneva minimalistic acoustic set (Eyben et al. 2016, IEEE Trans Affect
Comput 7:190) where it has one. Nothing here depends on how loud the microphone is set.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from voice_regen.errors import MissingExtraError
from voice_regen.types import STREAM_RATE_HZ, FloatArray, Pauses

Values: TypeAlias = npt.NDArray[np.float64]
Kept: TypeAlias = npt.NDArray[np.bool_]

STEP_S = 0.02
LOWEST_HZ, HIGHEST_HZ = 75.0, 600.0
LEAST_PROMINENCE_DB = 2.0
LONGEST_S = 10.0
"""Of a longer utterance the last so many seconds count: cost stays bounded."""
NAMES = (
    *("pitch_median_st", "pitch_p10_st", "pitch_p90_st", "pitch_spread_st"),
    *("pitch_slope_st_s", "pitch_end_st", "pitch_change_st", "pitch_falls_st", "pitch_rises_st"),
    *("voiced_share", "periodicity", "periodicity_spread", "jitter", "shimmer"),
    *("energy_spread_db", "energy_range_db", "energy_slope_db_s", "energy_end_db"),
    *("energy_attack_db", "energy_decay_db"),
    *("alpha_spread_db", "hammarberg_spread_db", "centroid_spread_khz"),
    *("nuclei_per_s", "nuclei_spread_s", "pause_share", "pauses_per_s", "longest_pause_s"),
)
WIDTH = len(NAMES)


def prosody(samples: FloatArray, pauses: Pauses) -> FloatArray:
    """Shape (WIDTH,), all finite, in the order of NAMES; ``samples`` (n,) at STREAM_RATE_HZ.

    What cannot be measured (no voiced sound, say) is 0 there, as silence is. Raises
    MissingExtraError without praat-parselmouth.
    """
    heard = np.asarray(samples[-round(LONGEST_S * STREAM_RATE_HZ) :], np.float64)
    if len(heard) < STREAM_RATE_HZ // 4 or not np.abs(heard).max() > 1e-5:
        return np.zeros(WIDTH, np.float32)
    heard = heard / np.abs(heard).max()
    power = _power_spectra(heard)
    level_db = 10.0 * np.log10(power.sum(axis=1) + 1e-9)
    loud = level_db > np.percentile(level_db, 95) - 30.0
    found = (
        *_melody(heard),
        *_energy(level_db, loud),
        *_timbre(power, loud),
        *_nuclei(level_db),
        *_pace(pauses),
    )
    return np.nan_to_num(np.array(found, np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _power_spectra(samples: Values) -> Values:
    """(frames, 257), Hann windows of 32 ms every STEP_S."""
    step, size = round(STEP_S * STREAM_RATE_HZ), 512
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[::step]
    return np.asarray(
        np.square(np.abs(np.fft.rfft(windows * np.hanning(size), axis=1))), np.float64
    )


def _melody(samples: Values) -> tuple[float, ...]:
    """Pitch in semitones above 100 Hz, its movement, and how regular the voice is."""
    try:
        import parselmouth
    except ImportError as error:
        raise MissingExtraError("Prosody", "talk", "praat-parselmouth") from error
    sound = parselmouth.Sound(samples, STREAM_RATE_HZ)
    pitch = sound.to_pitch(time_step=STEP_S, pitch_floor=LOWEST_HZ, pitch_ceiling=HIGHEST_HZ)
    hz, strength = pitch.selected_array["frequency"], pitch.selected_array["strength"]
    voiced = hz > 0.0
    if voiced.sum() < 5:
        return (0.0,) * 14
    tones = 12.0 * np.log2(hz[voiced] / 100.0)
    low, median, high = np.percentile(tones, (10, 50, 90))
    times = STEP_S * np.flatnonzero(voiced)
    steps = np.diff(tones)[np.diff(np.flatnonzero(voiced)) == 1]
    steps = steps[np.abs(steps) < 6.0]  # an octave jump is a slip of the tracker
    moves = (np.abs(steps).mean(), steps[steps < 0].sum(), steps[steps > 0].sum())
    change, falls, rises = moves if len(steps) else (0.0, 0.0, 0.0)
    seconds = max(times[-1] - times[0], 0.2)
    return (
        *(median, low, high, tones.std()),
        *(_slope(times, tones), tones[-max(len(tones) // 5, 3) :].mean() - median),
        *(change, falls / seconds, rises / seconds),
        *(voiced.mean(), strength[voiced].mean(), strength[voiced].std()),
        *_irregularity(parselmouth, sound, pitch),
    )


def _irregularity(parselmouth: Any, sound: Any, pitch: Any) -> tuple[float, float]:
    """(jitter, shimmer), local, as Praat defines them; periods of 1.3 times at most."""
    call = parselmouth.praat.call
    pulses = call([sound, pitch], "To PointProcess (cc)")
    jitter = call(pulses, "Get jitter (local)", 0, 0, 1e-4, 0.02, 1.3)
    shimmer = call([sound, pulses], "Get shimmer (local)", 0, 0, 1e-4, 0.02, 1.3, 1.6)
    return jitter, shimmer


def _energy(level_db: Values, loud: Kept) -> tuple[float, ...]:
    """How the level moves; its height would be the microphone's."""
    times = STEP_S * np.arange(len(level_db))
    kept = level_db[loud]
    steps = np.diff(level_db)[loud[1:] & loud[:-1]]
    end = kept[-max(len(kept) // 5, 1) :].mean() - kept.mean()
    low, high = np.percentile(kept, (10, 90))
    return (
        *(kept.std(), high - low, _slope(times[loud], kept), end),
        steps[steps > 0].mean() if (steps > 0).any() else 0.0,
        steps[steps < 0].mean() if (steps < 0).any() else 0.0,
    )


def _timbre(power: Values, loud: Kept) -> tuple[float, ...]:
    """How much the balance of the spectrum moves within the louder frames.

    Its mean is left out: that is the microphone's and the line's as much as the voice's.
    """
    spectra = power[loud] + 1e-9
    hz = np.arange(power.shape[1]) * (STREAM_RATE_HZ / 512)

    def band(low: float, high: float) -> Values:
        return spectra[:, (hz >= low) & (hz < high)]

    alpha = _db(band(50, 1000).sum(axis=1) / band(1000, 4000).sum(axis=1))
    hammarberg = _db(band(0, 2000).max(axis=1) / band(2000, 4000).max(axis=1))
    telephone = spectra[:, (hz >= 300) & (hz < 3400)]
    shares = telephone / telephone.sum(axis=1, keepdims=True)
    centroid = shares @ hz[(hz >= 300) & (hz < 3400)] / 1000.0
    return alpha.std(), hammarberg.std(), centroid.std()


def _nuclei(level_db: Values) -> tuple[float, float]:
    """(per second, spread of the gaps in s) of syllable nuclei: peaks of the level.

    The idea of De Jong and Wempe 2009 (Behav Res Methods 41:385), on a smoothed level.
    """
    smooth = np.convolve(level_db, np.hanning(7) / np.hanning(7).sum(), mode="same")
    floor = np.percentile(smooth, 95) - 25.0
    peaks = prominent_peaks(smooth, floor, LEAST_PROMINENCE_DB)
    gaps = STEP_S * np.diff(peaks)
    return len(peaks) / (STEP_S * len(level_db)), float(gaps.std()) if len(gaps) > 1 else 0.0


def prominent_peaks(values: Values, least: float, prominence: float) -> npt.NDArray[np.intp]:
    """Places of the peaks of at least ``least`` that stand ``prominence`` above their surroundings.

    Prominence as in topography: above the higher of the two lowest points between the peak and the
    next higher value, or the end, on either side. Plateaus are no peaks.
    """
    inner = np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])) + 1
    found = []
    for peak in inner[values[inner] >= least]:
        higher = np.flatnonzero(values > values[peak])
        left, right = higher[higher < peak], higher[higher > peak]
        before = values[(left[-1] if len(left) else 0) : peak].min()
        after = values[peak + 1 : (right[0] if len(right) else len(values))].min()
        if values[peak] - max(before, after) >= prominence:
            found.append(peak)
    return np.array(found, np.intp)


def _pace(pauses: Pauses) -> tuple[float, ...]:
    whole = max(pauses.speech_s + pauses.total_s, 0.1)
    return pauses.total_s / whole, pauses.count / whole, pauses.longest_s


def _slope(times: npt.NDArray[Any], values: npt.NDArray[Any]) -> float:
    centred = times - times.mean()
    return float(centred @ values / max(float(centred @ centred), 1e-6))


def _db(ratio: Values) -> Values:
    return np.asarray(10.0 * np.log10(ratio), np.float64)
