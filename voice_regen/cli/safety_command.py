"""`voice-regen safety`: what the safety rules make of utterances, a line each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def safety(
    file: Annotated[Path, typer.Argument(help="Text file, one utterance a line; - for stdin.")],
    distress: Annotated[
        float, typer.Option(help="Distress of the voice, 0 to 1: raises a concern, lowers nothing.")
    ] = 0.0,
) -> None:
    """Look through utterances for danger: one line in, one JSON object out.

    Each has level (none, concern, risk, imminent), category (suicide, self_harm, harm_to_others,
    abuse, child_at_risk, medical, human, or null), evidence (the words, and the rule that they
    fit) and ms (milliseconds it took). Works without network, model or language model.

      echo "I can't go on like this" | voice-regen safety -
    """
    if not 0.0 <= distress <= 1.0:
        from voice_regen.errors import UsageError

        raise UsageError(f"--distress is {distress:g}.", "Give a number from 0 to 1.")
    for text in _lines(file):
        sys.stdout.buffer.write(_answer(text, distress))
        sys.stdout.buffer.flush()


def _lines(file: Path) -> Iterator[str]:
    """Lines without their ends; raises UsageError for what is no text."""
    from voice_regen.errors import UsageError

    number = 0
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file}, line {number}, is not UTF-8 text.", "Save it as UTF-8."
        ) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Check the name.") from error


def _answer(text: str, distress: float) -> bytes:
    import time

    import msgspec

    from voice_regen.dialogue.safety import assess

    began = time.perf_counter()
    found = assess(text, distress=distress)
    took_ms = 1000.0 * (time.perf_counter() - began)
    evidence = [
        {
            "words": text[each.start : each.end],
            "rule": each.rule,
            "category": each.category,
            "level": each.level.name.lower(),
        }
        for each in found.findings
    ]
    if found.raised_by_voice:
        evidence.append({"rule": "the voice is in strong distress", "level": "risk"})
    answer = {
        "level": found.level.name.lower(),
        "category": found.category,
        "evidence": evidence,
        "ms": round(took_ms, 3),
    }
    return msgspec.json.encode(answer) + b"\n"
