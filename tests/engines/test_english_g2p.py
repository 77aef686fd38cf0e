"""English to Kokoro's phonemes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voice_regen.engines.english_g2p import EnglishPhonemes
from voice_regen.engines.kokoro import _load_vocabulary


@cache
def g2p() -> EnglishPhonemes:
    return EnglishPhonemes()


def sounds(text: str) -> str:
    return g2p().phonemes(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It’s fine.", "It's fine."),
        ("I am on the 21st.", "I am on the twenty first."),
        ("It costs $45.", "It costs forty five dollars."),
        ("It costs $1.", "It costs one dollar."),
        ("50% of it", "fifty percent of it"),
        ("1,000 days", "one thousand days"),
        ("You  and\tme", "You and me"),
        ("and/or", "and or"),
        ("salt+vinegar", "salt plus vinegar"),
        ("Dr. Smith is in", "Dr Smith is in"),
        ("at 10am", "at 10 a.m."),
        ("by 5 PM.", "by five p.m.."),
        ("at 3:30pm, then", "at three thirty p.m., then"),
        ("me vs. you", "me versus you"),
        ("cafe\u0301", "café"),
        ("I am <b>here</b>.", "I am here."),
    ],
)
def test_written_otherwise_said_the_same(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("the apple", "ði "),
        ("the pear", "ðə "),
        ("I hear you.", "I hˈɪɹ ju."),
        ("don't", "dˈOnt"),
        ("what?", "?"),
        ("I have read it.", "ɹˈɛd"),
        ("to read", "ɹˈid"),
        ("I am 10 am I not", "tˈɛn ˌAˈɛm"),
        ("all 300 am I", "hˈʌndɹəd ɐm"),
        ("You sound upset.", "ˌʌpsˈɛt"),
        ("people who live there", "lˈɪv"),
        ("very close to you", "klˈOs"),
        ("the shop could close", "klˈOz"),
    ],
)
def test_sound_by_context(text: str, part: str) -> None:
    assert part in sounds(text)


def test_i_is_never_swallowed() -> None:
    for text in ("I hear you.", "So I think I'm fine.", "I'd say I've seen it."):
        assert sounds(text).count("I") >= 1


def test_names_come_from_espeak() -> None:
    assert len(sounds("Siobhan Krzyzewski")) > 8
    assert sounds("Siobhan's") == sounds("Siobhan") + "z"


@pytest.mark.parametrize("text", ["你好", "Привет", "مرحبا", "😀", "ˈʤː", "\ud800", "\x00"])
def test_what_cannot_be_said_in_english_is_silent(text: str) -> None:
    assert sounds(text) == ""


def test_names_may_be_asked_for_from_many_threads() -> None:
    names = ["Siobhan", "Krzyzewski", "Nguyenova", "Bjorklund"] * 8
    alone = {name: sounds(name) for name in names}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(sounds, names))
    assert together == [alone[name] for name in names]


@hypothesis_settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_gives_only_what_the_voice_knows(text: str) -> None:
    vocabulary = _load_vocabulary()
    unknown = {each for each in sounds(text) if each not in vocabulary}
    assert not unknown


@given(st.lists(st.sampled_from("I you the a hear, feel. sad? apple it's don't 21".split())))
def test_punctuation_is_kept(words: list[str]) -> None:
    text = " ".join(words)
    for mark in ",.?":
        assert sounds(text).count(mark) == text.count(mark)
