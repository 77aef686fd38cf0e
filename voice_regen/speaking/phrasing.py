"""From a plan's moves to phrases that are synthesised one by one."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from voice_regen.types import Move, Pause, Say

LONGEST_PHRASE = 200
"""Characters. Longer phrases make the listener wait and the synthesiser drift."""

_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\[\]]{0,200}\]\([^()\s]*\)")
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]*\)")
"""Of [words](address) the words are spoken."""
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)\]]", re.IGNORECASE)
"""Ends before a quotation mark or bracket: an address in a tag must not take the tag's end."""
_STAGE = (
    "smiles|sighs|laughs|nods|pauses|chuckles|breathes|whispers|coughs|gasps|giggles|sobs|"
    "grins|winks|shrugs|leans|clears"
)
_TAG = re.compile(
    r"</?[a-z!][^<>]{0,400}>|<\|\w{1,40}\|>|\[[^\[\]]{0,40}\]"
    rf"|(?<![*\w])\*(?:(?:soft|gent|warm|quiet)ly )?(?:{_STAGE})\b[^*]{{0,30}}\*(?![*\w])",
    re.IGNORECASE,
)
"""Markup and stage directions such as <laugh>, [sighs] or *smiles*: never read out.

Other words between stars are stressed ("I do *not* mind") and are spoken."""
_EMPTY_BRACKETS = re.compile(r"\(\s*\)")
_MARKS = re.compile(r"[*_`#~|\\{}<>^]+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|vs|e\.g|i\.e|[A-HJ-Z])\.$", re.IGNORECASE
)
"""Its full stop ends no sentence; "I." does."""
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")
_APOSTROPHE = re.compile(r"(?<=\w)[`´](?=\w)")
_INSIDE_WORDS = re.compile("[\u00ad\u200b-\u200d\u2060\u20e3\ufeff]")
"""Invisible, or a key's outline; may stand within a word (soft hyphens, joiners)."""
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
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = _LINK.sub(r"\1", _IMAGE.sub(" ", text))
    text = _EMPTY_BRACKETS.sub(" ", _TAG.sub(" ", _URL.sub(" ", text)))
    text = _MARKS.sub(" ", _APOSTROPHE.sub("'", text))
    text = _INSIDE_WORDS.sub("", text)
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
    for sentence in _sentences(text):
        if len(sentence) <= LONGEST_PHRASE:
            phrases.append(sentence)
        else:
            phrases.extend(_packed(_CLAUSE.split(sentence)))
    return [phrase for phrase in phrases if _SPEAKABLE.search(phrase)]


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if end.group().rstrip() != "." or not _ABBREVIATION.search(
            text[start : end.end()].rstrip()
        ):
            yield text[start : end.end()].strip()
            start = end.end()
    yield text[start:].strip()


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
