"""Corpora of emotional speech: a folder with `audio/` and `metadata.csv`, read in one place."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from voice_regen.errors import UsageError
from voice_regen.types import EmotionLabel

NEEDED_COLUMNS = ("file", "speaker", "gender", "emotion")
VOTE_LETTERS = {
    "voice_A": EmotionLabel.ANGRY,
    "voice_D": EmotionLabel.DISGUST,
    "voice_F": EmotionLabel.FEARFUL,
    "voice_H": EmotionLabel.HAPPY,
    "voice_N": EmotionLabel.NEUTRAL,
    "voice_S": EmotionLabel.SAD,
}


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording and what is said of it."""

    corpus: str
    name: str
    """The file's stem; unique within its corpus."""
    path: Path
    speaker: str
    sex: str
    """"f", "m" or "" where not given."""
    label: str
    """The corpus's own name of the class; more than :class:`EmotionLabel` knows ("calm")."""
    split: str = ""
    """"train", "val" or "test"; speakers are not shared between them."""
    fold: str = ""
    emobox_split: str = ""
    """EmoBox's own split; for CREMA-D its speakers are shared."""
    votes: tuple[tuple[EmotionLabel, float], ...] = ()
    """How many listeners, from audio alone, heard which feeling."""

    @property
    def emotion(self) -> EmotionLabel | None:
        """The label where our classes have it."""
        return EmotionLabel(self.label) if self.label in set(EmotionLabel) else None


def read_corpus(folder: Path) -> list[Clip]:
    """All clips of a corpus that are not marked as bad, in the order of the file.

    Raises UsageError where there is no metadata or a column is missing.
    """
    table = folder / "metadata.csv"
    if not table.is_file():
        raise UsageError(
            f"{folder} holds no metadata.csv.",
            "Give the folder that holds one folder a corpus with --data.",
        )
    with table.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in NEEDED_COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise UsageError(
                f"{table} lacks the columns: {', '.join(missing)}.",
                f"Needed are {', '.join(NEEDED_COLUMNS)}; split and fold are used if there.",
            )
        return [_clip(folder, row) for row in reader if not row.get("exclude")]


def _clip(folder: Path, row: dict[str, str]) -> Clip:
    path = folder / row["file"]
    votes = tuple(
        (label, float(row[column])) for column, label in VOTE_LETTERS.items() if row.get(column)
    )
    return Clip(
        corpus=folder.name,
        name=path.stem,
        path=path,
        speaker=row["speaker"],
        sex=row["gender"],
        label=row["emotion"],
        split=row.get("split", ""),
        fold=row.get("fold", ""),
        emobox_split=row.get("emobox_split", ""),
        votes=votes,
    )
