"""Human help by country: which line, and how its number is spoken."""

from __future__ import annotations

import datetime
import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from voice_regen.errors import UsageError

RESOURCES = "resources.toml"
_DIGITS = "zero one two three four five six seven eight nine".split()


class Helpline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One service, with where and when its number was seen."""

    country: str
    name: str
    number: str
    emergency: str
    hours: str
    languages: list[str]
    verified: datetime.date
    source: str


class _ResourceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    helplines: list[Helpline]


def read_helplines(text: str, name: str = RESOURCES) -> dict[str, Helpline]:
    """Helplines by country. Raises UsageError that names a mistake."""
    try:
        lines = msgspec.convert(tomllib.loads(text), _ResourceFile).helplines
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{name}: {error}", "Mend the entry that is named.") from error
    by_country: dict[str, Helpline] = {}
    for line in lines:
        if line.country in by_country:
            raise UsageError(f"{name}: two entries for {line.country}.", "Keep one of them.")
        if not any(char.isdigit() for char in line.number):
            raise UsageError(f"{name}: {line.name} has no number.", "Give it one.")
        by_country[line.country] = line
    return by_country


@cache
def _default() -> dict[str, Helpline]:
    return read_helplines(files("voice_regen.dialogue").joinpath(RESOURCES).read_text("utf-8"))


def helpline_for(country: str | None) -> Helpline | None:
    """The line of a country (ISO 3166, any case); ``None`` where none is known."""
    return _default().get(country.upper()) if country else None


def spoken_number(number: str) -> str:
    """Digit by digit, in groups that can be written down: "nine, eight, eight"."""
    groups = "".join(char if char.isdigit() else " " for char in number).split()
    if len(groups) == 1 and len(groups[0]) > 4:
        whole = groups[0]
        groups = [whole[at : at + 3] for at in range(0, len(whole), 3)]
    return ", ".join(", ".join(_DIGITS[int(digit)] for digit in group) for group in groups)
