"""A date of a complaint was recorded wrongly: it is corrected with a reason, and every clock is counted anew."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import corrections
from complaints.domain.corrections import ClockChange, Correction, DateOf
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step


@dataclass(frozen=True)
class CorrectDate:
    """Which date, the right day (None: it did not happen), and why."""

    target: Target
    date_of: DateOf
    day: date | None
    reason: str


async def correct_date(transaction: Transaction, setup: Setup, identity: Identity, command: CorrectDate) -> Taken:
    """Correct a date. Raises what `take_step` and `corrections.correct` raise; nothing is stored that a step would refuse."""
    if not command.reason.strip():
        errors = (FieldError("/reason", "expected why the date was wrong"),)
        raise DomainError("reason-required", "A date is corrected with a reason.", Kind.MALFORMED, errors)
    number = command.target.stage
    correction = Correction(number, command.date_of, command.day)
    sealed = setup.seal_reason(transaction.org, command.reason)
    dated_on = command.day or setup.today()
    change = NewChange("correct", number, dated_on, identity.subject, sealed, command.date_of, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, calendar, today: corrections.correct(case, correction, calendar=calendar, today=today),
    )


def clocks_moved(taken: Taken, today: date) -> tuple[ClockChange, ...]:
    """What a correction made of the clocks."""
    return corrections.clock_changes(taken.before, taken.case, taken.calendar, today)
