"""Words that can be heard: how the benches write a text before they count wrong words.

Lower case, no punctuation, digits as words, contractions written out ("it's" = "it is"), a few
spellings made one ("voice mail").
"""

from __future__ import annotations

import re

import jiwer

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SAME = (
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b", "cannot"),
    (r"\bcan not\b", "cannot"),
    (r"n't\b", " not"),
    (r"'ll\b", " will"),
    (r"'ve\b", " have"),
    (r"'re\b", " are"),
    (r"'m\b", " am"),
    (r"'d\b", " would"),
    (r"\blet's\b", "let us"),
    (r"\b(it|that|what|there|here|he|she|who|how|where)'s\b", r"\1 is"),
    (r"\bo'clock\b", "oclock"),
    (r"\baeroplane\b", "airplane"),
    (r"\bok\b", "okay"),
    (r"\be-mail\b", "email"),
    (r"\bvoice mail", "voicemail"),
    (r"\bgood bye\b", "goodbye"),
    (r"#", " pound "),
    (r"%", " percent "),
)


def number_in_words(match: re.Match[str]) -> str:
    """Up to 99 as a number, longer ones digit by digit."""
    digits = match.group()
    if len(digits) > 2 or (len(digits) == 2 and digits[0] == "0"):
        return " " + " ".join(ONES[int(each)] for each in digits) + " "
    value = int(digits)
    if value < 20:
        return f" {ONES[value]} "
    unit = "" if value % 10 == 0 else ONES[value % 10]
    return f" {TENS[value // 10 - 2]} {unit} "


def normalised(text: str) -> str:
    """The words that can be heard."""
    text = text.lower().replace("’", "'")
    for pattern, replacement in SAME:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"\d+", number_in_words, text)
    return " ".join(re.sub(r"[^a-z' ]", " ", text).split())


def word_errors(said: str, heard: str) -> int:
    """Substitutions, deletions and insertions."""
    measured = jiwer.process_words(said, heard)
    return measured.substitutions + measured.deletions + measured.insertions
