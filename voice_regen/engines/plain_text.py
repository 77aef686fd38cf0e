"""What of a text a voice is given: no tags, pictures, control characters or foreign scripts.

A voice reads such things out ("grinning face", "Chinese letter", "slash b") or fails on them.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_APOSTROPHES = str.maketrans(dict.fromkeys("`´ʼ＇", "'"))


def plain_text(text: str, *, latin_only: bool) -> str:
    """Text in which everything that is left can be spoken.

    ``latin_only``: for a voice of a language in Latin script; letters of other scripts are left
    out, digits of other scripts become ours.
    """
    composed = unicodedata.normalize("NFC", text.translate(_APOSTROPHES))
    return "".join(_kept(char, latin_only) for char in _TAG.sub(" ", composed))


def _kept(char: str, latin_only: bool) -> str:
    category = unicodedata.category(char)
    if category == "Cf" or "\ufe00" <= char <= "\ufe0f":  # joiners, soft hyphens, directions
        return ""
    if category in ("Cc", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"):
        return " "
    if not latin_only:
        return char
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category[0] == "M":
        return ""
    if category[0] == "L" and not _is_latin(char):
        return " "
    return char


def _is_latin(char: str) -> bool:
    """Letters that words are written with; phonetic signs are not."""
    return char < "\u0250" or "\u1e00" <= char <= "\u1eff" or "\ufb00" <= char <= "\ufb06"


def cut_at_words(text: str, longest: int) -> list[str]:
    """Pieces of at most ``longest`` characters; only a longer word is cut within."""
    return textwrap.wrap(text, longest, break_on_hyphens=False)
