"""Digits as English words, as one would say them: prices, years, times, telephone numbers."""

from __future__ import annotations

import re

LONGEST_AMOUNT = 5
"""Digits without separators; more of them are an identifier and read one by one."""

NUMBER = (
    r"(?:(?<!\w)-)?[$£€]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
    r"(?:(?:\s(?:thousand|million|billion|trillion)\b)|(?:(?:st|nd|rd|th)\b)|[%£€])?"
)
CLOCK = r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])"
GROUPS = r"(?<![\w-])\d{1,9}(?:[-—]\d{1,9})+(?![\w-])"
"""A range (5-10) or a telephone number (555-1234)."""

_PARTS = re.compile(
    r"(?P<minus>-?)(?P<before>[$£€]?)(?P<whole>[\d,]+)(?:\.(?P<part>\d+))?"
    r"\s?(?P<scale>thousand|million|billion|trillion)?(?P<ordinal>st|nd|rd|th)?(?P<after>[%£€]?)"
)
_UNITS = {"$": ("dollar", "dollars"), "£": ("pound", "pounds"), "€": ("euro", "euros")}
_DIGITS = "zero one two three four five six seven eight nine".split()


def number_words(token: str) -> str:
    """A token that matched CLOCK, GROUPS or NUMBER in words; "" for anything else."""
    if re.fullmatch(CLOCK, token):
        return _clock(token)
    if re.fullmatch(GROUPS, token):
        return _groups(re.split("[-—]", token))
    match = _PARTS.fullmatch(token)
    return _amount(match) if match else ""


def _amount(match: re.Match[str]) -> str:
    whole, part, scale = match["whole"].replace(",", ""), match["part"], match["scale"]
    unit = match["before"] or match["after"].strip("%")
    if unit and part and len(part) == 2 and not scale:
        spoken = _money(whole, part, unit)
    else:
        plain = not (unit or part or scale or "," in match["whole"] or match["after"])
        spoken = _whole(whole, bool(match["ordinal"]), may_be_year=plain)
        if part:
            spoken += f" point {_one_by_one(part)}"
        if scale:
            spoken += f" {scale}"
        if unit:
            spoken += f" {_UNITS[unit][spoken != 'one']}"
    percent = " percent" if match["after"] == "%" else ""
    return ("minus " if match["minus"] else "") + spoken + percent


def _money(whole: str, cents: str, unit: str) -> str:
    small = "pence" if unit == "£" else "cents"
    amount = _whole(whole, False, may_be_year=False)
    spoken = f"{amount} {_UNITS[unit][amount != 'one']}"
    if not int(cents):
        return spoken
    if cents == "01":
        small = "penny" if unit == "£" else "cent"
    return f"{spoken} and {_words(int(cents))} {small}"


def _whole(digits: str, ordinal: bool, *, may_be_year: bool) -> str:
    """Years as years, identifiers digit by digit, everything else as an amount."""
    telephone = may_be_year and len(digits) > LONGEST_AMOUNT
    if (len(digits) > 1 and digits[0] == "0") or telephone or len(digits) > 15:
        return _one_by_one(digits)
    if ordinal:
        return _words(int(digits), "ordinal")
    if may_be_year and len(digits) == 4 and 1100 <= int(digits) < 2100:
        return _words(int(digits), "year")
    return _words(int(digits))


def _clock(token: str) -> str:
    hour, minute = token.split(":")
    if minute == "00":
        return f"{_words(int(hour))} o'clock" if 1 <= int(hour) <= 12 else f"{_words(int(hour))}"
    spoken = f"oh {_words(int(minute))}" if minute[0] == "0" else _words(int(minute))
    return f"{_words(int(hour))} {spoken}"


def _groups(groups: list[str]) -> str:
    telephone = len(groups) > 2 or (len(groups[0]) == 3 and len(groups[1]) == 4)
    if telephone:
        return ", ".join(_one_by_one(each) for each in groups)
    return " to ".join(_whole(each, False, may_be_year=True) for each in groups)


def _one_by_one(digits: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in digits)


def _words(number: int, kind: str = "cardinal") -> str:
    from num2words import num2words

    return str(num2words(number, to=kind)).replace("-", " ").replace(",", "")
