"""Whether a question that was reworded may have become another question. A person decides; this says when to ask."""

import re
from collections.abc import Iterator

ALIKE = 0.6
"""Share of words in common (Dice 1945) below which somebody is asked. Ours: put simpler is above, another theme below."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LITTLE = (
    "a an the of to in on at for and or with by from this that these those it its is are was were be been being am do does did "
    "have has had you your yours we our us i me my they their them he she his her there here so as if when what which who how "
    "please can could will would may might about any some"
)
_EMPTY = frozenset(_LITTLE.split())
_NEGATIONS = frozenset({"no", "not", "never", "none", "nobody", "nothing", "without", "cannot", "neither", "nor"})
_OPPOSING = re.compile(r"n['’]t$")
_ENDINGS = re.compile(r"(?:ings?|edly|ed|es|s|ly|ment|ments|ions?)$")
_OPPOSITES = ("un", "dis", "in", "im", "ir")
_STEM = 4  # letters that are left of a word at least


def content(text: str) -> frozenset[str]:
    """The words of an English text that carry its meaning, without their endings."""
    words = (word.casefold().replace("’", "'") for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in words if word not in _EMPTY)


def alike(before: str, after: str) -> float:
    """The share of words that two texts have in common, 0 to 1."""
    one, other = content(before), content(after)
    if not one and not other:
        return 1.0
    return 2 * len(one & other) / (len(one) + len(other))


def asks_something_else(before: str, after: str) -> bool:
    """Whether a person has to say that two wordings ask the same: few words in common, a "not" more or less, another number."""
    if _plain(before) == _plain(after):
        return False
    if _negated(before) != _negated(after) or _numbers(before) != _numbers(after):
        return True
    return alike(before, after) < ALIKE or _turned(content(before), content(after))


def _turned(before: frozenset[str], after: frozenset[str]) -> bool:
    """Whether a word became its opposite: safe and unsafe."""
    gone, come = before - after, after - before
    return any(f"{prefix}{word}" in other for word, other in _each(gone, come) for prefix in _OPPOSITES)


def _each(gone: frozenset[str], come: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    yield from ((word, come) for word in gone)
    yield from ((word, gone) for word in come)


def _plain(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= _STEM else word


def _negated(text: str) -> bool:
    """Whether a text is turned round: two negations turn it back."""
    words = _plain(text)
    return sum(word in _NEGATIONS or _OPPOSING.search(word) is not None for word in words) % 2 == 1


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)
