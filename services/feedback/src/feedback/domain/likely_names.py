"""What in a text may say who somebody is: names, initials, places, schools, ages, days, telephone numbers, addresses.

It marks, and a person decides. A machine that marks too much costs a look, and one that marks too little costs a child their
privacy, so in doubt it marks. How well it does is measured by `tests/names_measure.py`. It knows the letters of English and
of those languages that are written in Latin letters; in other scripts nothing has a capital, and `other_script` says so.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from feedback.domain.name_shapes import (
    CALLED,
    DOES,
    INITIAL,
    NO_SCHOOL,
    ORDINARY_ENDS,
    PAIR,
    PAIRS_KNOWN,
    PLACE_BEFORE,
    SCHOOLS,
    SENTENCE_BREAK,
    SHAPES,
    SURELY_TITLES,
    THINGS_ENDS,
    TITLED,
    Sort,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, from `start` to before `end`."""

    start: int
    end: int
    sort: Sort


@dataclass(frozen=True)
class Known:
    """What is known besides the shape of words, all in lower case.

    `names` are found wherever they stand; `also_words` are names that are ordinary words as well (Will, Rose, May); `places`
    are single words, `phrases` the organisation's own names of teams and places; `common` are words that are no names.
    """

    names: frozenset[str] = frozenset()
    also_words: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    common: frozenset[str] = field(default=frozenset(), repr=False)


def folded(word: str) -> str:
    """A word as the lists have it: lower case, straight apostrophes, and letters without their marks (Małgorzata, Siân)."""
    low = word.lower()
    if low.isascii():
        return low
    plain = unicodedata.normalize("NFKD", low.replace("’", "'").replace("ł", "l"))
    return unicodedata.normalize("NFC", "".join(sign for sign in plain if not unicodedata.combining(sign)))


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str  # without a possessive 's
    first: bool  # of its sentence
    after: str  # the word before it in its sentence, in lower case

    @property
    def low(self) -> str:
        return folded(self.text)

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text[:2].isupper()


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def find(text: str, known: Known) -> tuple[Span, ...]:
    """The parts of a text that may say who somebody is, in their order; where two overlap they are one."""
    spans = [Span(*each.span(), sort) for sort, shape in SHAPES for each in shape.finditer(text)]
    spans += _schools(text)
    spans += _phrases(text, known)
    taken = list(spans)
    words = list(_words(text))
    for reader in (_titled, _called, _initials):
        taken += reader(text, known)
    taken += _by_word(words, known)
    return _merged(text, taken)


