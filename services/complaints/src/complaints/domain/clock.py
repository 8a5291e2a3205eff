"""The clock of a stage: by when it is due, which working day it is today, and how far over.

Day 0 is the day of the event; a day that is no working day is never counted (`chassis.calendar`). Everything here is a function
of dates: what the clock said on any past day is asked with that day, and counts only what had happened by then.

Three sentences hold always and everywhere, in the API, on pages and in events:

- a leg of a stage is due `limit` working days after its `day_zero`: `due_on`, which nothing but an extension moves;
- it is to be answered by `answer_by`: the same day, unless the stage was suspended before it, which moves it by the working
  days of the suspension. The law knows no pause: the days are counted as they passed, and `due_on` stands beside it;
- it is overdue on every day after `answer_by` until it is answered. A suspension that begins when it is overdue moves nothing:
  what was missed stays missed.

A stage has one leg, from its beginning to the answer. One that is heard by a panel has three: to the panel, from there to the
panel's report, from there to the authority's answer; each has a limit of its own (regulations 19 and 20 of the Children Act
1989 Representations Procedure (England) Regulations 2006).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from chassis.calendar import WorkingDays

CountsFrom = Literal["received", "acknowledged", "requested", "agreed"]
LegName = Literal["answer", "panel", "report"]
Ending = Literal["answered", "withdrawn", "discontinued", "passed-over", "made-in-error"]
State = Literal["running", "suspended", "overdue", "answered-in-time", "answered-late"]


@dataclass(frozen=True)
class PanelTerms:
    """The limits after a panel was held, in working days: to its report, and from the report to the authority's answer."""

    report_within: int
    answer_within: int


@dataclass(frozen=True)
class Terms:
    """The limits of a stage in working days, as the profile had them when the stage began.

    `extension_to` is the limit in all once extended, None where it cannot be. Where a stage counts from its acknowledgement,
    `acknowledge_within` is the limit for that. `draft_before` is how many working days before the answer its draft is wanted.
    With a `panel`, `limit` is until the panel is held.
    """

    limit: int
    extension_to: int | None
    counts_from: CountsFrom
    acknowledge_within: int | None = None
    draft_before: int | None = None
    panel: PanelTerms | None = None


@dataclass(frozen=True)
class Suspension:
    """A stage stood still after the day `from_on`, up to and including `until_on`; None while it still does."""

    from_on: date
    until_on: date | None
    reason: str


@dataclass(frozen=True)
class Facts:
    """What has happened in a stage, each by its own date. `started_on` is the day of receipt, or of the request.

    `agreed_on` is when the statement of complaint was agreed. `extended_to` is the limit in all that an extension gave; None
    with an `extended_on` is all that the terms allow.
    """

    started_on: date
    acknowledged_on: date | None = None
    extended_on: date | None = None
    responded_on: date | None = None
    agreed_on: date | None = None
    extended_to: int | None = None
    panel_on: date | None = None
    reported_on: date | None = None
    suspensions: tuple[Suspension, ...] = ()

    @property
    def suspended(self) -> Suspension | None:
        """The suspension that still holds."""
        last = self.suspensions[-1] if self.suspensions else None
        return last if last is not None and last.until_on is None and self.responded_on is None else None


@dataclass(frozen=True)
class Timing:
    """From when and to when a leg runs: `due_on` is always the `limit`-th working day after `day_zero`.

    `answer_by` is `due_on` moved by the suspensions; None while one holds that began before the limit had passed.
    `suspended_days` are all working days of the leg on which it was suspended.
    """

    leg: LegName
    day_zero: date
    limit: int
    due_on: date
    answer_by: date | None
    suspended_days: int


@dataclass(frozen=True)
class Clock:
    """What a stage's clock says on a day. `day` is the working day it stopped at, or is at; 0 is the day of the event.

    `kept` says whether the leg kept, or so far keeps, to `due_on`, whatever was suspended. `ending` is how it stopped, None
    while it runs; the states `answered-…` mean that it stopped, in whichever way.
    """

    on: date
    state: State
    ending: Ending | None
    leg: LegName
    day_zero: date
    limit: int
    due_on: date
    answer_by: date | None
    kept: bool
    day: int
    days_left: int
    days_over: int
    suspended_days: int
    suspended_since: date | None
    acknowledge_by: date | None
    draft_by: date | None
    calendar: str
    words: str

    @property
    def overdue(self) -> bool:
        """Whether the day to answer by has passed and the stage is neither answered nor suspended."""
        return self.state == "overdue"


def known_on(facts: Facts, on: date) -> Facts:
    """The facts that had happened by the end of a day. The stage must have started by then."""

    def by_then(day: date | None) -> date | None:
        return day if day is not None and day <= on else None

    return replace(
        facts,
        acknowledged_on=by_then(facts.acknowledged_on),
        extended_on=by_then(facts.extended_on),
        extended_to=facts.extended_to if by_then(facts.extended_on) else None,
        responded_on=by_then(facts.responded_on),
        agreed_on=by_then(facts.agreed_on),
        panel_on=by_then(facts.panel_on),
        reported_on=by_then(facts.reported_on),
        suspensions=tuple(replace(each, until_on=by_then(each.until_on)) for each in facts.suspensions if each.from_on <= on),
    )


