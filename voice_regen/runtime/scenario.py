"""Scenario files: conversations as plain TOML that anyone can write, with what is expected.

Each ``[[turns]]`` says what the ``caller`` says and, if it matters, how: ``tone`` (a label),
``confidence``, ``pause_before_s``, ``longest_pause_s``, ``interrupts``, ``language``. ``expect``
may name the ``strategy`` (any of a list), patterns that the answer ``says`` or says ``never``
(Python regular expressions, case does not matter), the safety ``level``, the ``pauses`` (kinds that
must be there), and the most ``questions``.
"""

from __future__ import annotations

import re
import tomllib

import msgspec

from voice_regen.errors import UsageError
from voice_regen.runtime.text_conversation import Answered, Typed
from voice_regen.types import Pause, PauseKind, Strategy


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be true of the answer to a turn."""

    strategy: tuple[Strategy, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    level: str | None = None
    pauses: tuple[PauseKind, ...] = ()
    questions: int = 1
    """At most."""


class ScenarioTurn(Typed, frozen=True, forbid_unknown_fields=True):
    """One turn of the caller, and what is expected of its answer."""

    expect: Expected = Expected()


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole conversation."""

    about: str
    turns: tuple[ScenarioTurn, ...]
    country: str | None = None
    greet: bool = True
    principles: tuple[str, ...] = ()


def read_scenario(text: str, name: str) -> Scenario:
    """Read a scenario file's text. Raises UsageError that names the file and the mistake."""
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario, strict=False)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: {error}", "Mend the file.") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {error}{_line(text, str(error))}", "Mend the file.") from error
    if not scenario.turns:
        raise UsageError(f"{name} holds no turns.", "Write at least one [[turns]].")
    for number, turn in enumerate(scenario.turns, start=1):
        for pattern in (*turn.expect.says, *turn.expect.never):
            try:
                re.compile(pattern)
            except re.error as error:
                problem = f"{name}, turn {number}: {pattern!r} is no pattern: {error}."
                raise UsageError(problem, "Mend it.") from error
    return scenario


def _line(text: str, problem: str) -> str:
    """msgspec names the entry as ``$.turns[3]``."""
    found = re.search(r"turns\[(\d+)\]", problem)
    heads = [at for at, line in enumerate(text.splitlines(), 1) if line.strip() == "[[turns]]"]
    return f" (the turn at line {heads[int(found[1])]})" if found and heads else ""


def unmet(expected: Expected, answered: Answered) -> list[str]:
    """What was expected and is not so, in words; empty if all is well."""
    plan, found = answered.plan, []
    if expected.strategy and plan.strategy not in expected.strategy:
        found.append(f"strategy is {plan.strategy}, not {' or '.join(expected.strategy)}")
    for pattern in expected.says:
        if not re.search(pattern, plan.text, re.IGNORECASE):
            found.append(f"does not say {pattern!r}")
    for pattern in expected.never:
        if re.search(pattern, plan.text, re.IGNORECASE):
            found.append(f"says {pattern!r}")
    if expected.level is not None and answered.risk.level.name.lower() != expected.level:
        found.append(f"level is {answered.risk.level.name.lower()}, not {expected.level}")
    kinds = {move.kind for move in plan.moves if isinstance(move, Pause)}
    found += [f"no {kind} pause" for kind in expected.pauses if kind not in kinds]
    if plan.text.count("?") > expected.questions:
        found.append(f"{plan.text.count('?')} questions")
    return [f"{problem}; it said: {plan.text}" for problem in found]
