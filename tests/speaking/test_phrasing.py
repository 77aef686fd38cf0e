"""Phrases: all words, in order, nothing that must not be read aloud."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.config import Settings
from voice_regen.dialogue.planner import Planner
from voice_regen.speaking.phrasing import (
    LONGEST_PHRASE,
    Phrase,
    Silence,
    phrase_items,
    speakable,
    split_phrases,
)
from voice_regen.types import Pause, PauseKind, Say

words = st.lists(
    st.sampled_from("I hear you and that, so hard; it is. What now? No! long— well: yes".split()),
    max_size=120,
)


@given(words)
def test_no_word_is_lost_or_moved(spoken: list[str]) -> None:
    text = " ".join(spoken)
    phrases = split_phrases(text)
    assert " ".join(phrases).split() == text.split()
    assert all(0 < len(phrase) <= LONGEST_PHRASE for phrase in phrases)


@given(st.text(max_size=2000))
def test_any_text_becomes_short_phrases(text: str) -> None:
    for phrase in split_phrases(speakable(text)):
        assert 0 < len(phrase) <= LONGEST_PHRASE
        assert re.search(r"\w", phrase)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("I hear you.", "I hear you."),
        ("<laugh> I hear *smiles* you.", "I hear you."),
        ("[sighs] That's hard.", "That's hard."),
        ("See https://example.org/a?b=c for more.", "See for more."),
        ("**Well**, `yes`.", "Well, yes."),
        ("One 🙂 two ❤️ three", "One two three"),
        ("tab\tand\nline\x00end", "tab and line end"),
        ("   ", ""),
        ("I do *not* blame you.", "I do not blame you."),
        ("It *takes* time; 2 * 3 * 4.", "It takes time; 2 3 4."),
        ("*softly sighs* Yes. *nods slowly*", "Yes."),
        ("I < 3 words > gone", "I 3 words gone"),
        ("Look (https://a.org/b). Then rest.", "Look. Then rest."),
        ("soft\u00adhy\u200bphen do\u200dne", "softhyphen done"),
        ("👨\u200d👩\u200d👧 family", "family"),
        ('Read <a href="https://x.org/y">the page</a> now.', "Read the page now."),
        (f'<prosody rate="slow" contour="{"(0%,+20Hz)" * 20}">Yes.</prosody>', "Yes."),
        ("See [the crisis line](https://x.org/a) now.", "See the crisis line now."),
        ("Look ![a cat](cat.png) here.", "Look here."),
        ("I&#39;m here &amp; listening&nbsp;now.", "I'm here & listening now."),
        ("&lt;b&gt;Yes&lt;/b&gt; AT&T &c", "Yes AT&T &c"),
        ("I don`t and can´t.", "I don't and can't."),
        ("<|endoftext|> Hello.", "Hello."),
        ("1\ufe0f\u20e3 first", "1 first"),
        ("a < b and c > d", "a b and c d"),
    ],
)
def test_markup_and_pictures_are_never_read_out(text: str, spoken: str) -> None:
    assert speakable(text) == spoken


def test_moves_become_items_in_order() -> None:
    moves = (
        Say("I hear you."),
        Pause(0.5, PauseKind.RECEIVING),
        Say("That is hard. What now?"),
        Say("🙂"),
    )
    assert list(phrase_items(moves)) == [
        Phrase("I hear you.", first=True),
        Silence(0.5),
        Phrase("That is hard.", first=False),
        Phrase("What now?", first=False),
    ]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Dr. Ann is here. So is J. Smith.", ["Dr. Ann is here.", "So is J. Smith."]),
        ("Rest, e.g. a walk. Then I. You too.", ["Rest, e.g. a walk.", "Then I.", "You too."]),
        ("You said “no.” Then what?", ["You said “no.”", "Then what?"]),
        ("(Take time.) Well... yes.", ["(Take time.)", "Well...", "yes."]),
        ("It took 3.5 hours? Oh!", ["It took 3.5 hours?", "Oh!"]),
    ],
)
def test_sentences_end_where_a_reader_would_pause(text: str, phrases: list[str]) -> None:
    assert split_phrases(text) == phrases


def test_every_opener_of_the_planner_is_one_phrase_as_it_is_cached() -> None:
    for opener in Planner(Settings().care).openers:
        assert list(phrase_items((Say(opener),))) == [Phrase(opener, first=True)]
