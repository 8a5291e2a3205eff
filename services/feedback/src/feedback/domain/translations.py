"""How far a translation is: what is missing, what was made from another English, what looks as if it were not translated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from feedback.domain.draft import Draft
from feedback.domain.wordings import Wording, wordings
from feedback.domain.words import ENGLISH

_NUMBERS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Translated:
    """A wording beside its translation. `source` is the English that the translation was made from, where it is another now."""

    wording: Wording
    text: str
    source: str | None

    @property
    def other_numbers(self) -> bool:
        """Whether a number stands in one and not in the other."""
        return bool(self.text) and numbers(self.wording.english) != numbers(self.text)

    @property
    def as_english(self) -> bool:
        """Whether it has words and they are the English ones."""
        return self.text == self.wording.english and _LETTERS.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """A language's translations, and the keys of those that somebody should look at."""

    all: tuple[Translated, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Without a translation."""
        return tuple(each.wording.key for each in self.all if not each.text)

    @property
    def older(self) -> tuple[str, ...]:
        """Made from an English text that has changed since."""
        return tuple(each.wording.key for each in self.all if each.source is not None)

    @property
    def numbers(self) -> tuple[str, ...]:
        """With other numbers than the English."""
        return tuple(each.wording.key for each in self.all if each.other_numbers)

    @property
    def untranslated(self) -> tuple[str, ...]:
        """The same as in English."""
        return tuple(each.wording.key for each in self.all if each.as_english)

    @property
    def done(self) -> int:
        """How many are there and up to date."""
        return sum(bool(each.text) and each.source is None for each in self.all)


def standing(draft: Draft, language: str) -> Standing:
    """How far the translation into a language is."""
    return Standing(tuple(_translated(draft, language)))


def _translated(draft: Draft, language: str) -> Iterator[Translated]:
    for each in wordings(draft.content()):
        if language != ENGLISH:
            yield Translated(each, each.texts.get(language, ""), draft.sources.get(each.key, {}).get(language))


def numbers(text: str) -> list[str]:
    """The numbers in a text, in any script's digits, as sorted strings of our digits."""
    return sorted("".join(str(int(digit)) for digit in found) for found in _NUMBERS.findall(text))
