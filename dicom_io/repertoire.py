"""Texts of ours in the character set of the source: its names stay as they are, so our words give way. Pure."""

import unicodedata
from typing import Final

from pydicom.charset import python_encoding
from pydicom.dataset import Dataset

_ASCII_ONLY: Final = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})


def writable(text: str, *, header: Dataset) -> str:
    """text, or the nearest ASCII if the one character set that header names cannot hold it.

    Where header names several, what is not ASCII gives way too: switching between them is for names, not for us.
    """
    if text.isascii() or _holds(text, charset=header.get("SpecificCharacterSet")):
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return plain.translate(_DASHES).encode("ascii", "replace").decode("ascii")


def _holds(text: str, *, charset: object) -> bool:
    if not isinstance(charset, str) or charset in _ASCII_ONLY or charset not in python_encoding:
        return False
    try:
        text.encode(python_encoding[charset])
    except UnicodeEncodeError:
        return False
    return True


_DASHES: Final = str.maketrans({"–": "-", "—": "-", "−": "-", "×": "x", "±": "+-", "“": '"', "”": '"', "’": "'"})
