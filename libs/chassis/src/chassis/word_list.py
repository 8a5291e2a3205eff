"""The word list: which texts a person must look at. It finds; it never says that there is nothing.

An expression of the list is words in a row, in any language:

- `touched me` stands there as it is; capitals, accents, apostrophes and letters drawn out (`scaaared`) make no difference;
- `kill*` is any word that begins so; `hit/hits/hitting me` is any of the three;
- `scared .. home` lets up to four other words stand in between.

A word of six letters or more, or of five among others, is also found with one slip: a letter too many, too few, another one, or
two changed round. The first letter must be right. A word ending in `!` is found without a slip only.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

GAP = ".."
MOST_BETWEEN = 4
"""Words that `..` may stand for at most."""

_LONG_ALONE, _LONG_AMONG_OTHERS = 6, 5
_WORD = re.compile(r"\w+")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u0060\u00b4]")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_SIGN = re.compile(r"[^\W_]+[*!]?(/[^\W_]+[*!]?)*")


class ExpressionError(ValueError):
    """An expression cannot be read; says what was expected."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One place of an expression: words, beginnings, and words that may have a slip. `far`: others may stand before it."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    slips: tuple[str, ...]
    far: bool

    def fitting(self, by_letter: Mapping[str, Sequence[str]], unique: AbstractSet[str]) -> set[str]:
        """Those words of a text that fit here."""
        found = set(self.words & unique)
        for beginning in self.beginnings:
            found.update(word for word in by_letter.get(beginning[0], ()) if word.startswith(beginning))
        for right in self.slips:
            found.update(word for word in by_letter.get(right[0], ()) if _one_slip(right, word))
        return found


@dataclass(frozen=True, slots=True)
class _Expression:
    text: str
    parts: tuple[_Part, ...]


class WordList:
    """The expressions of a profile, ready to look for. Raises `ExpressionError`."""

    def __init__(self, expressions: Iterable[str]) -> None:
        self._expressions = tuple(read(each) for each in expressions)

    def find(self, text: str) -> tuple[str, ...]:
        """The expressions that stand in a text, in the order of the list."""
        words = tokens(text)
        unique = frozenset(words)
        by_letter: dict[str, list[str]] = {}
        for word in unique:
            by_letter.setdefault(word[0], []).append(word)
        return tuple(each.text for each in self._expressions if _stands_in(each.parts, words, unique, by_letter))

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._expressions)


def tokens(text: str) -> list[str]:
    """The words of a text as they are compared."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return [_DRAWN_OUT.sub(r"\1", word) for word in _WORD.findall(plain)]


@lru_cache(maxsize=4096)
def read(expression: str) -> _Expression:
    """Read an expression. Raises `ExpressionError`."""
    pieces = expression.split()
    several = len([piece for piece in pieces if piece != GAP]) > 1
    parts: list[_Part] = []
    far = False
    for piece in pieces:
        if piece == GAP:
            if far or not parts:
                raise ExpressionError("expected a word before and after each ' .. '")
            far = True
            continue
        if not _SIGN.fullmatch(_APOSTROPHES.sub("", unicodedata.normalize("NFC", piece))):
            raise ExpressionError(f"expected words, 'word*', 'one/other' or ' .. ' between words, found '{piece}'")
        parts.append(_part(piece.split("/"), several=several, far=far))
        far = False
    if far or not parts:
        raise ExpressionError("expected a word before and after each ' .. '")
    return _Expression(expression, tuple(parts))


def _part(choices: Sequence[str], *, several: bool, far: bool) -> _Part:
    long = _LONG_AMONG_OTHERS if several else _LONG_ALONE
    beginnings = tuple("".join(tokens(each[:-1])) for each in choices if each.endswith("*"))
    exact = ["".join(tokens(each[:-1])) for each in choices if each.endswith("!")]
    plain = ["".join(tokens(each)) for each in choices if not each.endswith(("*", "!"))]
    return _Part(frozenset([*exact, *plain]), beginnings, tuple(each for each in plain if len(each) >= long), far)


def _stands_in(
    parts: Sequence[_Part], words: Sequence[str], unique: AbstractSet[str], by_letter: Mapping[str, Sequence[str]]
) -> bool:
    known = []
    for part in parts:
        fitting = part.fitting(by_letter, unique)
        if not fitting:
            return False
        known.append(fitting)
    ends = {place for place, word in enumerate(words) if word in known[0]}
    for part, fitting in zip(parts[1:], known[1:], strict=True):
        reach = MOST_BETWEEN + 1 if part.far else 1
        ends = {place for end in ends for place in _after(end, reach, len(words)) if words[place] in fitting}
    return bool(ends)


def _after(end: int, reach: int, length: int) -> Iterator[int]:
    yield from range(end + 1, min(end + reach + 1, length))


def _one_slip(right: str, word: str) -> bool:
    """Whether a word is the right one with one letter too many, too few, another one, or two changed round."""
    if abs(len(right) - len(word)) > 1 or right[0] != word[:1]:
        return False
    start = 0
    while start < min(len(right), len(word)) and right[start] == word[start]:
        start += 1
    rest, found = right[start:], word[start:]
    if len(rest) == len(found):
        return rest[1:] == found[1:] or (rest[:2] == found[1::-1] and rest[2:] == found[2:])
    return rest[1:] == found if len(rest) > len(found) else rest == found[1:]
