"""What in a text may be a name or a way to reach somebody. It marks, and a person decides whether the text is saved as it is.

The shapes are simple on purpose: commentary is written by professionals about figures, so a false alarm costs a tick, and what
families said comes in by quotes, which two people have redacted. Full marking of names is the feedback service's.
"""

import re
from collections.abc import Iterator

_TITLES = r"Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Rev|Sir|Lady|Lord"
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    # Full postcodes only: "WR1" alone is a district.
    ("a postcode", re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}\b")),
    ("a name", re.compile(rf"\b(?:{_TITLES})\.?\s+[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?")),
)
_DIGITS = re.compile(r"(?<![\w/.,])(?:\+\d|\(?\d)(?:[ ()-]?\d){9,13}(?![\w/])")
_NHS_DIGITS = 10
_CHECKED_BY = 11  # NHS numbers end in a check digit, modulus 11 (NHS Data Dictionary, "NHS NUMBER")


def marked(words: str) -> tuple[tuple[str, str], ...]:
    """What may say who somebody is: what kind it is, and the words; in the order of the text."""
    return tuple((kind, found) for _, kind, found in sorted(set(_found(words))))


def _found(words: str) -> Iterator[tuple[int, str, str]]:
    for kind, shape in _SHAPES:
        for each in shape.finditer(words):
            yield each.start(), kind, each.group()
    for each in _DIGITS.finditer(words):
        digits = re.sub(r"\D", "", each.group())
        if _is_nhs_number(digits):
            yield each.start(), "an NHS number", each.group()
        elif digits.startswith(("0", "44")):
            yield each.start(), "a telephone number", each.group()


def _is_nhs_number(digits: str) -> bool:
    if len(digits) != _NHS_DIGITS or digits.startswith("0"):
        return False
    total = sum(int(digit) * (_NHS_DIGITS - place) for place, digit in enumerate(digits[:9]))
    return (_CHECKED_BY - total % _CHECKED_BY) % _CHECKED_BY == int(digits[9])