def timing(calendar: WorkingDays, terms: Terms, facts: Facts, leg: LegName | None = None) -> Timing:
    """When a leg of a stage is due: the one that runs, or ran last, unless another is named that was reached.

    A stage that counts from its acknowledgement is due, while none is recorded, as if it were acknowledged on the last day for
    that (docs/guides/profiles.md): both limits together, from the day it started. One that counts from the day on which the
    statement of complaint was agreed counts from the request until it is. Raises OutsideCalendarError.
    """
    named = leg or current_leg(terms, facts)
    day_zero, limit = _origin(terms, facts, named)
    due_on = calendar.add(day_zero, limit)
    end = leg_end(terms, facts, named)
    answer_by, days = _suspended(calendar, facts, day_zero, due_on, end)
    return Timing(named, day_zero, limit, due_on, answer_by, days)


def current_leg(terms: Terms, facts: Facts) -> LegName:
    """The leg of a stage that runs, or that ran when it was answered."""
    if terms.panel is None:
        return "answer"
    if facts.panel_on is None:
        return "panel"
    return "report" if facts.reported_on is None else "answer"


def leg_end(terms: Terms, facts: Facts, leg: LegName) -> date | None:
    """The day on which a leg ended, None while it runs; what is answered ends with the answer, wherever it stood."""
    ended = facts.responded_on
    if terms.panel is not None and leg != "answer":
        ended = facts.panel_on if leg == "panel" else facts.reported_on
    return ended or facts.responded_on


def _origin(terms: Terms, facts: Facts, leg: LegName) -> tuple[date, int]:
    """Day 0 and limit of a leg."""
    if terms.panel is not None and leg == "report" and facts.panel_on is not None:
        return facts.panel_on, terms.panel.report_within
    if terms.panel is not None and leg == "answer" and facts.reported_on is not None:
        return facts.reported_on, terms.panel.answer_within
    limit = terms.limit
    if facts.extended_on is not None and terms.extension_to is not None:
        limit = facts.extended_to or terms.extension_to
    if terms.counts_from == "acknowledged":
        if facts.acknowledged_on is not None:
            return facts.acknowledged_on, limit
        limit += terms.acknowledge_within or 0
    if terms.counts_from == "agreed" and facts.agreed_on is not None:
        return facts.agreed_on, limit
    return facts.started_on, limit


def _suspended(calendar: WorkingDays, facts: Facts, day_zero: date, due_on: date, end: date | None) -> tuple[date | None, int]:
    """By when to answer with the suspensions, None while one holds, and the working days that were suspended."""
    answer_by: date | None = due_on
    days = 0
    for each in facts.suspensions:
        start, until = max(each.from_on, day_zero), each.until_on or end
        if (until is not None and until <= day_zero) or (end is not None and start >= end):
            continue
        until = until if until is None or end is None else min(until, end)
        stands_still = calendar.count(start, until) if until is not None else 0
        days += stands_still
        if answer_by is not None and start <= answer_by:
            answer_by = calendar.add(answer_by, stands_still) if until is not None else None
    return answer_by, days


def read(calendar: WorkingDays, terms: Terms, facts: Facts, on: date, ending: Ending | None = None) -> Clock:
    """What the clock of a stage said, or says, on a day, which must not be before the stage started.

    `ending` says how a stage ended that did; without it, with the answer.

    Raises ValueError for an earlier day and OutsideCalendarError beyond the calendar.
    """
    if on < facts.started_on:
        msg = f"the stage started on {facts.started_on}: there is no clock on {on}"
        raise ValueError(msg)
    then = known_on(facts, on)
    when = timing(calendar, terms, then)
    stop = then.responded_on or on
    late = when.answer_by is not None and stop > when.answer_by
    holds = then.suspended
    answered = then.responded_on is not None
    how: Ending | None = (ending or "answered") if answered else None
    state: State = "overdue" if late else "running"
    if answered:
        state = "answered-late" if late else "answered-in-time"
    elif holds is not None and not late:
        state = "suspended"
    over = calendar.count(when.answer_by, stop) if late and when.answer_by is not None else 0
    day = calendar.count(when.day_zero, stop)
    until_now = _suspended_until_now(calendar, then, when, on)
    running = not answered and state != "suspended" and when.answer_by is not None
    return Clock(
        on=on,
        state=state,
        ending=how,
        leg=when.leg,
        day_zero=when.day_zero,
        limit=when.limit,
        due_on=when.due_on,
        answer_by=when.answer_by,
        kept=stop <= when.due_on,
        day=day,
        days_left=max(0, calendar.count(on, when.answer_by)) if running and when.answer_by is not None else 0,
        days_over=over,
        suspended_days=until_now,
        suspended_since=holds.from_on if holds else None,
        acknowledge_by=acknowledge_by(calendar, terms, then) if then.acknowledged_on is None and not answered else None,
        draft_by=_draft_by(calendar, terms, then, when),
        calendar=calendar.version,
        words=_words(state, how, day, when.limit, over, until_now),
    )


