"""What is known of a person who is looked for, and whether it stands in a text. Pure.

Words are compared without capitals, accents, apostrophes and titles, each word of a name whole; numbers by their digits,
postcodes and mail addresses without spaces and capitals. All words of one name must stand near each other.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

MOST = 12
"""Names, contact details, references: so many of each."""
LONGEST = 200
NEAR = 4
"""So many words may lie between the first and the last word of a name beyond its own number ("Jo, who is Sam Hill's")."""
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "dame", "lady", "lord", "cllr", "councillor", "and"})
_LEAST_DIGITS = 7
_OWN = re.compile(r"(?<=\w)['’‘`´]s\b")
"""Sam's is Sam."""
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\+?[0-9][0-9 ()./-]{5,}[0-9]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the person: names that they have or had, ways to reach them, references, sign-ins and codes as staff."""

    names: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    staff: tuple[str, ...] = field(default=(), repr=False)
    ids: tuple[str, ...] = field(default=(), repr=False)
    """Ids of records that were found in other services."""

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return any((self.names, self.contacts, self.references, self.staff, self.ids))

    def as_dict(self) -> dict[str, list[str]]:
        """As it is kept, sealed."""
        return {name: list(getattr(self, name)) for name in ("names", "contacts", "references", "staff", "ids")}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Asked":
        """Of what was kept."""
        return cls(**{name: tuple(kept.get(name, ())) for name in ("names", "contacts", "references", "staff", "ids")})


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    plain = _OWN.sub("", unicodedata.normalize("NFKD", text.casefold()))
    plain = "".join(each for each in plain if not unicodedata.combining(each) and each not in "'’‘`´")
    return _WORD.findall(plain)


def name_words(name: str) -> list[str]:
    """The words of a name that count: no titles, no initials."""
    return [word for word in words_of(name) if len(word) > 1 and word not in _TITLES]


def squeezed(text: str) -> str:
    """A text without white space and capitals, for mail addresses, postcodes and references."""
    return "".join(text.split()).casefold()


def digits(text: str) -> str:
    """A telephone number in digits, as it is dialled at home."""
    found = "".join(each for each in text if each.isdigit())
    for prefix in ("0044", "44"):
        if found.startswith(prefix) and (text.lstrip().startswith(("+", "00"))):
            return "0" + found.removeprefix(prefix).removeprefix("0")
    return found


def _positions(words: list[str], wanted: set[str]) -> Iterator[tuple[int, str]]:
    for at, word in enumerate(words):
        if word in wanted:
            yield at, word


def has_name(words: list[str], name: list[str]) -> bool:
    """Whether all words of a name stand near each other."""
    wanted = set(name)
    if not wanted:
        return False
    last: dict[str, int] = {}
    for at, word in _positions(words, wanted):
        last[word] = at
        if len(last) == len(wanted) and at - min(last.values()) < len(wanted) + NEAR:
            return True
    return False


class Matcher:
    """Looks for a person in texts; made once for a search."""

    def __init__(self, asked: Asked) -> None:
        self._names = [(name, words) for name in asked.names if (words := name_words(name))]
        self._numbers = [number for each in asked.contacts if len(number := digits(each)) >= _LEAST_DIGITS and "@" not in each]
        self._contacts = [squeezed(each) for each in asked.contacts if any(sign.isalpha() for sign in each)]
        self._references = [squeezed(each) for each in asked.references if len(squeezed(each)) > 2]  # noqa: PLR2004 - no single digits

    def __bool__(self) -> bool:
        """Whether there is anything that can stand in a text."""
        return bool(self._names or self._numbers or self._contacts or self._references)

    def in_text(self, text: str) -> str:
        """What of the person stands in a text, in words that name nobody; empty for nothing."""
        if any(has_name(words, name) for words in [words_of(text)] for _, name in self._names):
            return "the name"
        if self._numbers and any(number == digits(each) for each in _DIGITS.findall(text) for number in self._numbers):
            return "the telephone number"
        pressed = squeezed(text) if self._contacts or self._references else ""
        if any(each in pressed for each in self._contacts):
            return "the address or e-mail"
        if any(_whole(each, pressed) for each in self._references):
            return "the reference"
        return ""

    def in_value(self, value: Any) -> str:
        """What of the person stands in a value of JSON, at whatever place."""
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, dict):
            # Together: a name is in one member, its other half in the next.
            flat = [each for each in value.values() if isinstance(each, str)]
            found = self.in_text(" ".join(flat)) if flat else ""
            return found or next(
                (hit for each in value.values() if not isinstance(each, str) and (hit := self.in_value(each))), ""
            )
        if isinstance(value, list):
            return next((hit for each in value if (hit := self.in_value(each))), "")
        return ""


def _whole(reference: str, text: str) -> bool:
    """Whether a reference stands there and is no piece of a longer number."""
    return re.search(rf"(?<![0-9]){re.escape(reference)}(?![0-9])", text) is not None


def uuids(given: tuple[str, ...]) -> list[UUID]:
    """Those that are ids."""
    found = []
    for each in given:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found
