"""How somebody who asks "where is my complaint?" is found: by reference, name, telephone number, mail address, postcode or day.

Names and ways to reach somebody are sealed, so nothing can be searched in them. What can be asked for is brought into one form
here, word by word; what is stored beside a person is a keyed hash of each, and a question is hashed in the same way.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

MOST_ASKED = 200
MOST_WORDS = 12
_LEAST_DIGITS = 7
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "dame", "lady", "lord", "cllr", "councillor", "mp", "and"})
_EMAIL = re.compile(r"[^\s<>,;@]+@[^\s<>,;@]+")
_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})\b", re.IGNORECASE | re.ASCII)
_PHONE = re.compile(r"(?:\+|\b)[0-9][0-9 ()./-]{5,}[0-9]\b", re.ASCII)
_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,79}", re.ASCII)
_DAY = re.compile(r"([0-9]{1,2})[ ./-]([0-9]{1,2})[ ./-]([0-9]{4}|[0-9]{2})", re.ASCII)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDED_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9}),? ([0-9]{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question can mean: the end of a reference, a day, and what is known of a person, all of which must fit one."""

    reference: str | None
    day: date | None
    person: frozenset[str]

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return self.reference is not None or self.day is not None or bool(self.person)


def asked_in(typed: str) -> Asked:
    """Read a question as it was typed. A thing that can mean two things is looked for as both."""
    question = " ".join(typed.split())[:MOST_ASKED]
    plain = question.replace(" ", "").upper()
    reference = plain if _REFERENCE.fullmatch(plain) and any(each.isdigit() for each in plain) else None
    day = _day(question)
    return Asked(reference, day, frozenset() if day else keys_in(question))


def keys_of(name: str = "", phone: str = "", email: str = "", address: str = "") -> frozenset[str]:
    """Everything under which a person can be asked for. Of an address only the postcode: streets are many people's."""
    found = {f"word {word}" for word in _words(name)}
    # What was typed into the field of another thing is found all the same.
    for text in (name, phone, email, address):
        found |= _marked(text)[0]
    return frozenset(found)


def keys_in(question: str) -> frozenset[str]:
    """What a question asks of a person; empty where it is nothing that a person is found by."""
    found, rest = _marked(question)
    return frozenset({*found, *(f"word {word}" for word in _words(rest))})


def _marked(text: str) -> tuple[set[str], str]:
    """Mail addresses, postcodes and telephone numbers of a text, and what is left of it."""
    found: set[str] = set()
    for each in _EMAIL.findall(text):
        found.add(f"mail {each.casefold()}")
    text = _EMAIL.sub(" ", text)
    for outward, inward in _POSTCODE.findall(text):
        found.add(f"postcode {outward}{inward}".upper())
    text = _POSTCODE.sub(" ", text)
    for each in _PHONE.findall(text):
        number = _number(each)
        if len(number) >= _LEAST_DIGITS:
            found.add(f"phone {number}")
    return found, _PHONE.sub(" ", text)


def _number(typed: str) -> str:
    """A telephone number in digits, a British one as it is dialled at home."""
    digits = "".join(each for each in typed if each.isdigit())
    for prefix in ("0044", "44") if typed.lstrip().startswith(("+44", "0044")) else ():
        if digits.startswith(prefix):
            return "0" + digits.removeprefix(prefix).removeprefix("0")
    return digits


def _words(text: str) -> list[str]:
    """The words of a name without accents, capitals, apostrophes and titles; a letter alone is an initial, and no word."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in plain if not unicodedata.combining(each) and each not in "'’‘`´")
    words = re.findall(r"[^\W_]+", plain)
    return [word for word in words if len(word) > 1 and word not in _TITLES][:MOST_WORDS]


def _day(question: str) -> date | None:
    found = _ISO_DAY.fullmatch(question)
    if found:
        return _date(found[1], found[2], found[3])
    if found := _DAY.fullmatch(question):
        return _date(found[3] if len(found[3]) == 4 else f"20{found[3]}", found[2], found[1])  # noqa: PLR2004 - digits
    if found := _WORDED_DAY.fullmatch(question):
        month = found[2][:3].casefold()
        return _date(found[3], str(_MONTHS.index(month) + 1), found[1]) if month in _MONTHS else None
    return None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
