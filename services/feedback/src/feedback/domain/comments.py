"""Comments: what the list is narrowed by, how words are looked for, and how themes are put to one by several people."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.errors import DomainError, FieldError, Kind
from feedback.domain.likely_names import folded
from feedback.domain.link_list import month_of

FEW = 5
"""Of so few answers of one team in one quarter somebody who knows the team may guess whose one is (rates.SMALL)."""

MOST_WORDS = 100
"""Characters of what is looked for."""

DAYS = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months"}
_TERM = re.compile(r"\w+(?:'\w+)*")
_NUMBER = re.compile(r"-?\d{1,3}")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was chosen; empty for all. `question` is questionnaire/question; days are of answering, both included."""

    questionnaire: str = ""
    question: str = ""
    theme: str = ""
    team: str = ""
    since: date | None = None
    until: date | None = None
    unread: bool = False
    consent: str = ""


def period(chosen: str, today: date) -> tuple[date | None, date | None]:
    """First and last day of what was chosen: so many days back, or a month such as 2026-11."""
    if chosen in DAYS:
        return today - timedelta(days=int(chosen)), None
    first = month_of(chosen)
    if first is None:
        return None, None
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, following - timedelta(days=1)


class Search:
    """Words that must all stand in a text, each as the beginning of a word; capitals and accents make no difference."""

    def __init__(self, words: str) -> None:
        self.terms = tuple(dict.fromkeys(_TERM.findall(folded(words[:MOST_WORDS]))))
        self._shapes = [re.compile(rf"\b{re.escape(term)}") for term in self.terms]

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.terms)

    def finds(self, text: str) -> bool:
        """Whether all words stand in a text."""
        plain = folded(text)
        return all(shape.search(plain) for shape in self._shapes)


@dataclass(frozen=True, slots=True)
class Themed:
    """The themes of a comment after somebody put theirs, and what that changed."""

    themes: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def put_themes(stored: Collection[str], seen: Collection[str], wanted: Collection[str], known: Sequence[str]) -> Themed:
    """The themes after somebody who saw `seen` chose `wanted`.

    Only what they changed is changed: what somebody else put meanwhile stays, and of two at once nobody loses anything. Raises
    `unknown-theme` (malformed) for a code that neither the profile has nor the comment had.
    """
    order = {code: place for place, code in enumerate(known)}
    strange = set(wanted) - set(known) - set(stored)
    if strange:
        wrong = (FieldError("/themes", "Choose themes of the list: it was changed since you opened this page"),)
        raise DomainError("unknown-theme", "Nothing was changed. See `errors`.", Kind.MALFORMED, wrong)
    added = set(wanted) - set(seen) - set(stored)
    removed = (set(seen) - set(wanted)) & set(stored)
    after = (set(stored) | added) - removed

    def ordered(codes: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(codes, key=lambda code: (order.get(code, len(order)), code)))

    return Themed(ordered(after), ordered(added), ordered(removed))


def by_number(typed: str, chosen: Collection[str], known: Sequence[str]) -> set[str]:
    """The themes that are chosen, with those typed by their number in the list added, and `-3` taken away.

    Raises `unknown-theme` (malformed) where a number is none of the list.
    """
    after = set(chosen)
    for part in typed.replace(",", " ").split():
        number = int(part) if _NUMBER.fullmatch(part) else 0
        if not 1 <= abs(number) <= len(known):
            wrong = (FieldError("/numbers", f"Write numbers from 1 to {len(known)} with spaces between, such as 1 4"),)
            raise DomainError("unknown-theme", "Nothing was changed. See `errors`.", Kind.MALFORMED, wrong)
        code = known[abs(number) - 1]
        (after.add if number > 0 else after.discard)(code)
    return after
