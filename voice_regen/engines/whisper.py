"""Recognition: Whisper by faster-whisper and CTranslate2, given only what was said.

Whisper's encoder is trained on 30 s. Most of that is silence for an utterance of 3 s, and it
is paid for in full. Given the speech and a few seconds of silence it does a tenth of the work;
timestamp mode keeps the decoder from running on (see docs/benchmarks.md
for what was measured). A decode that looks wrong is done again with the full window.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.engines.base import DecodeReport, EncodedSpeech, Recognition
from voice_regen.engines.openmp import wait_without_spinning
from voice_regen.engines.whisper_decoding import (
    FULL_WINDOW_S,
    LONGEST_TOKENS,
    Decode,
    TrustLimits,
    WindowRule,
    compression_ratio,
    last_sound_s,
    nothing_was_said,
    ran_away,
    reason_to_redo,
    token_limit,
)
from voice_regen.errors import EngineError, MissingExtraError, ModelError, UsageError
from voice_regen.types import STREAM_RATE_HZ, FloatArray, Transcript, Word

SHORTEST_S = 0.1
REQUIRED_FILES = ("model.bin", "config.json", "tokenizer.json")
ENCODER_RATE_HZ = 50.0
TIME_PRECISION_S = 0.02
SHORT_WINDOW = WindowRule(slack_s=3.0, floor_s=10.0)
FULL_WINDOW = WindowRule(slack_s=FULL_WINDOW_S)
REDO_BEAM_SIZE = 5
"""A beam of 5 takes longer than all the rest: it is kept for what a greedy decode is unsure of."""
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"


class WhisperRecogniser:
    """Whisper in CTranslate2's form; one object serves all calls."""

    def __init__(
        self,
        model_path: Path,
        *,
        name: str = "whisper-base",
        language: str | None = "en",
        threads: int = 2,
        compute_type: str = "int8",
        beam_size: int = 1,
        window: WindowRule = SHORT_WINDOW,
    ) -> None:
        """Load a model folder (model.bin, config.json, tokenizer.json, vocabulary.txt).

        ``language`` None: told from the encoder's output of each utterance.
        Raises MissingExtraError without faster-whisper, ModelError for a bad folder, UsageError
        for a language that Whisper does not know.
        """
        wait_without_spinning()
        try:
            import faster_whisper
        except ImportError as error:
            raise MissingExtraError("Recognition", "talk", "faster-whisper") from error
        self._name = name
        self._language = language
        self._beam_size = beam_size
        self._window = window
        self._limits = TrustLimits()
        self._model: Any = _load(faster_whisper, model_path, name, threads, compute_type)
        self._tokenizers: dict[str, Any] = {}
        if language is not None:
            self._tokenizer(language)

    def recognise(self, samples: FloatArray, previous_text: str = "") -> Recognition:
        """Recognise one utterance of at most 30 s; shape (n,) at STREAM_RATE_HZ.

        Raises EngineError for NaN, for longer audio and for a failing engine.
        """
        speech_s = _checked_duration_s(samples)
        if speech_s < SHORTEST_S:
            return Recognition(Transcript("", language=self._language or "en"), None)
        decode, short, window_s = self._recognise_in(
            self._window, samples, speech_s, previous_text, self._beam_size
        )
        transcript = short.transcript
        reason = None
        if not nothing_was_said(decode):  # a cough must not cost a full window
            reason = reason_to_redo(decode, speech_s, last_sound_s(samples), self._limits)
        redone = reason is not None and window_s < FULL_WINDOW_S
        if redone:
            decode, full, window_s = self._recognise_in(
                FULL_WINDOW, samples, speech_s, previous_text, max(REDO_BEAM_SIZE, self._beam_size)
            )
            transcript = full.transcript
        report = DecodeReport(
            window_s=window_s,
            redone=redone,
            redo_reason=reason if redone else None,
            average_log_probability=decode.average_log_probability,
            compression_ratio=compression_ratio(decode.text),
            no_speech_probability=decode.no_speech_probability,
        )
        # A tone head is trained on the short window's output: that one is kept in any case.
        return Recognition(transcript, short.encoded, report)

    def encode(self, samples: FloatArray) -> EncodedSpeech:
        """The encoder's output over the speech, exactly as recognition keeps it.

        Raises EngineError as :meth:`recognise` does.
        """
        speech_s = _checked_duration_s(samples)
        try:
            output = self._run_encoder(samples, self._window.mel_frames(speech_s))
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Recognition failed: {error}") from error
        return self._speech_frames(output, speech_s)

    # -- one pass --------------------------------------------------------------------

    def _recognise_in(
        self,
        window: WindowRule,
        samples: FloatArray,
        speech_s: float,
        previous_text: str,
        beam_size: int,
    ) -> tuple[Decode, Recognition, float]:
        frames = window.mel_frames(speech_s)
        try:
            output = self._run_encoder(samples, frames)
            tokenizer = self._tokenizer(self._language or self._detect_language(output))
            decode, tokens = self._decode(output, tokenizer, speech_s, previous_text, beam_size)
            transcript = self._transcript(output, tokenizer, decode, tokens, speech_s)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Recognition failed: {error}") from error
        encoded = self._speech_frames(output, speech_s)
        return decode, Recognition(transcript, encoded), window.window_s(speech_s)

    def _run_encoder(self, samples: FloatArray, mel_frames: int) -> Any:
        """Audio is filled up with silence before the log-mel, as Whisper was trained."""
        padded = np.zeros(mel_frames * STREAM_RATE_HZ // 100, np.float32)
        padded[: len(samples)] = samples[: len(padded)]
        # The extractor drops the last frame: one hop more keeps the number even.
        features = self._model.feature_extractor(padded, padding=160)[:, :mel_frames]
        return self._model.encode(np.ascontiguousarray(features))

    def _speech_frames(self, output: Any, speech_s: float) -> EncodedSpeech:
        frames = np.asarray(output, np.float32)[0]
        kept = max(1, round(speech_s * ENCODER_RATE_HZ))
        return EncodedSpeech(frames[:kept].copy(), ENCODER_RATE_HZ, self._name)

    def _detect_language(self, output: Any) -> str:
        if not self._model.model.is_multilingual:
            return "en"
        token, _ = self._model.model.detect_language(output)[0][0]
        return str(token[2:-2])

    def _tokenizer(self, language: str) -> Any:
        if language not in self._tokenizers:
            from faster_whisper.tokenizer import Tokenizer

            multilingual = self._model.model.is_multilingual
            try:
                self._tokenizers[language] = Tokenizer(
                    self._model.hf_tokenizer,
                    multilingual,
                    task="transcribe",
                    language=language if multilingual else "en",
                )
            except ValueError as error:
                raise UsageError(
                    f"{self._name} does not know the language {language!r}.",
                    "Give an ISO 639-1 code such as en or de, or auto.",
                ) from error
        return self._tokenizers[language]

    def _decode(
        self, output: Any, tokenizer: Any, speech_s: float, previous_text: str, beam_size: int
    ) -> tuple[Decode, list[int]]:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt = self._prompt(tokenizer, previous_text)
        most = token_limit(speech_s)
        # CTranslate2 gives half of max_length, or what the prompt leaves of it, to the answer.
        max_length = min(max(2 * most, len(prompt) + most), 2 * LONGEST_TOKENS)
        result = self._model.model.generate(
            output,
            [prompt],
            beam_size=beam_size,
            max_length=max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1])),
            max_initial_timestamp_index=round(1.0 / TIME_PRECISION_S),
        )[0]
        tokens = list(result.sequences_ids[0])
        stamps = [t for t in tokens if t >= tokenizer.timestamp_begin]
        decode = Decode(
            text=tokenizer.decode(tokens).strip(),
            token_count=len(tokens),
            # CTranslate2 gives the mean over the tokens; Whisper counts the end token too.
            average_log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech_probability=result.no_speech_prob,
            last_timestamp_s=(stamps[-1] - tokenizer.timestamp_begin) * TIME_PRECISION_S
            if stamps
            else None,
        )
        return decode, [t for t in tokens if t < tokenizer.eot]

    def _prompt(self, tokenizer: Any, previous_text: str) -> list[int]:
        previous = tokenizer.encode(" " + previous_text.strip()) if previous_text.strip() else []
        return list(self._model.get_prompt(tokenizer, previous))

    def _transcript(
        self, output: Any, tokenizer: Any, decode: Decode, tokens: list[int], speech_s: float
    ) -> Transcript:
        language = str(tokenizer.language_code)
        runaway = ran_away(decode, speech_s, self._limits)
        if not tokens or runaway or nothing_was_said(decode):
            return Transcript("", language=language)
        words = self._words(output, tokenizer, tokens, speech_s)
        return Transcript(decode.text, words, language)

    def _words(
        self, output: Any, tokenizer: Any, tokens: list[int], speech_s: float
    ) -> tuple[Word, ...]:
        from faster_whisper.transcribe import merge_punctuations

        mel_frames = 2 * round(speech_s * ENCODER_RATE_HZ)
        try:
            aligned = self._model.find_alignment(tokenizer, [tokens], output, mel_frames)[0]
        except IndexError:  # fewer steps in time than words: the words stand, without times
            return ()
        merge_punctuations(aligned, _PREPENDED, _APPENDED)
        words: list[Word] = []
        earliest = 0.0
        for each in aligned:
            text = each["word"].strip()
            if not text:
                continue
            start = min(max(float(each["start"]), earliest), speech_s)
            end = min(max(float(each["end"]), start), speech_s)
            earliest = end
            probability = min(max(float(each["probability"]), 0.0), 1.0)
            words.append(Word(text, start, end, probability))
        return tuple(words)


def _checked_duration_s(samples: FloatArray) -> float:
    if samples.ndim != 1:
        raise EngineError(f"Recognition takes mono audio, not an array of shape {samples.shape}.")
    duration_s = len(samples) / STREAM_RATE_HZ
    if duration_s > FULL_WINDOW_S:
        raise EngineError(f"An utterance of {duration_s:.1f} s is longer than Whisper's 30 s.")
    if not np.isfinite(samples).all():
        raise EngineError("The audio holds samples that are not numbers.")
    return duration_s


def _load(faster_whisper: Any, model_path: Path, name: str, threads: int, compute_type: str) -> Any:
    remedy = f"Fetch it again: voice-regen models fetch {name.replace('-', ':', 1)}"
    for file in REQUIRED_FILES:  # faster-whisper would look for a tokenizer on the hub
        if not (model_path / file).is_file():
            raise ModelError(f"{model_path} holds no Whisper model ({file} is missing).", remedy)
    try:
        return faster_whisper.WhisperModel(
            str(model_path),
            device="cpu",
            compute_type=compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )
    except Exception as error:  # CTranslate2 and tokenizers raise unrelated types
        raise ModelError(
            f"The Whisper model in {model_path} is damaged: {error}", remedy
        ) from error
