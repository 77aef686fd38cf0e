"""From a plan's moves to phrases that are synthesised one by one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from voice_regen.types import Move, Pause, Say

LONGEST_PHRASE = 200
"""Characters. Longer phrases make the listener wait and the synthesiser drift."""

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,60}>|\[[^\[\]]{0,40}\]|(?<!\*)\*[^*\s][^*]{0,30}\*(?!\*)")
"""Markup and stage directions such as <laugh>, [sighs] or *smiles*: never read out."""
_MARKS = re.compile(r"[*_`#~|\\{}<>^]+")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")
_SPEAKABLE = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text that is synthesised at once."""

    text: str
    first: bool
    """The first of its reply: the listener waits for it."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A pause of the plan."""

    duration_s: float


Item: TypeAlias = Phrase | Silence


def speakable(text: str) -> str:
    """The text without what must not be read aloud: tags, markup, addresses, pictures."""
    text = _TAG.sub(" ", _URL.sub(" ", text))
    text = _MARKS.sub(" ", text)
    text = "".join(" " if _unspoken(char) else char for char in text)
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))


def _unspoken(char: str) -> bool:
    category = unicodedata.category(char)
    if "\ufe00" <= char <= "\ufe0f":  # chooses how the picture before it is drawn
        return True
    return category[0] == "C" or category in ("So", "Sk", "Zl", "Zp")


def split_phrases(text: str) -> list[str]:
    """Sentences; those too long at clauses, then at words. No word is lost or moved."""
    phrases: list[str] = []
    for sentence in _SENTENCE.split(text):
        if len(sentence) <= LONGEST_PHRASE:
            phrases.append(sentence)
        else:
            phrases.extend(_packed(_CLAUSE.split(sentence)))
    return [phrase for phrase in phrases if _SPEAKABLE.search(phrase)]


def _packed(clauses: list[str]) -> Iterator[str]:
    """Clauses joined while they fit; one that never fits is cut between words."""
    line = ""
    for word in (piece for clause in clauses for piece in _pieces(clause)):
        joined = f"{line} {word}".strip()
        if len(joined) > LONGEST_PHRASE and line:
            yield line
            joined = word
        line = joined
    if line:
        yield line


def _pieces(clause: str) -> list[str]:
    if len(clause) <= LONGEST_PHRASE:
        return [clause]
    return [
        word[start : start + LONGEST_PHRASE]
        for word in clause.split()
        for start in range(0, len(word), LONGEST_PHRASE)
    ]


def phrase_items(moves: tuple[Move, ...]) -> Iterator[Item]:
    """Phrases and silences in order."""
    first = True
    for move in moves:
        if isinstance(move, Pause):
            yield Silence(move.duration_s)
        elif isinstance(move, Say):
            for text in split_phrases(speakable(move.text)):
                yield Phrase(text, first)
                first = False