def replaced(text: str, spans: tuple[Span, ...]) -> str:
    """A text with what stands instead of each part."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], span.sort.instead]
        end = span.end
    return "".join([*parts, text[end:]])


def other_script(text: str) -> bool:
    """Whether a good part of a text is in letters in which nothing has a capital, so that few names can be found."""
    letters = [letter for letter in text if letter.isalpha()]
    return bool(letters) and sum(letter.lower() == letter.upper() for letter in letters) * 5 > len(letters)


def _words(text: str) -> Iterator[_Word]:
    breaks = [found.end() for found in SENTENCE_BREAK.finditer(text)]
    end, before, at = 0, "", 0
    for found in _WORD.finditer(text):
        word = found.group()
        start = found.start()
        while at < len(breaks) and breaks[at] <= start:
            at += 1
        first = end == 0 or (at > 0 and breaks[at - 1] > end)
        first = first or any(end < each <= start for each in breaks[max(0, at - 3) : at])
        if word[-2:].lower() in {"'s", "’s"}:
            word = word[:-2]
        yield _Word(start, start + len(word), word, first, "" if first else before)
        before, end = word.lower(), found.end()


def _by_word(words: list[_Word], known: Known) -> Iterator[Span]:
    open_name = False
    for place, word in enumerate(words):
        follows = words[place + 1] if place + 1 < len(words) and not words[place + 1].first else None
        sort = _sort_of(word, follows, known, surname=open_name and not word.first)
        if sort is not None:
            yield Span(word.start, word.end, sort)
        open_name = sort is Sort.NAME


def _sort_of(word: _Word, follows: _Word | None, known: Known, *, surname: bool) -> Sort | None:
    low, parts = word.low, [part for part in re.split(r"['-]", word.low) if part]
    if low in known.places:
        return Sort.PLACE
    if low in known.names or (len(parts) > 1 and any(part in known.names for part in parts)):
        return Sort.NAME
    if not word.capital:
        return None
    acts = follows is not None and follows.low in DOES
    if low in known.also_words or (len(parts) > 1 and all(part in known.also_words for part in parts)):
        # At the start of a sentence everything has a capital: May is a name where it does something.
        return Sort.NAME if acts or not word.first else None
    return None if word.shouted else _by_capital(word, known, acts=acts, surname=surname)


def _by_capital(word: _Word, known: Known, *, acts: bool, surname: bool) -> Sort | None:
    """What a word is that no list of names has, and that is written with a capital letter."""
    low = word.low
    bare = low.replace("'", "")
    if {low, bare} & known.common:
        return None
    if bare.removesuffix("s") in known.common:
        return Sort.NAME if surname else None
    if word.first:
        return Sort.NAME if acts and len(low) > 1 and not low.endswith(ORDINARY_ENDS) else None
    if len(low) == 1 or (not surname and low.endswith(THINGS_ENDS)):
        return None
    return Sort.PLACE if word.after in PLACE_BEFORE and not surname else Sort.NAME


def _schools(text: str) -> Iterator[Span]:
    """Oakfield Primary, st marys school: the words before it, back to one that names none."""
    for found in SCHOOLS.finditer(text):
        start = found.end(1)
        for word in reversed(list(re.finditer(r"\S+", found.group(1)))):
            plain = word.group().lower()
            if plain not in {"st", "st."} and (plain.strip(".,") in NO_SCHOOL or plain[-1] in ",.!?"):
                break
            start = found.start(1) + word.start()
        if start < found.end(1):
            yield Span(start, found.end(), Sort.SCHOOL)


def _phrases(text: str, known: Known) -> Iterator[Span]:
    for phrase in known.phrases:
        for found in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE):
            yield Span(*found.span(), Sort.PLACE)


def _titled(text: str, known: Known) -> Iterator[Span]:
    for found in TITLED.finditer(text):
        title, name = found.group().split()[0].lower().rstrip("."), found.group(1)
        if title in SURELY_TITLES or (name[0].isupper() and name.lower() not in known.common):
            ends = found.end(2) if found.group(2) and found.group(2).lower() not in known.common else found.end(1)
            yield Span(found.start(), ends - (2 if text[ends - 2 : ends] in {"'s", "’s"} else 0), Sort.NAME)


def _called(text: str, known: Known) -> Iterator[Span]:
    for found in CALLED.finditer(text):
        name = found.group(1)
        if name.lower() not in known.common and name.lower() not in PLACE_BEFORE and not name.lower().endswith(("ing", "ed")):
            yield Span(*found.span(1), Sort.NAME)


def _initials(text: str, known: Known) -> Iterator[Span]:
    shouting = sum(letter.isupper() for letter in text) * 2 > sum(letter.isalpha() for letter in text)
    if not shouting or len(text) < 4:  # noqa: PLR2004 - nothing but initials
        for found in INITIAL.finditer(text):
            yield Span(*found.span(), Sort.NAME)
        for found in PAIR.finditer(text):
            if found.group() not in PAIRS_KNOWN and found.group().lower() not in known.common:
                yield Span(*found.span(), Sort.NAME)


def _whole(text: str, span: Span) -> Span:
    """A part without half a word at its ends."""
    start, end = span.start, span.end
    while start and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return Span(start, end, span.sort)


def _merged(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """Overlapping parts as one, by the sort of the longest; names that stand side by side are one name."""
    merged: list[Span] = []
    for span in sorted((_whole(text, each) for each in spans), key=lambda each: (each.start, -each.end)):
        last = merged[-1] if merged else None
        if last is not None and span.start < last.end:
            sort = last.sort if last.end - last.start >= span.end - span.start else span.sort
            merged[-1] = Span(last.start, max(last.end, span.end), sort)
        elif last is not None and last.sort is span.sort is Sort.NAME and text[last.end : span.start] in {" ", "  "}:
            merged[-1] = Span(last.start, span.end, Sort.NAME)
        else:
            merged.append(span)
    return tuple(merged)


Finder = Callable[[str], tuple[Span, ...]]
"""`find` with what is known of an organisation."""
