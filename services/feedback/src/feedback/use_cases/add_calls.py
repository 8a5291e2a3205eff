"""Add calls to be made: one by one, from a sheet, or by a case-management system. Once a month for each reference."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, unknown_code
from chassis.identity import Identity
from chassis.retention import known
from chassis.unit_of_work import Transaction
from feedback.adapters import calls
from feedback.adapters.calls import Note, Record, Wanted
from feedback.context import Context
from feedback.domain.call import Call
from feedback.domain.invitation import place_faults
from feedback.domain.profile import FeedbackProfile
from feedback.events.out import call_changed

EARLIEST = timedelta(days=62)
LATEST = timedelta(days=366)
"""How far back and ahead a call can be due: what is older was a call of another quarter, what is later is not planned yet."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A call as it is asked for. What is left out is as the programme has it."""

    programme: str
    reference: str
    due_on: date
    service_area: str | None = None
    team: str | None = None
    language: str | None = None
    about_on: date | None = None
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: `call_id` of the call that there is now."""

    status: Literal["added", "unchanged", "refused"]
    call_id: UUID | None = None
    problem: DomainError | None = None


def faults(
    profile: FeedbackProfile, planned: Planned, today: date, areas: Collection[str], known_callers: Collection[str]
) -> Iterator[FieldError]:
    """What the profile and the rota say against a call."""
    programme = profile.calls.programme(planned.programme)
    if programme is None:
        yield unknown_code("/programme", planned.programme, [each.code for each in profile.calls.programmes])
        return
    questionnaire = profile.questionnaire(programme.questionnaire)
    if questionnaire is None or questionnaire.in_force(today) is None:  # pragma: no cover - the profile's check refuses it
        yield FieldError("/programme", f"'{programme.questionnaire}' has no version that is in force yet")
    elif planned.language is not None and planned.language not in questionnaire.languages:
        yield unknown_code("/language", planned.language, questionnaire.languages)
    yield from place_faults(profile, planned.service_area or programme.service_area, planned.team, today, areas)
    if not today - EARLIEST <= planned.due_on <= today + LATEST:
        yield FieldError("/due_on", f"expected a day from {today - EARLIEST} to {today + LATEST}")
    if planned.about_on is not None and not date(2000, 1, 1) <= planned.about_on <= today:
        yield FieldError("/about_on", f"expected a day up to {today}")
    if planned.caller is not None and planned.caller not in known_callers:
        yield FieldError("/caller", "Nobody who makes calls is called that. Whoever has opened their calls once is known")


def wanted_of(profile: FeedbackProfile, planned: Planned) -> Wanted:
    """A call with all that its programme decides, of one without faults."""
    programme = profile.calls.programme(planned.programme)
    if programme is None:
        raise LookupError(planned.programme)
    return Wanted(
        planned.programme,
        planned.reference,
        planned.due_on,
        programme.questionnaire,
        planned.service_area or programme.service_area,
        planned.language,
        planned.team,
        planned.about_on,
        planned.caller,
    )


async def add_calls(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    planned: Sequence[Planned],
    known_callers: Collection[str],
    now: datetime,
) -> list[Outcome]:
    """Add calls; one that does not fit stops no other.

    The same reference in the same programme and month is `unchanged` where it asks for the same, and refused
    (`reference-taken`) where it asks for something else.
    """
    profile = (await context.profiles.current(transaction)).profile
    outcomes: list[Outcome | None] = []
    fitting: list[Wanted] = []
    gone = await _reduced(transaction, context, planned)
    for each in planned:
        wrong = list(faults(profile, each, british_day(now), identity.areas, known_callers))
        problem = _unfit(wrong) if wrong else None
        if problem is None and (day := gone.get(_posted(each))) is not None:
            problem = known.was_reduced("call", day)
        outcomes.append(Outcome("refused", problem=problem) if problem else None)
        if problem is None:
            fitting.append(wanted_of(profile, each))
    added = iter(await _store(transaction, context, identity, fitting, now))
    return [outcome or next(added) for outcome in outcomes]


def _posted(planned: Planned) -> str:
    """Under what a call is known."""
    return known.posted_as("call", planned.programme, planned.reference, f"{planned.due_on:%Y-%m}")


async def _reduced(transaction: Transaction, context: Context, planned: Sequence[Planned]) -> Mapping[str, date]:
    return await known.reduced_on(transaction, context.secrets, {_posted(each) for each in planned})


async def _store(
    transaction: Transaction, context: Context, identity: Identity, wanted: Sequence[Wanted], now: datetime
) -> list[Outcome]:
    # In one order, so that two that send the same calls at once do not wait for one another in turn.
    order = sorted(range(len(wanted)), key=lambda place: calls.natural_key(wanted[place]))
    idents = await calls.add(transaction, [wanted[place] for place in order], now)
    there = await calls.known(transaction, wanted) if None in idents else {}
    found: dict[int, Outcome] = {}
    for place, ident in zip(order, idents, strict=True):
        each = wanted[place]
        if ident is None:
            found[place] = _standing(each, there[calls.natural_key(each)])
            continue
        call = Call(caller=each.caller)
        note = Note(now, "added", each.caller)
        await calls.log(transaction, context.secrets, ident, each.programme, call, note, identity)
        transaction.record(call_changed(Record(ident, each, call, None, now), call), occurred_at=now)
        found[place] = Outcome("added", ident)
    return [found[place] for place in range(len(wanted))]


def _standing(wanted: Wanted, record: Record) -> Outcome:
    """A call that is there: whose it is may have changed since, all else is what was asked for."""
    names = [name for name in Wanted.__slots__ if name != "caller"]
    if all(getattr(wanted, name) == getattr(record.wanted, name) for name in names):
        return Outcome("unchanged", record.id)
    detail = f"'{wanted.reference}' has a call in this programme and month already, with other content. Nothing was changed."
    return Outcome("refused", record.id, DomainError("reference-taken", detail))


def _unfit(wrong: Sequence[FieldError]) -> DomainError:
    detail = "The call was not added: it does not fit the organisation's profile. See `errors`."
    return DomainError("unknown-code", detail, Kind.MALFORMED, tuple(wrong))
