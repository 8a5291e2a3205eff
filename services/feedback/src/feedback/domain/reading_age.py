"""Reading age: how old somebody has to be to read a text, by a published formula, and what makes a text hard.

Flesch-Kincaid grade level (Kincaid, Fishburne, Rogers and Chissom 1975, Naval Technical Training, Research Branch Report
8-75): 0.39 × words a sentence + 11.8 × syllables a word - 15.59. A grade is a year of an American school; five more are years
of age. It knows English only, and nothing of meaning: "Red the Monday bit" is easy by it. It says where to look.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

YEARS_BEFORE_SCHOOL = 5  # first grade is the school year in which a child turns seven: grade 1 is read at six
FEWEST_WORDS = 5
"""A shorter text is not measured: one long word would decide."""

LONG_SENTENCE = 20
"""Words in a sentence above which it is named as long. GOV.UK's guidance on content design splits those of more than 25."""

HARD_WORD = 3
"""Syllables from which on a word is named as hard (as Gunning's fog index counts, 1952)."""

_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels together that are said apart.
_APART = re.compile(
    r"ia(?!n|l|g)|(?<=d)ian|io(?!n|us)|(?<![cxtg])io(?=us)|iu|eo(?!p|u)|(?<![qg])ua(?!r)|eum|ying|[aeiou]ing|iet|(?<!t)ie(?=nc)"
    r"|ier(?=s?$)|creat(?!u)|idea|area"
)
# Endings whose e is not said.
_SILENT = re.compile(
    r"(?<![aeiouyl])es$|(?<=[aeiouy][lr])es$|(?<![aeiouy])ely$|(?<![laeiou])e$|(?<=[aeiouy]l)e$|(?<![tdaeiouy])ed$"
)
_SAID_ES = re.compile(r"(?:s|x|z|ch|sh|c|g)es$")
_INSIDE = re.compile(r"(?<=[a-z])e(?=(?:ment|ful|less|ness|where|thing|body|one|time|times|work)s?$)")
_KNOWN = {
    "people": 2, "every": 2, "everyone": 3, "everything": 3, "being": 2, "doing": 2, "business": 2, "different": 2,
    "evening": 2, "families": 3, "family": 3, "foreign": 2, "people's": 2, "something": 2, "someone": 2, "somewhere": 2,
    "anywhere": 3, "whole": 1, "science": 2, "theatre": 3, "safety": 2, "quiet": 2, "diet": 2,
    "carer": 2, "carers": 2, "safe": 1, "unsafe": 2,
    "i'm": 1, "you're": 1, "we're": 1, "they're": 1, "you've": 1, "we've": 1, "didn't": 2, "wasn't": 2, "doesn't": 2,
    "couldn't": 2, "wouldn't": 2, "shouldn't": 2, "isn't": 2, "haven't": 2, "hasn't": 2, "safely": 2, "careful": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text reads. `age` is in years with one decimal, None where there are too few words to say."""

    age: float | None
    words: int
    sentences: int
    syllables: int
    longest: int
    hard: tuple[str, ...]


def syllables(word: str) -> int:
    """About how many syllables an English word has, at least one; around a hyphen the parts are counted."""
    lower = word.casefold().replace("’", "'")
    if lower in _KNOWN:
        return _KNOWN[lower]
    if "-" in lower:
        return sum(syllables(part) for part in lower.split("-") if part)
    if lower.isdigit():
        return 1
    plain = lower.partition("'")[0]
    count = len(_VOWELS.findall(plain)) + len(_APART.findall(plain)) - len(_INSIDE.findall(plain))
    if _SILENT.search(plain) and not _SAID_ES.search(plain):
        count -= 1
    return max(1, count)


def grade(words: int, sentences: int, syllable_count: int) -> float:
    """The Flesch-Kincaid grade level of counts; none of them is 0."""
    return 0.39 * words / sentences + 11.8 * syllable_count / words - 15.59


def read(text: str) -> Reading:
    """How a text reads."""
    return read_all([text])


def read_all(texts: Iterable[str]) -> Reading:
    """How several texts read together: each ends a sentence, also without a full stop."""
    sentences = [found for text in texts for part in _SENTENCE_END.split(text) if (found := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    counts = [syllables(word) for word in words]
    hard = dict.fromkeys(word.casefold() for word, count in zip(words, counts, strict=True) if count >= HARD_WORD)
    age = None
    if len(words) >= FEWEST_WORDS:
        # Below the first grade the formula gives negative grades; nobody reads before five.
        age = round(max(0.0, grade(len(words), len(sentences), sum(counts))) + YEARS_BEFORE_SCHOOL, 1)
    return Reading(age, len(words), len(sentences), sum(counts), max(map(len, sentences), default=0), tuple(hard))
