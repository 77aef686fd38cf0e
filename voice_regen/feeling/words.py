"""What the words say: a small lexicon of feelings with negation and strength.

Our own list. A trained model follows; this one is readable, and says "nothing" most often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from voice_regen.feeling.cues import Cue


@dataclass(frozen=True, slots=True)
class WordFeeling:
    """What one word tells; each in its dimension's scale."""

    valence: float
    distress: float = 0.0
    frustration: float = 0.0


_GRIEF = WordFeeling(-0.7, 0.7)
_FEAR = WordFeeling(-0.6, 0.7)
_DESPAIR = WordFeeling(-0.9, 0.9)
_ANGER = WordFeeling(-0.6, 0.4, 0.7)
_STRAIN = WordFeeling(-0.5, 0.5)
_GLAD = WordFeeling(0.7)
_EASE = WordFeeling(0.5)

_LEXICON: dict[str, WordFeeling] = {
    **dict.fromkeys(
        (
            "sad sadness crying cry cried grief grieving miss lonely alone heartbroken hurt "
            "hurts died death lost loss funeral unhappy miserable depressed depressing down "
            "low"
        ).split(),
        _GRIEF,
    ),
    **dict.fromkeys(
        (
            "afraid scared frightened fear anxious anxiety panic panicking worried worry "
            "worrying terrified nervous dread unsafe"
        ).split(),
        _FEAR,
    ),
    **dict.fromkeys(
        ("hopeless worthless pointless unbearable desperate trapped empty numb useless").split(),
        _DESPAIR,
    ),
    **dict.fromkeys(
        (
            "angry furious annoyed annoying frustrated frustrating mad hate unfair ridiculous "
            "rage fed sick"
        ).split(),
        _ANGER,
    ),
    **dict.fromkeys(
        (
            "stressed stress overwhelmed overwhelming exhausted tired struggling hard "
            "difficult awful terrible horrible bad worse worst guilty ashamed embarrassed "
            "failed failing fired divorce pain sleepless"
        ).split(),
        _STRAIN,
    ),
    **dict.fromkeys(
        (
            "happy glad wonderful great excited exciting proud delighted amazing fantastic "
            "love joy thrilled lovely"
        ).split(),
        _GLAD,
    ),
    **dict.fromkeys(
        ("better calm calmer relieved relief grateful thankful hopeful").split(), _EASE
    ),
}
_NOT_FEELING = {
    ("hate", "to"),
    ("sick", "leave"),
    ("down", "the"),
    ("low", "on"),
    ("hard", "drive"),
}
_NEGATIONS = frozenset(
    ("not no never isn't wasn't don't didn't doesn't can't couldn't won't").split()
)
_STRONGER = frozenset(("very so really too extremely completely totally absolutely").split())
_WEAKER = frozenset(("bit little slightly somewhat kinda").split())
_FILLERS = re.compile(r"\b(?:um+|uh+|er+m?|hmm+)\b")
_FLAT_DENIAL = re.compile(r"\b(?:i'm|i am|it's|everything's) (?:fine|okay|ok|alright|all right)\b")
_NOT_HEARD = re.compile(
    r"\b(?:you(?:'re| are) not listening|not what i (?:said|meant)|i (?:already|just) (?:said|told)"
    r"|you don't (?:understand|get it)|that(?:'s| is) wrong|stop (?:saying|asking))\b"
)


def word_cues(text: str) -> Iterator[Cue]:
    """Cues of a transcript, strongest word first to last."""
    lowered = text.lower().replace("’", "'")
    tokens = re.findall(r"[a-z']+", lowered)
    for at, token in enumerate(tokens):
        yield from _cues_of_word(tokens, at, token)
    if _NOT_HEARD.search(lowered):
        yield Cue("frustration", 0.9, 0.8, "they say that they were not understood")
    fillers = len(_FILLERS.findall(lowered))
    if fillers:
        yield Cue("hesitation", min(1.0, 0.3 * fillers), 0.3, f"{fillers} filled pauses")
    if tokens:
        yield _openness(tokens)


def says_fine(text: str) -> bool:
    """True for "I'm fine" and its like: a cue only beside a voice that says otherwise."""
    return _FLAT_DENIAL.search(text.lower().replace("’", "'")) is not None


def _cues_of_word(tokens: list[str], at: int, token: str) -> Iterator[Cue]:
    feeling = _LEXICON.get(token)
    if feeling is None or (token, *tokens[at + 1 : at + 2]) in _NOT_FEELING:
        return
    before = tokens[max(0, at - 3) : at]
    strength = _strength(before)
    if any(word in _NEGATIONS for word in before):
        # "Not happy" is unhappy, a little; "not sad" is no joy.
        valence = -0.4 * feeling.valence if feeling.valence > 0 else 0.1
        yield Cue("valence", valence, 0.3, f"they said they are not “{token}”")
        return
    reason = f"they said “{token}”"
    yield Cue("valence", feeling.valence, 0.4 * strength, reason)
    if feeling.distress:
        yield Cue("distress", feeling.distress, 0.45 * strength, reason)
    elif feeling.valence > 0:
        yield Cue("distress", 0.0, 0.25 * strength, reason)
    if feeling.frustration:
        yield Cue("frustration", feeling.frustration, 0.4 * strength, reason)


def _strength(before: list[str]) -> float:
    if any(word in _STRONGER for word in before):
        return 1.4
    return 0.6 if any(word in _WEAKER for word in before) else 1.0


def _openness(tokens: list[str]) -> Cue:
    own = sum(token in ("i", "i'm", "i've", "my", "me", "myself") for token in tokens)
    level = min(1.0, 0.2 + 0.02 * len(tokens) + 0.08 * own)
    return Cue("openness", level, 0.3, f"they said {len(tokens)} words, {own} about themselves")
