"""Who makes calls: they come to their page, an officer says in which programmes, and each month counts what they did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import callers, sealing
from feedback.adapters.callers import Caller
from feedback.context import Context
from feedback.domain.call_profile import Calls
from feedback.domain.call_progress import Duty, Progress, agreed, month_of, progress
from feedback.events.out import caller_assigned


@dataclass(frozen=True, slots=True)
class Rota:
    """Everybody who makes calls, with what each owes."""

    calls: Calls
    everybody: Sequence[Caller]
    duties: Sequence[Duty]

    def name(self, subject: str | None) -> str:
        """What a caller is called; nobody's call is said to be so."""
        if subject is None:
            return "Whoever takes it"
        return next((each.name for each in self.everybody if each.subject == subject), "Somebody who has left")

    def programmes_of(self, subject: str) -> list[str]:
        """Those in which somebody makes calls now."""
        return [duty.programme for duty in self.duties if duty.subject == subject and duty.until_on is None]


@dataclass(frozen=True, slots=True)
class Month:
    """How far callers are in a month."""

    rota: Rota
    month: date
    lines: Sequence[Progress]


async def come_to_call(transaction: Transaction, context: Context, identity: Identity, now: datetime) -> Rota:
    """Note that a caller is there, so that an officer can give them calls; who makes calls."""
    await callers.seen(transaction, context.secrets, identity, british_day(now))
    await follow_profile(transaction, context, now)
    return await rota(transaction, context)


async def rota(transaction: Transaction, context: Context) -> Rota:
    """Who makes calls."""
    calls = (await context.profiles.current(transaction)).profile.calls
    return Rota(calls, await callers.everybody(transaction, context.secrets), await callers.duties(transaction))


async def month_of_calls(transaction: Transaction, context: Context, month: date, subject: str | None) -> Month:
    """How far everybody is in a month, or one caller; by programme and name."""
    found = await rota(transaction, context)
    made = await callers.made(transaction, month, subject)
    held = [duty for duty in found.duties if subject is None or duty.subject == subject]
    places = [programme.code for programme in found.calls.programmes]
    lines = progress(held, made, month)
    lines.sort(key=lambda line: (places.index(line.programme) if line.programme in places else len(places),
                                 found.name(line.subject).casefold()))  # fmt: skip
    return Month(found, month, lines)


async def assign_caller(
    transaction: Transaction, context: Context, subject: str, programmes: Collection[str], now: datetime
) -> bool:
    """Say in which programmes somebody makes calls, from today on; answers whether that changed anything.

    Raises `incomplete` (malformed) for a caller or programme that is not there.
    """
    await callers.lock(transaction)
    found = await rota(transaction, context)
    if subject not in {each.subject for each in found.everybody}:
        raise _wrong("/caller", "Choose somebody of the list: whoever has opened their calls once stands there")
    if not set(programmes) <= {each.code for each in found.calls.programmes}:
        raise _wrong("/programmes", "Choose programmes of the list")
    wanted = {code: _minimum(found.calls, code) for code in programmes}
    return await _agree(transaction, context, found, {subject: wanted}, now)


async def follow_profile(transaction: Transaction, context: Context, now: datetime) -> None:
    """Bring what callers owe up to the profile: another minimum holds from this month on, a programme that has gone ends.

    Called when somebody opens their calls or the progress of all: the first who does brings it up to date for everybody.
    """
    found = await rota(transaction, context)
    known = {programme.code for programme in found.calls.programmes}
    stale = [
        duty for duty in found.duties
        if duty.until_on is None and (duty.programme not in known or duty.minimum != _minimum(found.calls, duty.programme))
    ]  # fmt: skip
    if not stale:
        return
    await callers.lock(transaction)
    found = await rota(transaction, context)
    wanted = {
        each.subject: {code: _minimum(found.calls, code) for code in found.programmes_of(each.subject) if code in known}
        for each in found.everybody
    }
    await _agree(transaction, context, found, wanted, now)


async def _agree(
    transaction: Transaction, context: Context, found: Rota, wanted: Mapping[str, Mapping[str, int | None]], now: datetime
) -> bool:
    changed = [
        duty for subject, programmes in wanted.items() for duty in agreed(found.duties, subject, programmes, british_day(now))
    ]
    await callers.keep(transaction, changed)
    for duty in changed:
        programme = found.calls.programme(duty.programme)
        key = caller_key(context, transaction.org, duty.subject)
        transaction.record(caller_assigned(duty, key, programme.service_area if programme else None), occurred_at=now)
    return bool(changed)


def caller_key(context: Context, org: str, subject: str) -> str:
    """A caller as events know them."""
    return context.secrets.pseudonym(org, sealing.CALLER, subject)


def this_month(now: datetime) -> date:
    """The first day of the month in Britain."""
    return month_of(british_day(now))


def _minimum(calls: Calls, code: str) -> int | None:
    programme = calls.programme(code)
    return programme.minimum_a_month if programme else None


def _wrong(pointer: str, detail: str) -> DomainError:
    return DomainError("incomplete", "Nothing was changed. See `errors`.", Kind.MALFORMED, (FieldError(pointer, detail),))
