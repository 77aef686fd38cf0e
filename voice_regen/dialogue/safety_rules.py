"""Safety rules: how their file is read and checked, and how they are matched.

The file's own head says how it is written. A mistake in it is refused at start, with its line: a
crisis rule that does not work must be found then, not in a crisis.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files

import msgspec

from voice_regen.dialogue.safety_text import Misheard, PlainText, plain_text
from voice_regen.errors import UsageError

RULES = "rules/safety.toml"
CATEGORIES = (
    "suicide",
    "self_harm",
    "harm_to_others",
    "abuse",
    "child_at_risk",
    "medical",
    "human",
)
NEAR_WORDS = 8
"""``unless`` is looked for this many words before and after what was found."""


class RiskLevel(IntEnum):
    """How urgent it is; higher is worse."""

    NONE = 0
    CONCERN = 1
    RISK = 2
    IMMINENT = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that applied; ``start`` and ``end`` in the plain text."""

    rule: Rule
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, compiled."""

    name: str
    category: str
    level: RiskLevel
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    unless_anywhere: re.Pattern[str] | None
    may_be_denied: bool

    def matches(self, plain: PlainText, denied: re.Pattern[str]) -> Iterator[Match]:
        """Where it applies in a plain text."""
        if self.unless_anywhere and self.unless_anywhere.search(plain.text):
            return
        for found in self.pattern.finditer(plain.text):
            start, end = found.span()
            if self.may_be_denied and denied.search(plain.text, 0, start):
                continue
            if self.unless and self.unless.search(_near(plain.text, start, end)):
                continue
            yield Match(self, start, end)


def _near(text: str, start: int, end: int) -> str:
    before = text[:start].rsplit(" ", NEAR_WORDS + 1)[-(NEAR_WORDS + 1) :]
    after = text[end:].split(" ", NEAR_WORDS + 1)[: NEAR_WORDS + 1]
    return " ".join(before) + text[start:end] + " ".join(after)


class _RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: str
    level: str
    patterns: list[str]
    name: str = ""
    unless: list[str] = []
    unless_anywhere: list[str] = []
    may_be_denied: bool = True
    language: str = "en"
    """For whoever reads the file: every rule is tried on every text."""


class _Misheard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    said: str
    heard: list[str]


class _RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: list[_RuleEntry]
    lists: dict[str, list[str]] = {}
    denials: list[str] = []
    misheard: list[_Misheard] = []


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """Compiled rules, most urgent first."""

    rules: tuple[Rule, ...]
    denied: re.Pattern[str]
    misheard: Misheard

    def plain(self, text: str) -> PlainText:
        """The form of a text that the rules are matched on."""
        return plain_text(text, self.misheard)

    def matches(self, plain: PlainText) -> list[Match]:
        """Every rule that applies, most urgent first."""
        return [each for rule in self.rules for each in rule.matches(plain, self.denied)]


def read_rules(text: str, name: str = RULES) -> SafetyRules:
    """Compile a rule file's text. Raises UsageError that names the file and line of a mistake."""
    try:
        entries = msgspec.convert(tomllib.loads(text), _RuleFile)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: {error}", "Mend the file.") from error
    except msgspec.ValidationError as error:
        where = _line_of_validation(text, str(error))
        raise UsageError(f"{name}, line {where}: {error}", "Mend what is named.") from error
    lists = {
        key: "|".join(sorted(words, key=len, reverse=True)) for key, words in entries.lists.items()
    }
    file = _File(name, text, lists)
    for key, words in entries.lists.items():
        for word in words:
            file.checked(word, f"[lists] {key}", 0)
    compiled = [file.rule(at, entry) for at, entry in enumerate(entries.rules, start=1)]
    denied = re.compile(rf"\b(?:{'|'.join(map(file.spelled, entries.denials)) or '(?!)'})\s*$")
    return SafetyRules(
        tuple(sorted(compiled, key=lambda one: -one.level)), denied, _misheard(entries)
    )


def _misheard(entries: _RuleFile) -> Misheard:
    said = {
        tuple(plain_text(heard).text.split()): one.said
        for one in entries.misheard
        for heard in one.heard
    }
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for words in sorted(filter(None, said), key=len, reverse=True):
        by_first.setdefault(words[0], []).append((words, said[words]))
    return by_first


