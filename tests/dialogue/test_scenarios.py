"""The conversations in tests/conversations, by text: plain files that anyone can add to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from voice_regen.config import CareConfig
from voice_regen.dialogue.planner import Planner
from voice_regen.errors import UsageError
from voice_regen.runtime.scenario import read_scenario, unmet
from voice_regen.runtime.text_conversation import TextConversation

FOLDER = Path(__file__).resolve().parents[1] / "conversations"
FILES = sorted(FOLDER.glob("*.toml"))
COMMAND = str(Path(sys.executable).with_name("voice-regen"))


def test_there_are_enough() -> None:
    assert len(FILES) >= 25


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_conversation_goes_as_its_file_says(path: Path, seed: int) -> None:
    scenario = read_scenario(path.read_text("utf-8"), path.name)
    talk = TextConversation(Planner(CareConfig(country=scenario.country), seed=seed))
    talk.greet()
    said: list[str] = []
    for turn in scenario.turns:
        answered = talk.answer(turn)
        assert unmet(turn.expect, answered) == []
        assert answered.plan.reasons
        assert answered.plan.text not in said, "it said the same again"
        said.append(answered.plan.text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("about = 1\n[[turns]]\n", "about"),
        ('about = "a"\nturns = []\n', "no turns"),
        ('about = "a"\n[[turns]]\ncaller = "b"\ntone = "blue"\n', "line 2"),
        ('about = "a"\n[[turns]]\ncaler = "b"\n', "line 2"),
        ('about = "a"\n[[turns]]\ncaller = "b"\nexpect.says = ["("]\n', "turn 1.*no pattern"),
        ("about = \n", "line 1"),
    ],
)
def test_a_file_with_a_mistake_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_scenario(text, "file.toml")


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *words], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def test_plan_writes_a_line_a_turn_and_tells_what_is_unmet(tmp_path: Path) -> None:
    done = run("plan", "--conversation", str(FOLDER / "08-crisis.toml"))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["level"] for line in lines] == ["risk", "none"]
    assert lines[0]["plan"]["strategy"] == "resource"
    assert lines[0]["unmet"] == []
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        'about = "x"\n[[turns]]\ncaller = "I want to die"\nexpect.strategy = ["closing"]\n'
    )
    done = run("plan", "--conversation", str(wrong))
    assert done.returncode == 1
    assert "strategy is resource" in json.loads(done.stdout)["unmet"][0]
    assert run("plan", "--conversation", str(tmp_path / "none.toml")).returncode == 2


def test_chat_answers_typed_lines_and_ends_at_goodbye() -> None:
    done = run(
        "chat", "--country", "GB", stdin="I feel sad and alone\n\nI want to die\nbye\nmore\n"
    )
    assert done.returncode == 0, done.stderr
    assert "not a person" in done.stdout
    assert "reflection of feelings" in done.stdout
    assert "receiving pause" in done.stdout
    assert "Samaritans" in done.stdout
    assert done.stdout.count("\nme   ") == 4
    as_json = run("chat", "--json", stdin="hello\n")
    assert [json.loads(line) for line in as_json.stdout.splitlines()][1]["turn"] == 1
