"""Danger, noticed before anything else is done: rules that anyone can read and test.

Deterministic, without network or model. What it catches and misses is measured in
docs/benchmarks/safety.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from voice_regen.dialogue.safety_rules import (
    CATEGORIES,
    Match,
    RiskLevel,
    SafetyRules,
    default_rules,
    read_rules,
)
from voice_regen.dialogue.safety_text import PlainText

__all__ = ["CATEGORIES", "Assessment", "Finding", "RiskLevel", "assess", "read_rules"]

STRONG_DISTRESS = 0.7
"""From here on, what would be asked about is taken as a danger."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that applied."""

    level: RiskLevel
    category: str
    start: int
    """Where in the text, in characters."""
    end: int
    rule: str = ""
    """What the rule says of it, as in "speaks of ending their life"."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was noticed in a text."""

    level: RiskLevel
    category: str | None
    """Of the most urgent finding; ``None`` if nothing was found."""
    findings: tuple[Finding, ...] = ()
    raised_by_voice: bool = False


def assess(
    text: str,
    *,
    alternatives: Sequence[str] = (),
    distress: float = 0.0,
    rules: SafetyRules | None = None,
) -> Assessment:
    """Look through one utterance of any length.

    ``alternatives``: what else the recogniser thought possible; the most urgent reading counts,
    and findings point into ``text`` or, where only another reading was dangerous, into that one.
    ``distress`` of the voice, 0 to 1, raises a concern to a risk; it never lowers anything.
    """
    rules = default_rules() if rules is None else rules
    readings = [_assess_one(rules, each) for each in (text, *alternatives)]
    found = max(readings, key=lambda each: each.level)  # the first of equals: what was said
    danger = found.level is RiskLevel.CONCERN and found.category != "human"
    if danger and distress >= STRONG_DISTRESS:
        return replace(found, level=RiskLevel.RISK, raised_by_voice=True)
    return found


def _assess_one(rules: SafetyRules, text: str) -> Assessment:
    plain = rules.plain(text)
    findings = tuple(_finding(plain, match) for match in rules.matches(plain))
    if not findings:
        return Assessment(RiskLevel.NONE, None)
    # To ask for a person is no danger of its own: any danger named beside it comes first.
    worst = max(findings, key=lambda each: (each.level, each.category != "human"))
    return Assessment(worst.level, worst.category, findings)


def _finding(plain: PlainText, match: Match) -> Finding:
    start, end = plain.span(match.start, match.end)
    return Finding(match.rule.level, match.rule.category, start, end, match.rule.name)
