"""English text to the phonemes that Kokoro was trained on.

Pronunciations come from misaki's lexicon (Apache-2.0), the one Kokoro was trained with; words
that it does not hold (mostly names) from espeak-ng. Letting espeak-ng do whole sentences is
easier; it was seen to make the voice swallow "I" (docs/decisions/0005-espeak-ng.md), though not on
the ten sentences of docs/benchmarks/synthesis.md.
"""

from __future__ import annotations

import re
import sys
import threading
import types
import warnings
from typing import Any

from voice_regen.engines.english_numbers import CLOCK, GROUPS, NUMBER, number_words
from voice_regen.engines.espeak import open_espeak
from voice_regen.engines.plain_text import plain_text
from voice_regen.errors import MissingExtraError

_TOKEN = re.compile(
    rf"""
    {CLOCK} | {GROUPS} | {NUMBER}
    | (?:[^\W\d_]\.){{2,}}                          # U.S.
    | (?:Mr|Mrs|Ms|Dr|St|vs)\.(?=\s*\w)             # their full stop ends no sentence
    | [^\W\d_]+(?:'[^\W\d_]+)*'?                    # words, contractions
    | [.,!?;:—…"()“”]
    | \s+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_PUNCTUATION = frozenset('.,!?;:—…"()“”')
_ENDS_CLAUSE = frozenset(".,!?;:—…")
_VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
_CONSONANTS = frozenset("bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "–": "—", "‐": "-", "‑": "-"})
_HALF_DAY = re.compile(
    r"(?<![\w.,:])((?:1[0-2]|0?[1-9])(?::[0-5]\d)?)\s?([ap])m\b(?!\.?\w)", re.IGNORECASE
)
"""As in "10am" and "5 pm", of which the letters are said."""
_DASHES = re.compile(r"\s+-+\s+|--+")

_TAGS = {
    **dict.fromkeys(("a", "an", "the", "this", "these", "those"), "DT"),
    **dict.fromkeys(("i", "you", "we", "they", "it", "he", "she"), "PRP"),
    **dict.fromkeys(("in", "by", "of", "with", "for", "from", "at", "on"), "IN"),
    **dict.fromkeys(("am", "are", "do", "have"), "VBP"),
    "to": "TO",
    "used": "VBD",
}
"""Parts of speech of the few words whose sound depends on them; others take the default."""

_VERB_AFTER = frozenset(
    "to i you we they who will would can could should may might must cannot let's please "
    "don't doesn't didn't won't wouldn't can't couldn't shouldn't "
    "i'll you'll we'll they'll i'd you'd we'd they'd".split()
)
"""After these a word that is noun or verb ("record", "live") is a verb."""

_ADJECTIVES = frozenset(("close", "content", "upset"))
"""Words of which a feeling is more often told than a thing named."""

_HAVE = frozenset("have has had having haven't hasn't hadn't i've you've we've they've".split())

_CONTRACTIONS = {"n't": "ᵊnt", "'m": "m", "'re": "ɹ", "'ve": "v", "'ll": "l", "'d": "d"}
_CONTRACTED = re.compile(r"(?i)^(.+?)(n't|'m|'re|'ve|'ll|'d|'s|')$")

_WRITTEN_SHORT = {"vs": "versus"}
_SYMBOLS = {"&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent"}

_ESPEAK_TO_KOKORO = (
    *(("ˈeɪ", "ˈA"), ("ˌeɪ", "ˌA"), ("eɪ", "A"), ("aɪ", "I"), ("ɔɪ", "Y"), ("oʊ", "O")),
    *(("əʊ", "O"), ("aʊ", "W"), ("dʒ", "ʤ"), ("tʃ", "ʧ"), ("ɜː", "ɜɹ"), ("ɝ", "ɜɹ")),
    *(("ɚ", "əɹ"), ("l̩", "əl"), ("n̩", "ən"), ("ɬ", "l"), ("r", "ɹ"), ("x", "k")),
    *(("ç", "k"), ("ɐ", "ə"), ("e", "A"), ("o", "O"), ("ː", ""), ("̃", ""), ("ʔ", "t")),
)


class EnglishPhonemes:
    """Grapheme to phoneme for American English; one object serves all calls."""

    def __init__(self) -> None:
        """Load the lexicon. Raises MissingExtraError without misaki."""
        self._misaki = _import_misaki()
        with warnings.catch_warnings():
            # misaki reads its data by a way that Python means to drop; it still works.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._lexicon: Any = self._misaki.Lexicon(british=False)
        self._espeak: Any = None
        # espeak-ng is one voice with a state of its own; two calls may not speak to it at once.
        self._lock = threading.Lock()

    def phonemes(self, text: str) -> str:
        """Phonemes of a phrase, its punctuation kept: that is what the voice breathes by."""
        plain = _HALF_DAY.sub(r"\1 \2.m.", plain_text(text, latin_only=True))
        tokens = _TOKEN.findall(_DASHES.sub(" — ", plain.translate(_QUOTES)))
        spoken: list[str] = []
        vowel_follows: bool | None = None
        next_word = ""
        # From the right: "the", "a" and "to" sound by what follows them.
        for at in range(len(tokens) - 1, -1, -1):
            token = tokens[at]
            if token.isspace():
                spoken.append(" ")
            elif token in _PUNCTUATION:
                spoken.append(token)
                if token in _ENDS_CLAUSE:
                    vowel_follows = None
            else:
                previous = _word_before(tokens, at)
                sound = self._sound(token, previous, vowel_follows, next_word)
                spoken.append(sound)
                vowel_follows = _begins_with_vowel(sound, vowel_follows)
                next_word = token.lower()
        line = re.sub(r"\s+", " ", "".join(reversed(spoken))).strip()
        return re.sub(r" (?=[.,!?;:…])", "", line)

    # -- tokens ------------------------------------------------------------------------

    def _sound(self, token: str, previous: str, vowel_follows: bool | None, next_word: str) -> str:
        if any(char.isdigit() for char in token):
            return self.phonemes(number_words(token))
        if not token[0].isalpha():
            spoken = _SYMBOLS.get(token)
            return f" {self._word(spoken, '', vowel_follows, '')} " if spoken else " "
        if token.endswith(".") and token.count(".") == 1:
            token = token[:-1]
        token = _WRITTEN_SHORT.get(token.lower(), token)
        return self._word(token, previous, vowel_follows, next_word)

    def _word(self, word: str, previous: str, vowel_follows: bool | None, next_word: str) -> str:
        known = self._look_up(word, previous, vowel_follows, next_word)
        if known is not None:
            return known
        if contracted := _CONTRACTED.match(word):
            stem = self._word(contracted[1], previous, None, "")
            return self._with_ending(stem, contracted[2].lower())
        return self._unknown(word)

    def _look_up(
        self, word: str, previous: str, vowel_follows: bool | None, next_word: str
    ) -> str | None:
        context = self._misaki.TokenContext(future_vowel=vowel_follows, future_to=next_word == "to")
        tag = _part_of_speech(word.lower(), previous)
        stress = None if word == word.lower() else self._lexicon.cap_stresses[word.isupper()]
        if word.lower() in _TAGS and len(word) > 1:
            stress = None  # "The" at a sentence's start is not stressed for its capital
        sound, _ = self._lexicon.get_word(word, tag, stress, context)
        return None if sound is None else str(sound)

    def _with_ending(self, stem: str, ending: str) -> str:
        if ending == "'":
            return stem
        if ending == "'s":
            return str(self._lexicon._s(stem) or stem)
        if ending == "'ll" and stem and stem[-1] not in _VOWELS:
            return stem + "əl"
        return stem + _CONTRACTIONS[ending]

    def _unknown(self, word: str) -> str:
        if word.isupper() and len(word) <= 4:
            return self._spelt(word)
        return self._from_espeak(word) or self._spelt(word)

    def _spelt(self, word: str) -> str:
        sounds = []
        for letter in word.upper():
            entry = self._lexicon.golds.get(letter)
            if entry:
                sounds.append(entry if isinstance(entry, str) else entry["DEFAULT"])
        return "".join(sounds)

    def _from_espeak(self, word: str) -> str:
        with self._lock:
            if self._espeak is None:
                self._espeak = open_espeak("en-us")
            sound = str(self._espeak.phonemize([word], strip=True)[0]).strip()
        for theirs, ours in _ESPEAK_TO_KOKORO:
            sound = sound.replace(theirs, ours)
        return sound.replace("_", "").replace("-", "")


def _part_of_speech(word: str, previous: str) -> str:
    if tag := _TAGS.get(word):
        return tag
    if previous in _HAVE and word == "read":
        return "VBN"
    if previous in _VERB_AFTER:
        return "VB"
    return "JJ" if word in _ADJECTIVES else "NN"


def _word_before(tokens: list[str], at: int) -> str:
    for token in reversed(tokens[:at]):
        if not token.isspace():
            return token.lower()
    return ""


def _begins_with_vowel(sound: str, before: bool | None) -> bool | None:
    for char in sound:
        if char in _VOWELS:
            return True
        if char in _CONSONANTS:
            return False
    return before


def _import_misaki() -> Any:
    """misaki.en without spaCy, which only its tagger needs and we do not use."""
    stand_in = "spacy" not in sys.modules
    if stand_in:
        sys.modules["spacy"] = types.ModuleType("spacy")
    try:
        from misaki import en
    except ImportError as error:
        raise MissingExtraError("The voice kokoro", "talk", "misaki") from error
    finally:
        if stand_in:
            del sys.modules["spacy"]
    return en
