"""Telephone numbers that can be tapped."""

import re

from markupsafe import Markup, escape

_PHONE = re.compile(r"\b\d[\d ]{1,14}\d\b")


def with_phones(text: str) -> Markup:
    """A text whose telephone numbers can be tapped."""
    parts, end = [], 0
    for found in _PHONE.finditer(text):
        number = found.group()
        parts += [escape(text[end : found.start()]), phone(number)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def phone(number: str) -> Markup:
    """A telephone number that can be tapped; it is written from left to right in every language."""
    digits = "".join(each for each in number if each.isdigit() or each == "+")
    return Markup('<a href="tel:{}" dir="ltr">{}</a>').format(digits, number)
