"""The card beside the weights: what they were made of, and whom they are weak for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

CARD = """# Tone head `{name}`

Reads vocal tone from the encoder output of `whisper-base` (CTranslate2, int8, short window) that
recognition has already computed (mean, standard deviation, maximum, and the means of the first and
the last third), and 28 measures of prosody and pauses (`voice_regen/engines/prosody.py`: pitch,
its range and slope, periodicity, jitter, shimmer, movement of energy and spectrum, syllable
nuclei, pauses), standardised, then {chosen}. Six classes: neutral, happy, sad, angry, fearful,
disgust. Valence and arousal are the expectation over the classes' places in the circumplex (see
`voice_regen/engines/emotion_space.py`): another view of the probabilities, not trained on ratings.

## Data and licence
CREMA-D (Cao et al. 2014, IEEE Trans Affect Comput 5:377), Open Database Licence 1.0 with Database
Contents Licence 1.0. Copies were Opus-coded. {clips} clips of {training_speakers} training speakers
and {copies} varied copies (telephone band with mu-law, noise, babble of other training speakers,
pace, room; none where 0). {development_speakers} other speakers chose between candidates; they,
plain and in the same conditions, set the temperature ({temperature}) and the bound beyond which
speech counts as unusual ({most_unusual}, the 98 % quantile). Speakers of the test split were not
looked at. The weights are under Apache-2.0; name CREMA-D when you pass them on.

## Development figures (unweighted accuracy, percent)
{development}

Test figures, per class and per sex, cross-corpus, telephone band, babble, calibration, what it
does with sounds that are no speech: [figures.md](figures.md), made by `scripts/eval-emotion`.

## When it says "cannot tell"
Less than 0.6 s of speech; loudest 20 ms below -60 dBFS; more than 2 % of samples at full scale;
features further from training speech than 98 % of development speech; no class above 30 %.
These bounds were set beforehand or on development speakers, none on test speakers.

## Limits
- Acted speech of American actors, twelve fixed sentences, about two seconds each. Spontaneous,
  mixed and restrained feeling is another matter; the cross-corpus figures show how much is lost.
- The labels say what actors meant; listeners agreed with them in 46 % of cases by voice alone.
- Weak for: languages other than English, children, the old (few in the data), whispering,
  speech over music, several people at once, surprise (not among the classes), quiet disgust.
- Confidence is calibrated on CREMA-D's development speakers; elsewhere it is too sure of itself
  (see the calibration error in figures.md).
- How loud someone is is not measured: the microphone's setting would be.
- Never tell a person what they feel on the strength of this, and never use it to rate people.
"""


def write_card(folder: Path, record: Mapping[str, object]) -> None:
    """Write card.md from the record of a training run."""
    scores = record["development_ua"]
    assert isinstance(scores, dict)
    table = "\n".join(f"- {name}: {score:.1f}" for name, score in scores.items())
    values = {key: value for key, value in record.items() if key != "development_ua"}
    text = CARD.format(name=folder.name, development=table, **values)
    (folder / "card.md").write_text(text, encoding="utf-8")
