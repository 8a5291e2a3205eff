"""What was changed because of feedback: "You said, we did".

draft ──publish──▶ published ──withdraw──▶ withdrawn ──write──▶ draft

What stands on the public page is never edited there: it is taken off first, and what was done stays in the history.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from feedback.domain.likely_names import Span
from feedback.domain.words import ENGLISH, LANGUAGE_TAG

MOST_WORDS = 1000
"""Characters of what was said, and of what was done."""

EARLIEST = date(2000, 1, 1)
_ACTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]{0,79}")
_TAG = re.compile(LANGUAGE_TAG)


class State(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Said:
    """A change in one language: what families said, what was done, and both in short words for children (may be empty)."""

    said: str
    did: str
    young: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a change is about. `questions` are questionnaire/question, `action` the reference of an action of an audit."""

    service_area: str
    happened_on: date
    questions: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    quotes: tuple[UUID, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change as its rules see it. `words` are by language, English always."""

    state: State
    revision: int
    about: About
    words: Mapping[str, Said] = field(repr=False)
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a change may name."""

    areas: Collection[str]
    questions: Collection[str]
    themes: Collection[str]
    quotes: Collection[UUID]


_STALE = "Somebody else has worked on this since you opened the page. Nothing was changed; what you typed is below."


def write(before: Change | None, seen: int, about: About, words: Mapping[str, Said], known: Known, today: date) -> Change:
    """The change as it was written; a draft from then on.

    Raises `changed-meanwhile` (stale), `step-not-possible` (conflict) while it is published, and `incomplete` (malformed, with
    the fields).
    """
    if (before.revision if before else 0) != seen:
        raise DomainError("changed-meanwhile", _STALE, Kind.STALE)
    if before is not None and before.state is State.PUBLISHED:
        raise DomainError("step-not-possible", "This stands on the public page: take it off first. Nothing was changed.")
    wrong = [*_about_faults(about, known, today), *_word_faults(words)]
    if wrong:
        raise DomainError("incomplete", "Nothing was stored. See `errors`.", Kind.MALFORMED, tuple(wrong))
    return Change(State.DRAFT, seen + 1, about, words, before.published_on if before else None)


def _about_faults(about: About, known: Known, today: date) -> list[FieldError]:
    wrong = []
    if about.service_area not in known.areas:
        wrong.append(FieldError("/service_area", "Choose a service area"))
    if not EARLIEST <= about.happened_on <= today:
        wrong.append(FieldError("/happened_on", "Write the day on which it was changed: today or earlier"))
    if not set(about.questions) <= set(known.questions) or not set(about.themes) <= set(known.themes):
        wrong.append(
            FieldError("/themes", "Choose questions and themes of the lists: they were changed since you opened this page")
        )
    if not about.questions and not about.themes:
        wrong.append(FieldError("/themes", "Choose at least one theme or question: what was it that people said?"))
    if not set(about.quotes) <= set(known.quotes):
        wrong.append(FieldError("/quotes", "Choose quotes that are approved: one of these was withdrawn meanwhile"))
    if about.action is not None and not _ACTION.fullmatch(about.action):
        wrong.append(
            FieldError("/action", "Write the reference of the action, such as SC-2026-11-004/a2: letters, digits, - . / _")
        )
    return wrong


def _word_faults(words: Mapping[str, Said]) -> list[FieldError]:
    wrong = []
    for language, each in words.items():
        for name in ("said", "did", "young"):
            text = getattr(each, name)
            needed = name != "young" and (language == ENGLISH or bool(each.said or each.did or each.young))
            if needed and not text.strip():
                wrong.append(
                    FieldError(f"/{name}-{language}", "Write what families said" if name == "said" else "Write what was done")
                )
            if len(text) > MOST_WORDS:
                wrong.append(FieldError(f"/{name}-{language}", f"Make it shorter: {MOST_WORDS} characters fit in here"))
        if not _TAG.fullmatch(language):  # pragma: no cover - languages are those of the questionnaires
            wrong.append(FieldError("/language", "Choose a language of the list"))
    return wrong


def publish(change: Change, seen: int, find: Callable[[str], tuple[Span, ...]], today: date, *, looked: bool) -> Change:
    """The change as it stands on the public page.

    Raises `changed-meanwhile` (stale), `step-not-possible` (conflict), and `likely-names` (malformed) where something may say
    who somebody is and nobody has said that they looked at it.
    """
    _due(change, seen, State.DRAFT, "It is not a draft.")
    parts = [text[each.start : each.end] for text in texts_of(change.words) for each in find(text)]
    if parts and not looked:
        listed = ", ".join(f"“{part}”" for part in dict.fromkeys(parts[:12]))
        wrong = (FieldError("/looked", f"Look at what may say who somebody is: {listed}. Then change it, or tick the box"),)
        raise DomainError("likely-names", "Nothing was published. See `errors`.", Kind.MALFORMED, wrong)
    return replace(change, state=State.PUBLISHED, revision=seen + 1, published_on=today)


def withdraw(change: Change, seen: int, reason: str) -> Change:
    """The change taken off the public page, with a reason. Raises as `publish`, and `incomplete` without a reason."""
    _due(change, seen, State.PUBLISHED, "It does not stand on the public page.")
    if not 0 < len(reason.strip()) <= MOST_WORDS:
        wrong = (FieldError("/reason", "Say why it is taken off"),)
        raise DomainError("incomplete", "Nothing was changed. See `errors`.", Kind.MALFORMED, wrong)
    return replace(change, state=State.WITHDRAWN, revision=seen + 1)


def _due(change: Change, seen: int, state: State, refusal: str) -> None:
    if change.revision != seen:
        raise DomainError("changed-meanwhile", _STALE, Kind.STALE)
    if change.state is not state:
        raise DomainError("step-not-possible", f"{refusal} Nothing was changed.")


def texts_of(words: Mapping[str, Said]) -> list[str]:
    """Everything that was written, in all languages."""
    return [text for each in words.values() for text in (each.said, each.did, each.young) if text]
