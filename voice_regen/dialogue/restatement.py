"""The caller's own words, turned round: "I lost my job." -> "You lost your job."

Only what is surely right is turned: a short plain statement in the first person, all words
recognised well. Anything else gives nothing; saying nothing beats saying it wrong.
"""

from __future__ import annotations

import re

from voice_regen.types import Perception

LEAST_PROBABILITY = 0.5
"""A word recognised less surely is never said back."""
LONGEST_WORDS = 12
SHORTEST_WORDS = 3

_TURNED = {
    "i": "you",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "we": "you",
    "we're": "you're",
    "we've": "you've",
    "we'll": "you'll",
    "our": "your",
    "us": "you",
}
_WAS = re.compile(r"\byou was\b")
_STARTS = ("i", "i'm", "i've", "i'll", "i'd", "my", "we", "we're", "we've", "our")
_REFUSED = re.compile(
    r"\b(?:you|your|you're|yours|what|why|how|when|where|who|maybe|well|yes|no|okay|hello|hi|"
    r"please|thanks|thank|sorry|um|uh|wonder|said|say|says)\b"
)
_LEADING = re.compile(r"^(?:and|but|so|because|just|then)\s+", re.IGNORECASE)


def restate(perceptions: tuple[Perception, ...]) -> str | None:
    """The last plain statement of a turn, said back; ``None`` if it cannot be done well."""
    if not perceptions:
        return None
    last = perceptions[-1]
    if any(word.probability < LEAST_PROBABILITY for word in last.transcript.words):
        return None
    return turn_round(last.transcript.text)


def turn_round(text: str) -> str | None:
    """One sentence, from the first person to the second; ``None`` if it is not surely right."""
    sentences = [s.strip() for s in re.split(r"(?<=[.!?])\s+", text.strip()) if s.strip()]
    if not sentences or sentences[-1].endswith("?"):
        return None
    plain = _LEADING.sub("", sentences[-1].rstrip(".!").replace("’", "'"))
    words = plain.split()
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        return None
    if words[0].lower() not in _STARTS or _REFUSED.search(plain.lower()):
        return None
    turned = [_turned(word) for word in words]
    sentence = _WAS.sub("you were", " ".join(turned))
    return sentence[0].upper() + sentence[1:] + "."


def _turned(word: str) -> str:
    core = word.strip(",;:")
    swapped = _TURNED.get(core.lower())
    return word if swapped is None else word.replace(core, swapped)
