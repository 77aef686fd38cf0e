"""English text to the phonemes that Kokoro was trained on.

Pronunciations come from misaki's lexicon (Apache-2.0), the one Kokoro was trained with; words
that it does not hold (mostly names) from espeak-ng. Letting espeak-ng do whole sentences is
easier and worse: the voice then swallows "I" (see docs/benchmarks.md).
"""

from __future__ import annotations

import re
import sys
import types
import warnings
from typing import Any

from voice_regen.engines.espeak import open_espeak
from voice_regen.errors import MissingExtraError

_TOKEN = re.compile(
    r"""
    [$£€]?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?%?      # numbers, money, ordinals
    | (?:[^\W\d_]\.){2,}                            # U.S.
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

_VERB_AFTER = frozenset(("to", "i", "you", "we", "they", "will", "would", "can", "could", "don't"))
"""After these a word that is noun or verb ("record", "live") is a verb."""

_CONTRACTIONS = {"n't": "ᵊnt", "'m": "m", "'re": "ɹ", "'ve": "v", "'ll": "l", "'d": "d"}
_CONTRACTED = re.compile(r"(?i)^(.+?)(n't|'m|'re|'ve|'ll|'d|'s|')$")

_UNITS = {"$": ("dollar", "dollars"), "£": ("pound", "pounds"), "€": ("euro", "euros")}

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

    def phonemes(self, text: str) -> str:
        """Phonemes of a phrase, its punctuation kept: that is what the voice breathes by."""
        tokens = _TOKEN.findall(_DASHES.sub(" — ", text.translate(_QUOTES)))
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
        return re.sub(r"\s+", " ", "".join(reversed(spoken))).strip()

    # -- tokens ------------------------------------------------------------------------

    def _sound(self, token: str, previous: str, vowel_follows: bool | None, next_word: str) -> str:
        if any(char.isdigit() for char in token):
            return self.phonemes(_number_words(token))
        if not token[0].isalpha():
            return {"&": self._word("and", "", vowel_follows, ""), "-": " "}.get(token, "")
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
        tag = _TAGS.get(word.lower()) or ("VB" if previous in _VERB_AFTER else "NN")
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
        if self._espeak is None:
            self._espeak = open_espeak("en-us")
        sound = str(self._espeak.phonemize([word], strip=True)[0]).strip()
        for theirs, ours in _ESPEAK_TO_KOKORO:
            sound = sound.replace(theirs, ours)
        return sound.replace("_", "").replace("-", "")


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


def _number_words(token: str) -> str:
    """Digits as words: "21st", "$4.50", "30%"."""
    from num2words import num2words

    match = re.match(r"([$£€]?)([\d,.]*\d)(st|nd|rd|th)?(%?)", token)
    if match is None:
        return ""
    unit, digits, ordinal, percent = match.groups()
    digits = digits.replace(",", "")
    number = float(digits) if "." in digits else int(digits)
    if unit:
        whole, cents = int(number), round(100 * (number - int(number)))
        words = f"{num2words(whole)} {_UNITS[unit][whole != 1]}"
        return words + (f" and {num2words(cents)} cents" if cents else "")
    words = str(num2words(number, to="ordinal") if ordinal else num2words(number))
    return words.replace("-", " ") + (" percent" if percent else "")


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
