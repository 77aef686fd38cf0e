"""The evaluation's tables, as Markdown, each figure beside its published anchor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from voice_regen.training.evaluation import Result, Sounds

ANCHORS = {
    "CREMA-D test": "log-mel + LR 41.0; people by voice, majority 45.9; aim 70",
    "CREMA-D EmoBox split (speakers shared)": "Whisper large v3 76.8, WavLM large 74.5, "
    "HuBERT base 71.1, wav2vec 2.0 base 62.0; aim 75",
    "RAVDESS 8 classes, 6 folds": "Whisper large v3 75.3, WavLM large 72.0, HuBERT base 65.4; "
    "Whisper base pooled + LR 70.0; aim 76",
    "EMO-DB 7 classes, one speaker out": "the same pooled features 69.7; aim 85",
    "EMOVO 7 classes, one speaker out": "Whisper large v3 57.8; aim 58",
    "ravdess unseen, 4 classes": "log-mel at chance (27, 26); EmoBox cross-corpus 38 to 67; aim 65",
    "emodb unseen, 4 classes": "as above",
    "emovo unseen, 4 classes": "as above",
    "urdu unseen, 4 classes": "as above",
    "CREMA-D test, 8 kHz mu-law": "aim: at most 4 below",
    "CREMA-D test, 10 dB babble": "aim: at most 8 below",
}


def results_table(results: Sequence[Result]) -> str:
    """One row a result. UA is the unweighted accuracy, the same as UAR."""
    lines = [
        "| test | n | UA [95 %] | WA | women / men | ECE | cannot tell | UA of the told | anchor |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in results:
        base = next((text for name, text in ANCHORS.items() if each.name.startswith(name)), "")
        exact = ANCHORS.get(each.name.split(": ")[0], base)
        sexes = " / ".join(f"{each.by_sex[sex]:.1f}" for sex in ("f", "m") if sex in each.by_sex)
        lines.append(
            f"| {each.name} | {each.recordings} | {each.ua} | {each.weighted:.1f} | {sexes} "
            f"| {each.calibration_error:.3f} | {each.abstained:.1f} % | {each.ua_when_told:.1f} "
            f"| {exact} |"
        )
    return "\n".join(lines)


def class_table(results: Sequence[Result]) -> str:
    """Recall of each class, in percent."""
    names = list(dict.fromkeys(name for each in results for name in each.by_class))
    lines = ["| test | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for each in results:
        cells = [each.by_class.get(name, math.nan) for name in names]
        shown = ["" if math.isnan(cell) else f"{cell:.0f}" for cell in cells]
        lines.append(f"| {each.name} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def sounds_table(sounds: Sequence[Sounds]) -> str:
    """What is said of sounds that are no speech."""
    lines = ["| sound | n | cannot tell | answered, 50 % sure or more |", "|---|---|---|---|"]
    for each in sounds:
        lines.append(
            f"| {each.kind} | {each.recordings} | {each.abstained:.0f} % | {each.confident:.0f} % |"
        )
    return "\n".join(lines)
