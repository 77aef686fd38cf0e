"""The plain form of an utterance that safety rules are matched on, and the way back.

Lower case, straight apostrophes, one space between words, fillers and stutters left out, written
and spoken short forms made one ("wanna", "dont"), and word sequences that recognisers make of
crisis words put right ("sewer side"). Every plain word knows where it came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?|[.!?;]+", re.UNICODE)
_FILLERS = frozenset("um uh uhm umm erm er hmm mm mhm ah eh äh ähm euh".split())
SENTENCE_END = "."

Misheard: TypeAlias = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]
"""By the first word: sequences as they are heard, longest first, and what was said instead."""

_SHORT_FORMS = {
    "im": "i'm",
    "ive": "i've",
    "dont": "don't",
    "doesnt": "doesn't",
    "didnt": "didn't",
    "cant": "can't",
    "cannot": "can't",
    "wont": "won't",
    "wouldnt": "wouldn't",
    "couldnt": "couldn't",
    "shouldnt": "shouldn't",
    "isnt": "isn't",
    "wasnt": "wasn't",
    "arent": "aren't",
    "aint": "isn't",
    "ain't": "isn't",
    "hasnt": "hasn't",
    "havent": "haven't",
    "hes": "he's",
    "shes": "she's",
    "theyre": "they're",
    "youre": "you're",
    "theres": "there's",
    "thats": "that's",
    "whats": "what's",
    "wanna": "want to",
    "gonna": "going to",
    "gotta": "got to",
    "imma": "i'm going to",
    "everybody": "everyone",
    "nobody": "no one",
    "somebody": "someone",
    "anybody": "anyone",
    "mum": "mom",
    "mummy": "mom",
    "mommy": "mom",
    "mama": "mom",
    "daddy": "dad",
    "papa": "dad",
    "til": "until",
    "till": "until",
    "pls": "please",
    "u": "you",
    "ur": "your",
    "n't": "not",
    "'em": "them",
    "em": "them",
}
_TWO_WORDS = {
    ("can", "not"): "can't",
    ("do", "not"): "don't",
    ("does", "not"): "doesn't",
    ("did", "not"): "didn't",
    ("will", "not"): "won't",
    ("would", "not"): "wouldn't",
    ("could", "not"): "couldn't",
    ("is", "not"): "isn't",
    ("was", "not"): "wasn't",
    ("are", "not"): "aren't",
    ("has", "not"): "hasn't",
    ("have", "not"): "haven't",
    ("i", "am"): "i'm",
    ("i", "have"): "i've",
    ("i", "will"): "i'll",
    ("i", "would"): "i'd",
    ("he", "is"): "he's",
    ("she", "is"): "she's",
    ("they", "are"): "they're",
    ("there", "is"): "there's",
    ("any", "more"): "anymore",
    ("no", "body"): "no one",
    ("some", "body"): "someone",
    ("every", "body"): "everyone",
    ("every", "one"): "everyone",
    ("good", "bye"): "goodbye",
    ("my", "self"): "myself",
    ("him", "self"): "himself",
    ("her", "self"): "herself",
    ("them", "selves"): "themselves",
}


@dataclass(frozen=True, slots=True)
class PlainWord:
    """A word of the plain form and the stretch of the text that it stands for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """Plain words joined by single spaces."""

    words: tuple[PlainWord, ...]
    text: str
    offsets: tuple[int, ...]
    """Where each word begins in ``text``."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of ``text`` as a stretch of what was said."""
        inside = [
            word
            for word, at in zip(self.words, self.offsets, strict=True)
            if at < end and at + len(word.text) > start
        ]
        return inside[0].start, inside[-1].end


def plain_text(text: str, misheard: Misheard | None = None) -> PlainText:
    """The plain form of any text, misheard words put right."""
    words = _without_stutter(_two_words_as_one(_words(text)))
    if misheard:
        words = _put_right(words, misheard)
    offsets: list[int] = []
    at = 0
    for word in words:
        offsets.append(at)
        at += len(word.text) + 1
    return PlainText(tuple(words), " ".join(word.text for word in words), tuple(offsets))


def _words(text: str) -> list[PlainWord]:
    found = []
    for match in _TOKEN.finditer(_same_length(text)):
        word = match.group()
        if not word[0].isalnum():
            # Three dots are a hesitation, not an end.
            word = "" if ".." in word else ("?" if "?" in word else SENTENCE_END)
        elif word in _FILLERS:
            word = ""
        else:
            word = _SHORT_FORMS.get(word.rstrip("'"), word.rstrip("'"))
        if word:
            found.append(PlainWord(word, match.start(), match.end()))
    return found


def _same_length(text: str) -> str:
    """Lower case and plain letters, character by character."""
    return "".join(map(_plain_letter, text))


def _plain_letter(letter: str) -> str:
    if letter < "\x80":
        return letter.lower()
    if letter in "’‘`´ʼ＇":
        return "'"
    if letter == "…":
        return " "
    if unicodedata.combining(letter):
        return " "
    simple = unicodedata.normalize("NFKC", letter).lower()
    return simple if len(simple) == 1 else letter


def _two_words_as_one(words: Sequence[PlainWord]) -> list[PlainWord]:
    out: list[PlainWord] = []
    for word in words:
        joined = _TWO_WORDS.get((out[-1].text, word.text)) if out else None
        if joined is not None:
            out[-1] = PlainWord(joined, out[-1].start, word.end)
        else:
            out.append(word)
    return out


def _without_stutter(words: list[PlainWord]) -> list[PlainWord]:
    """ "i i want want to" is said once; so is "i want to i want to"."""
    out: list[PlainWord] = []
    for word in words:
        out.append(word)
        for length in (1, 2, 3):
            last = [one.text for one in out[-length:]]
            before = [one.text for one in out[-2 * length : -length]]
            if last == before:
                del out[-length:]
                break
    return out


def _put_right(words: list[PlainWord], misheard: Misheard) -> list[PlainWord]:
    out: list[PlainWord] = []
    at = 0
    while at < len(words):
        length, word = _heard_wrong(words, at, misheard) or (1, words[at])
        out.append(word)
        at += length
    return out


def _heard_wrong(
    words: list[PlainWord], at: int, misheard: Misheard
) -> tuple[int, PlainWord] | None:
    """How many words from ``at`` on are one misheard, and what was said instead."""
    for heard, said in misheard.get(words[at].text, ()):
        found = words[at : at + len(heard)]
        if tuple(word.text for word in found) == heard:
            return len(heard), PlainWord(said, found[0].start, found[-1].end)
    return None
