"""`voice-regen chat` and `voice-regen plan`: the conversation without sound."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voice_regen.runtime.text_conversation import Answered
    from voice_regen.types import ReplyPlan

Country = Annotated[
    str | None, typer.Option(help="Country of the caller (as in US, GB): for helplines.")
]


def chat(
    country: Country = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an answer.")] = False,
) -> None:
    """Type instead of speaking: the same planner, its strategy and its pauses shown.

    Ends with Ctrl-D, or when you say goodbye. Nothing is kept. Tone is not heard here: the picture
    of you is drawn from words alone.
    """
    from voice_regen.config import CareConfig
    from voice_regen.dialogue.planner import Planner
    from voice_regen.runtime.recording import plan_record
    from voice_regen.runtime.records import encode_record
    from voice_regen.runtime.text_conversation import TextConversation, Typed
    from voice_regen.types import Strategy

    conversation = TextConversation(Planner(CareConfig(country=country)))
    greeting = conversation.greet()
    if as_json:
        sys.stdout.write(encode_record(plan_record(greeting)).decode())
        sys.stdout.flush()
    else:
        _show(greeting)
    while (text := _asked()) is not None:
        if not text.strip():
            continue
        answered = conversation.answer(Typed(text))
        if as_json:
            _write(answered)
            continue
        _show(answered.plan)
        if answered.plan.strategy is Strategy.CLOSING:
            return


def plan(
    conversation: Annotated[
        Path, typer.Option("--conversation", help="Scenario file (TOML).", metavar="FILE")
    ],
) -> None:
    """Answer a written conversation: one JSON object a turn, and what is not as expected.

    The format is explained in docs/conversations.md; tests/conversations holds many. The exit
    code is 1 when an expectation is not met.
    """
    from voice_regen.config import CareConfig
    from voice_regen.dialogue.planner import Planner
    from voice_regen.errors import UsageError
    from voice_regen.runtime.scenario import read_scenario, unmet
    from voice_regen.runtime.text_conversation import TextConversation

    try:
        text = conversation.read_text("utf-8")
    except OSError as error:
        problem = f"{conversation} cannot be read: {error.strerror}."
        raise UsageError(problem, "Check the name.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{conversation} is not UTF-8 text.", "Save it as UTF-8.") from error
    scenario = read_scenario(text, str(conversation))
    talk = TextConversation(Planner(CareConfig(country=scenario.country)))
    if scenario.greet:
        talk.greet()
    missed = 0
    for turn in scenario.turns:
        answered = talk.answer(turn)
        problems = unmet(turn.expect, answered)
        missed += len(problems)
        _write(answered, problems)
    sys.exit(1 if missed else 0)


def _asked() -> str | None:
    """The next line; ``None`` at the end. A prompt only where somebody types."""
    if sys.stdin.isatty():
        try:
            return input("you  ")
        except EOFError:
            print()
            return None
    line = sys.stdin.readline()
    return line.rstrip("\r\n") if line else None


def _show(reply: ReplyPlan) -> None:
    from voice_regen.frontends.plain_view import describe_moves
    from voice_regen.runtime.recording import plan_record

    record = plan_record(reply)
    why = f": {reply.reasons[0]}" if reply.reasons else ""
    print(f"     [{record.strategy.replace('_', ' ')}{why}]")
    print(f"me   {describe_moves(record)}\n", flush=True)


def _write(answered: Answered, problems: list[str] | None = None) -> None:
    import msgspec

    from voice_regen.runtime.recording import plan_record, state_record

    line = {
        "turn": answered.turn_id,
        "level": answered.risk.level.name.lower(),
        "category": answered.risk.category,
        "plan": plan_record(answered.plan),
        "state": state_record(answered.turn_id, answered.state),
    }
    if problems is not None:
        line["unmet"] = problems
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()
