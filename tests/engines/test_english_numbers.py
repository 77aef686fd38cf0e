"""Digits as one would say them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.engines.english_numbers import CLOCK, GROUPS, NUMBER, number_words

TOKEN = re.compile(f"{CLOCK}|{GROUPS}|{NUMBER}")


def spoken(text: str) -> str:
    return TOKEN.sub(lambda match: number_words(match[0]), text)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("988", "nine hundred and eighty eight"),
        ("1,250", "one thousand two hundred and fifty"),
        ("in 1999", "in nineteen ninety nine"),
        ("in 2026", "in twenty twenty six"),
        ("3000 steps", "three thousand steps"),
        ("741741", "seven four one seven four one"),
        ("0800 1111", "zero eight zero zero eleven eleven"),
        ("555-1234", "five five five, one two three four"),
        ("400-161-9995", "four zero zero, one six one, nine nine nine five"),
        ("5-10 minutes", "five to ten minutes"),
        ("at 3:30", "at three thirty"),
        ("at 9:05", "at nine oh five"),
        ("at 12:00", "at twelve o'clock"),
        ("$1", "one dollar"),
        ("$4.50", "four dollars and fifty cents"),
        ("£1.01", "one pound and one penny"),
        ("$3.5 million", "three point five million dollars"),
        ("45€", "forty five euros"),
        ("3.05", "three point zero five"),
        ("-5 degrees", "minus five degrees"),
        ("21st", "twenty first"),
        ("30%", "thirty percent"),
        ("1, 2, 3", "one, two, three"),
    ],
)
def test_said_as_people_say_it(written: str, said: str) -> None:
    assert spoken(written) == said


@given(st.text("0123456789,.:-$£€% stndh", max_size=40))
def test_no_digit_is_left_and_nothing_fails(text: str) -> None:
    assert not re.search(r"\d", spoken(text))


@pytest.mark.parametrize("length", [16, 400, 5000])
def test_any_length_is_read_digit_by_digit(length: int) -> None:
    assert spoken("1" * length).split() == ["one"] * length
