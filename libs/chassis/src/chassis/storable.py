"""Which texts of outside can be hashed, compared, sent on and stored, and which numbers a form may hold."""

from typing import TypeGuard

MOST_DIGITS = 9
"""Digits that every column of whole numbers holds, and that Python reads without a limit of its own."""


def is_storable(value: object) -> TypeGuard[str]:
    """Whether something is a text of whole characters without NUL.

    JSON can hold halves of surrogate pairs as escapes, and Python reads them: such a text has no bytes, so nothing that hashes,
    compares or stores it can take it. PostgreSQL stores no NUL.
    """
    if not isinstance(value, str) or "\0" in value:
        return False
    # Without the try most texts are known to be whole: ASCII is looked up, not searched.
    return value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)


def whole(text: str, otherwise: int = -1, digits: int = MOST_DIGITS) -> int:
    """A whole number from a form or an address, or `otherwise` for whatever is none: other digits than 0 to 9, or too many."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else otherwise


def length_of(header: bytes) -> int:
    """The bytes that a header Content-Length declares; 0 where it says nothing, more than any limit where it says too much."""
    if not header.isdigit():
        return 0
    return int(header) if len(header) <= _LENGTH_DIGITS else _ENDLESS


_LENGTH_DIGITS = 18
_ENDLESS = 2**63
