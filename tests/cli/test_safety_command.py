"""`voice-regen safety` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).with_name("voice-regen"))


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, "safety", *words], input=stdin, capture_output=True, timeout=60, check=False
    )


def answers(text: str, *words: str) -> list[dict[str, Any]]:
    done = run("-", *words, stdin=text.encode())
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_in_a_line_out() -> None:
    text = "I want to die.\n\nThis traffic is killing me\r\nCan I talk to a real person?\n"
    first, empty, idiom, human = answers(text)
    assert (first["level"], first["category"]) == ("risk", "suicide")
    assert first["evidence"][0]["words"].lower() in "i want to die."
    assert first["evidence"][0]["rule"]
    assert first["ms"] >= 0.0
    assert (empty["level"], empty["category"], empty["evidence"]) == ("none", None, [])
    assert idiom["level"] == "none"
    assert human["category"] == "human"


def test_what_is_misheard_and_other_spellings() -> None:
    for said in ("i want to kill my self", "i took an over dose", "I WANT TO DIE", "i wanna die"):
        assert answers(said)[0]["level"] in ("risk", "imminent"), said


def test_distress_raises_and_never_lowers() -> None:
    lines = "I want to die.\nI cut myself again\nWhat a lovely day\nI feel so alone lately\n"
    order = ["none", "concern", "risk", "imminent"]
    calm = [order.index(each["level"]) for each in answers(lines)]
    upset = [order.index(each["level"]) for each in answers(lines, "--distress", "0.95")]
    assert all(high >= low for low, high in zip(calm, upset, strict=True))
    assert upset[2] == 0


def test_the_same_question_a_thousand_times_is_answered_alike() -> None:
    told = answers("I don't want to be here anymore\n" * 1000)
    assert len(told) == 1000
    assert {(each["level"], each["category"]) for each in told} == {("risk", "suicide")}
    assert all(each["evidence"] == told[0]["evidence"] for each in told)


def test_mistakes_are_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"all is well\n\xe4\n")
    cases = {
        (str(tmp_path / "none.txt"),): b"cannot be read",
        (str(latin),): b"line 2, is not UTF-8",
        ("-", "--distress", "2"): b"from 0 to 1",
    }
    for words, said in cases.items():
        done = run(*words)
        assert done.returncode == 2
        assert said in done.stderr
        assert b"Traceback" not in done.stderr
