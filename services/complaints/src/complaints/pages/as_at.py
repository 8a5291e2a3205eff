"""The past day on which a record is asked for, as it stands in the address: `on-day`, `on-month`, `on-year`, and `known`."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from fastapi import Request

from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages.days import day_in
from chassis.pages.forms import tidied_form
from chassis.unit_of_work import Transaction
from complaints.pages.labels import day_words
from complaints.pages.staff_forms import typed
from complaints.use_cases.read_complaints import ComplaintView, read_complaint
from complaints.use_cases.setup import Setup

MOST_TYPED = 8
_WRONG = {
    "before-received": "The complaint had not been received then. Enter a later day",
    "before-recorded": "Nothing had been recorded of the complaint then. Enter a later day",
}


@dataclass(frozen=True)
class AsAt:
    """The day, None for today; whether by what had been recorded by then; and what was typed."""

    on: date | None
    known: bool
    typed: dict[str, str]
    errors: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, request: Request, today: date) -> "AsAt":
        """Read the address. A day to come is today."""
        form = tidied_form(request.query_params.multi_items())
        given = {part: form.get(f"on-{part}", "")[:MOST_TYPED] for part in ("day", "month", "year")}
        known = form.get("known") == "true"
        if not typed(form, "on"):
            return cls(None, known, given)
        on = day_in(form, "on")
        if on is None:
            return cls(None, known, given, (("on", "Enter a real day, like 27 3 2022"),))
        return cls(on if on < today else None, known, given)

    @property
    def words(self) -> str:
        """What is shown, in a sentence; empty for today."""
        if self.on is None:
            return ""
        by = "by what had been recorded by then" if self.known else "by what is recorded now"
        return f"As it stood on {day_words(self.on)}, {by}."


async def read_as_at(
    transaction: Transaction, setup: Setup, identity: Identity, ident: UUID, as_at: AsAt, *, reasons: bool
) -> tuple[AsAt, ComplaintView]:
    """The complaint on the day; as it stands today, with what is wrong, where it was not there then. Raises `not-found`."""
    try:
        known = as_at.known and as_at.on is not None
        return as_at, await read_complaint(transaction, setup, identity, ident, as_at.on, reasons=reasons, known=known)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED or as_at.on is None:
            raise
        wrong = (("on", _WRONG.get(error.slug, error.detail)),)
        view = await read_complaint(transaction, setup, identity, ident, None, reasons=reasons)
        return replace(as_at, on=None, errors=wrong), view