@dataclass(frozen=True, slots=True)
class _File:
    """A rule file being read."""

    name: str
    text: str
    lists: Mapping[str, str]

    def rule(self, at: int, entry: _RuleEntry) -> Rule:
        title = f"rule {at} ({entry.name or entry.category} {entry.level})"
        if entry.category not in CATEGORIES:
            raise self.mistake(at, title, "no such category", f"One of: {', '.join(CATEGORIES)}.")
        levels = {level.name.lower(): level for level in RiskLevel if level}
        if entry.level not in levels:
            raise self.mistake(at, title, "no such level", f"One of: {', '.join(levels)}.")
        if not entry.patterns:
            raise self.mistake(at, title, "it has no patterns", "Give it some, or remove it.")
        return Rule(
            name=entry.name or f"{entry.category} {entry.level}",
            category=entry.category,
            level=levels[entry.level],
            pattern=self.joined(entry.patterns, title, at),
            unless=self.joined(entry.unless, title, at) if entry.unless else None,
            unless_anywhere=(
                self.joined(entry.unless_anywhere, title, at) if entry.unless_anywhere else None
            ),
            may_be_denied=entry.may_be_denied,
        )

    def joined(self, patterns: list[str], title: str, at: int) -> re.Pattern[str]:
        spelled = [self.checked(pattern, title, at) for pattern in patterns]
        return re.compile("|".join(rf"(?<![\w'])(?:{one})(?![\w'])" for one in spelled))

    def checked(self, pattern: str, title: str, at: int) -> str:
        unknown = [one for one in re.findall(r"<(\w+)>", pattern) if one not in self.lists]
        if unknown:
            known = ", ".join(self.lists) or "none"
            raise self.mistake(
                at,
                title,
                f"{pattern!r}: there is no list <{unknown[0]}>",
                f"Lists: {known}.",
                pattern,
            )
        spelled = self.spelled(pattern)
        try:
            matches_nothing = re.compile(spelled).match("") is not None
        except re.error as error:
            raise self.mistake(
                at, title, f"{pattern!r} is no pattern: {error}", "Mend it.", pattern
            ) from error
        if matches_nothing:
            raise self.mistake(
                at, title, f"the pattern {pattern!r} fits an empty text", "Mend it.", pattern
            )
        return spelled

    def spelled(self, pattern: str) -> str:
        """The regular expression that a pattern of the file stands for."""
        wide = re.sub(r" \.\.\. ", r"(?: [\\w']+){0,6} ", pattern)
        wide = re.sub(r" \.\. ", r"(?: [\\w']+){0,3} ", wide)
        return re.sub(r"<(\w+)>", lambda found: f"(?:{self.lists.get(found[1], '')})", wide)

    def mistake(
        self, at: int, title: str, problem: str, remedy: str, pattern: str = ""
    ) -> UsageError:
        line = line_of_rule(self.text, at, pattern)
        return UsageError(f"{self.name}, line {line}, {title}: {problem}.", remedy)


def line_of_rule(text: str, at: int, pattern: str = "") -> int:
    """Line (from 1) of the ``at``-th entry, or of ``pattern`` in it; 1 if it is not found."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines, 1) if line.strip() == "[[rules]]"]
    first = heads[at - 1] if 0 < at <= len(heads) else 1
    last = heads[at] - 1 if 0 < at < len(heads) else len(lines)
    if pattern:
        written = (pattern, pattern.replace("\\", "\\\\"))
        for number in range(first, last + 1):
            if any(one in lines[number - 1] for one in written):
                return number
    return first


def _line_of_validation(text: str, problem: str) -> int:
    """msgspec names the entry as ``$.rules[3]``, and a foreign key in backticks."""
    found = re.search(r"rules\[(\d+)\]", problem)
    key = re.search(r"unknown field `(\w+)`", problem)
    return line_of_rule(text, int(found[1]) + 1 if found else 0, key[1] if key else "")


@cache
def default_rules() -> SafetyRules:
    """The rules that come with the package."""
    return read_rules(files("voice_regen.dialogue").joinpath(RULES).read_text("utf-8"))
