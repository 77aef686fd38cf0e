"""Danger, noticed before anything else is done: rules that anyone can read and test.

Deterministic, without network or model. A first version: what it catches and misses is
measured in docs/benchmarks/.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files

import msgspec

from voice_regen.errors import UsageError

RULES = "rules/safety.toml"


class RiskLevel(IntEnum):
    """How urgent it is; higher is worse."""

    NONE = 0
    CONCERN = 1
    RISK = 2
    IMMINENT = 3


CATEGORIES = (
    "suicide",
    "self_harm",
    "harm_to_others",
    "abuse",
    "child_at_risk",
    "medical",
    "human",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that applied."""

    level: RiskLevel
    category: str
    start: int
    """Where in the text, in characters."""
    end: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was noticed in a text."""

    level: RiskLevel
    category: str | None
    """Of the most urgent finding; ``None`` if nothing was found."""
    findings: tuple[Finding, ...] = ()


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: str
    level: str
    patterns: list[str]
    unless: list[str] = []


class _RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: list[_Rule]


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """Compiled rules, most urgent first."""

    rules: tuple[tuple[RiskLevel, str, re.Pattern[str], re.Pattern[str] | None], ...]

    def assess(self, text: str) -> Assessment:
        """Look through one text of any length."""
        plain = _plain(text)
        findings = tuple(
            Finding(level, category, match.start(), match.end())
            for level, category, pattern, unless in self.rules
            for match in pattern.finditer(plain)
            if unless is None or not unless.search(plain)
        )
        if not findings:
            return Assessment(RiskLevel.NONE, None)
        worst = max(findings, key=lambda each: each.level)
        return Assessment(worst.level, worst.category, findings)


def read_rules(text: str, name: str = RULES) -> SafetyRules:
    """Compile a rule file's text.

    Raises UsageError that names the line or the rule of a mistake: a crisis rule that does not
    work must be found at start, not in a crisis.
    """
    try:
        rules = msgspec.convert(tomllib.loads(text), _RuleFile).rules
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: {error}", "Mend the file.") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {error}", "Mend the rule that is named.") from error
    compiled = [_compiled(at, rule, name) for at, rule in enumerate(rules, start=1)]
    return SafetyRules(tuple(sorted(compiled, key=lambda each: -each[0])))


def _compiled(
    at: int, rule: _Rule, name: str
) -> tuple[RiskLevel, str, re.Pattern[str], re.Pattern[str] | None]:
    where = f"{name}, rule {at} ({rule.category} {rule.level})"
    if rule.category not in CATEGORIES:
        raise UsageError(f"{where}: no such category.", f"One of: {', '.join(CATEGORIES)}.")
    try:
        level = RiskLevel[rule.level.upper()]
    except KeyError:
        raise UsageError(f"{where}: no such level.", "One of: concern, risk, imminent.") from None
    if not rule.patterns:
        raise UsageError(f"{where}: it has no patterns.", "Give it some, or remove it.")
    unless = _joined(rule.unless, where) if rule.unless else None
    return level, rule.category, _joined(rule.patterns, where), unless


def _joined(patterns: list[str], where: str) -> re.Pattern[str]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"{where}: {pattern!r} is no pattern: {error}.") from error
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns))


def _plain(text: str) -> str:
    """Same length as the text, so that findings point into it."""
    plain = text.lower() if len(text.lower()) == len(text) else text
    return re.sub(r"[’‘`´]", "'", plain)


@cache
def default_rules() -> SafetyRules:
    """The rules that come with the package."""
    return read_rules(files("voice_regen.dialogue").joinpath(RULES).read_text("utf-8"))


def assess(text: str) -> Assessment:
    """Look through one text with the default rules."""
    return default_rules().assess(text)