def _suspended_until_now(calendar: WorkingDays, then: Facts, when: Timing, on: date) -> int:
    """The working days that the leg has stood still so far, with those of a suspension that holds."""
    holds = then.suspended
    if holds is None:
        return when.suspended_days
    return when.suspended_days + calendar.count(max(holds.from_on, when.day_zero), on)


def acknowledge_by(calendar: WorkingDays, terms: Terms, facts: Facts) -> date | None:
    """The last day for the acknowledgement, done or not; None where the procedure has none. Raises OutsideCalendarError."""
    return None if terms.acknowledge_within is None else calendar.add(facts.started_on, terms.acknowledge_within)


def _draft_by(calendar: WorkingDays, terms: Terms, facts: Facts, when: Timing) -> date | None:
    """The day inside the house, before the one that the complainant was told; never before day 0."""
    wanted = terms.draft_before is not None and when.leg == "answer"
    if not wanted or facts.responded_on is not None or when.answer_by is None or terms.draft_before is None:
        return None
    return max(when.day_zero, calendar.add(when.answer_by, -terms.draft_before))


def _words(state: State, how: Ending | None, day: int, limit: int, over: int, suspended: int) -> str:
    words = f"day {day} of {limit}"
    if how is not None:
        words = f"{how.replace('-', ' ')} on {words}"
    if suspended:
        words = f"{words}, {_working_days(suspended)} of them suspended"
    if state == "suspended":
        return f"{words}, suspended now"
    if over:
        return f"{words}, {_working_days(over)} over"
    # A weekend after the last day: no working day has been lost yet, and the date has passed all the same.
    return f"{words}, after the due date" if state in {"overdue", "answered-late"} else words


def _working_days(n: int) -> str:
    return f"{n} working {'day' if n == 1 else 'days'}"


def days_taken(calendar: WorkingDays, terms: Terms, facts: Facts) -> int | None:
    """The working days of a stage from its day 0 to the answer, suspended or not; None while it is not answered."""
    if facts.responded_on is None:
        return None
    return calendar.count(first_day(terms, facts), facts.responded_on)


def legs(terms: Terms, facts: Facts) -> tuple[LegName, ...]:
    """The legs of a stage that were reached, in order."""
    if terms.panel is None:
        return ("answer",)
    in_order: tuple[LegName, ...] = ("panel", "report", "answer")
    return in_order[: 1 + (facts.panel_on is not None) + (facts.reported_on is not None)]


def limits_kept(calendar: WorkingDays, terms: Terms, facts: Facts, today: date) -> bool:
    """Whether every leg that was reached kept, or so far keeps, to its due date, whatever was suspended."""
    return all(
        (leg_end(terms, facts, leg) or today) <= timing(calendar, terms, facts, leg).due_on for leg in legs(terms, facts)
    )


def first_day(terms: Terms, facts: Facts) -> date:
    """Day 0 of a stage: that of its first leg."""
    return _origin(terms, facts, "answer" if terms.panel is None else "panel")[0]


def days_suspended(calendar: WorkingDays, terms: Terms, facts: Facts) -> int:
    """The working days of a stage, in all its legs, on which it was suspended; one that holds counts for none yet."""
    return sum(timing(calendar, terms, facts, leg).suspended_days for leg in legs(terms, facts))


@dataclass(frozen=True)
class Span:
    """Days in a row, both included; `last` is None for a span that has not ended."""

    first: date
    last: date | None


def overdue_spans(calendar: WorkingDays, terms: Terms, facts: Facts) -> tuple[Span, ...]:
    """The days on which the clock of a stage said, says or will say that it is overdue, if nothing else happens.

    Lists are asked for any day of the past, and find by these spans what was overdue on it without reading every clock.
    """
    merged: list[Span] = []
    for span in _pieces(calendar, terms, facts):
        before = merged[-1] if merged else None
        if before is not None and before.last is not None and (span.first - before.last).days == 1:
            merged[-1] = Span(before.first, span.last)
        else:
            merged.append(span)
    return tuple(merged)


def _pieces(calendar: WorkingDays, terms: Terms, facts: Facts) -> Iterator[Span]:
    """Between two days on which something happened the day to answer by stands still."""
    days = sorted({facts.started_on, *_happened(facts)})
    for index, day in enumerate(days):
        then = known_on(facts, day)
        if then.responded_on is not None:
            return
        answer_by = timing(calendar, terms, then).answer_by
        if answer_by is None:
            continue
        first = max(day, date.fromordinal(answer_by.toordinal() + 1))
        following = days[index + 1] if index + 1 < len(days) else None
        last = None if following is None else date.fromordinal(following.toordinal() - 1)
        if last is None or first <= last:
            yield Span(first, last)


def _happened(facts: Facts) -> Iterator[date]:
    days = (
        facts.acknowledged_on,
        facts.extended_on,
        facts.responded_on,
        facts.agreed_on,
        facts.panel_on,
        facts.reported_on,
        *(each.from_on for each in facts.suspensions),
        *(each.until_on for each in facts.suspensions),
    )
    return (day for day in days if day is not None)
