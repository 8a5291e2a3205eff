"""Calls from a sheet: checked row by row, kept until the officer says yes, and added once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.spreadsheet import CellError, Sheet, refused_csv
from chassis.unit_of_work import Transaction
from chassis.uploads import Upload
from feedback.adapters import calls
from feedback.context import Context
from feedback.domain.call_sheet import COLUMNS
from feedback.use_cases.add_calls import Planned, add_calls, faults, wanted_of
from feedback.use_cases.keep_callers import rota

STATUSES = ("new", "there", "refused")
_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class CallRow:
    """A row as it was checked."""

    row: int
    status: str
    planned: Planned | None
    errors: tuple[CellError, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedCalls:
    """An upload as a page shows it. `done` says what became of it, None while it waits for a yes."""

    upload: Upload
    programme: str
    name: str
    headings: tuple[str, ...]
    rows: tuple[CallRow, ...]
    done: Mapping[str, int] | None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows there are of each status."""
        counted = Counter(row.status for row in self.rows)
        return self.done if self.done is not None else {status: counted[status] for status in STATUSES}


async def check_calls(
    transaction: Transaction,
    context: Context,
    officer: Identity,
    sheet: Sheet,
    programme: str,
    due_on: date,
    name: str,
    now: datetime,
) -> UUID:
    """Keep what was read of a sheet, with what would become of each row. Nothing is added."""
    profile = (await context.profiles.current(transaction)).profile
    known = {each.subject for each in (await rota(transaction, context)).everybody}
    rows = []
    first: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        planned = Planned(
            programme,
            row.text("reference"),
            row.day("due by") or due_on,
            None,
            row.text("team") or None,
            row.text("language") or None,
            row.day("about on"),
            row.text("caller") or None,
        )
        wrong = list(row.errors)
        if not wrong:
            found = list(faults(profile, planned, british_day(now), officer.areas, known))
            wrong += [sheet.error(row.number, COLUMNS.get(each.pointer.strip("/"), ""), each.detail) for each in found]
        if len(planned.reference) > _REFERENCE:
            wrong.append(sheet.error(row.number, "reference", f"A reference has at most {_REFERENCE} characters, in one line."))
        key = (planned.reference, f"{planned.due_on:%Y-%m}")
        if planned.reference and first.setdefault(key, row.number) != row.number:
            wrong.append(sheet.error(row.number, "reference", f"This stands in row {first[key]} already."))
        rows.append(CallRow(row.number, "refused" if wrong else "new", None if wrong else planned, tuple(wrong), row.texts))
    wanted = [wanted_of(profile, row.planned) for row in rows if row.planned]
    there = await calls.known(transaction, wanted)
    keys = iter([calls.natural_key(each) for each in wanted])
    rows = [
        CallRow(row.row, "there" if row.planned and next(keys) in there else row.status, row.planned, row.errors, row.texts)
        for row in rows
    ]
    content = {"programme": programme, "name": name, "headings": sheet.headings, "rows": [_packed(row) for row in rows]}
    return await context.call_sheets.keep(transaction, officer.subject, content)


async def look_calls(transaction: Transaction, context: Context, officer: Identity, upload_id: UUID) -> CheckedCalls:
    """An upload as it was checked. Raises `DomainError` (upload-gone)."""
    return _checked(await context.call_sheets.find(transaction, upload_id, officer.subject))


async def refused_calls(transaction: Transaction, context: Context, officer: Identity, upload_id: UUID) -> bytes:
    """The refused rows as CSV, as they stood, with the reasons last. Raises `DomainError` (upload-gone)."""
    found = await look_calls(transaction, context, officer, upload_id)
    refused = [row for row in found.rows if row.status == "refused"]
    return refused_csv(found.headings, ((row.texts, " ".join(map(_reason, row.errors))) for row in refused))


async def add_checked_calls(
    transaction: Transaction, context: Context, officer: Identity, upload_id: UUID, now: datetime
) -> CheckedCalls:
    """Add the calls of an upload, once, however often this is called. One that somebody added meanwhile is there already.

    Raises `DomainError` (upload-gone).
    """
    found = _checked(await context.call_sheets.find(transaction, upload_id, officer.subject, claim=True))
    if found.done is not None:
        return found
    planned = [row.planned for row in found.rows if row.planned and row.status == "new"]
    if not planned:
        raise DomainError("nothing-to-add", "There is no call to add in this upload.", Kind.CONFLICT)
    known = {each.subject for each in (await rota(transaction, context)).everybody}
    outcomes = await add_calls(transaction, context, officer, planned, known, now)
    for outcome in outcomes:
        if outcome.problem is not None and outcome.call_id is None:
            # The profile has changed since the check: nothing is added by halves.
            raise outcome.problem
    added = sum(outcome.status == "added" for outcome in outcomes)
    refused = found.counts["refused"]
    counts = {"new": added, "there": len(found.rows) - refused - added, "refused": refused}
    await context.call_sheets.finish(transaction, upload_id, counts)
    kept = [_packed(row) for row in found.rows if row.status == "refused"]
    content = {"programme": found.programme, "name": found.name, "headings": found.headings, "rows": kept}
    await context.call_sheets.change(transaction, upload_id, content)
    return await look_calls(transaction, context, officer, upload_id)


def due_fault(due_on: date, today: date) -> FieldError | None:
    """What is wrong with the day that a page gives for all rows."""
    return None if due_on >= today else FieldError("/due_on", "Write a day from today on")


def _packed(row: CallRow) -> dict[str, Any]:
    planned = {name: getattr(row.planned, name) for name in Planned.__slots__} if row.planned else None
    errors = [asdict(error) for error in row.errors]
    return {"row": row.row, "status": row.status, "planned": planned, "errors": errors, "texts": row.texts}


def _unpacked(row: Mapping[str, Any]) -> CallRow:
    planned = row["planned"]
    if planned:
        days = {name: date.fromisoformat(planned[name]) if planned[name] else None for name in ("due_on", "about_on")}
        planned = Planned(**{**planned, **days})
    return CallRow(
        row["row"], row["status"], planned, tuple(CellError(**error) for error in row["errors"]), tuple(row["texts"])
    )


def _checked(upload: Upload) -> CheckedCalls:
    content = upload.content
    rows: Sequence[CallRow] = [_unpacked(row) for row in content["rows"]]
    return CheckedCalls(upload, content["programme"], content["name"], tuple(content["headings"]), tuple(rows), upload.result)


def _reason(error: CellError) -> str:
    return f"{error.column}: {error.detail}" if error.column else error.detail
