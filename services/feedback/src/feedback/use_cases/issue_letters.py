"""Letters from a sheet: checked row by row, kept until the officer says yes, and issued as they were checked, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.spreadsheet import CellError, Sheet, refused_csv
from chassis.unit_of_work import Transaction
from chassis.uploads import Upload
from feedback.adapters import invitations, told_sets
from feedback.context import Context
from feedback.domain.invitation import InvitationRequest, faults
from feedback.domain.letter_sheet import Settings, address_of, cell_of, request_of
from feedback.domain.profile import FeedbackProfile
from feedback.domain.sending import channel_of
from feedback.use_cases.arrange_sending import Addressed, arrange_sending
from feedback.use_cases.issue_invitations import Result, issue_invitations, refusal
from feedback.use_cases.issue_links import keep_told, staff_client
from feedback.use_cases.reissue_invitations import Again, reissue_invitations

Status = Literal["new", "again", "there", "refused"]
STATUSES: tuple[Status, ...] = ("new", "again", "there", "refused")
CHUNK = 500
"""Links issued between two waits for the database, so that families who answer meanwhile are served."""

_SETTINGS = TypeAdapter(Settings)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A row as it was checked: what would become of it, and the invitation whose place it takes."""

    row: int
    status: Status
    request: InvitationRequest | None
    old: UUID | None = None
    errors: tuple[CellError, ...] = ()
    texts: tuple[str, ...] = ()
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CheckedLetters:
    """An upload as a page shows it. `done` says what became of it, None while it waits for a yes."""

    upload: Upload
    settings: Settings
    name: str
    examples: int
    headings: tuple[str, ...]
    rows: tuple[LetterRow, ...]
    done: Mapping[str, Any] | None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows there are of each status."""
        counted = Counter(row.status for row in self.rows)
        return self.done["counts"] if self.done else {status: counted[status] for status in STATUSES}

    @property
    def sent(self) -> int:
        """How many of the rows that will be issued are sent by us; once it is done that stands in the list of links."""
        return sum(1 for row in self.rows if row.address is not None and row.status in {"new", "again"})


async def assert_settings(
    transaction: Transaction, context: Context, officer: Identity, settings: Settings, now: datetime
) -> FeedbackProfile:
    """The profile, for what was chosen on the page. Raises `DomainError` with the fields that are wrong."""
    profile = (await context.profiles.current(transaction)).profile
    if wrong := list(faults(profile, settings.request(), british_day(now), officer.areas)):
        raise refusal(wrong)
    return profile


async def check_letters(
    transaction: Transaction,
    context: Context,
    officer: Identity,
    sheet: Sheet,
    settings: Settings,
    name: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """Keep what was read of a sheet, with what would become of each row. Nothing is issued."""
    profile = await assert_settings(transaction, context, officer, settings, now)
    rows = _read(sheet, settings, profile, british_day(now), officer)
    rows = await _standing(transaction, settings, rows)
    content = {
        "settings": _SETTINGS.dump_python(settings, mode="json"),
        "name": name,
        "examples": len(sheet.examples),
        "headings": sheet.headings,
        "rows": [_packed(row) for row in rows],
    }
    return await context.uploads.keep(transaction, officer.subject, content)


async def look_letters(transaction: Transaction, context: Context, officer: Identity, upload_id: UUID) -> CheckedLetters:
    """An upload as it was checked. Raises `DomainError` (upload-gone)."""
    return _checked(await context.uploads.find(transaction, upload_id, officer.subject))


async def refused_letters(transaction: Transaction, context: Context, officer: Identity, upload_id: UUID) -> bytes:
    """The refused rows as CSV, as they stood, with the reasons last. Raises `DomainError` (upload-gone)."""
    found = await look_letters(transaction, context, officer, upload_id)
    refused = [row for row in found.rows if row.status == "refused"]
    return refused_csv(found.headings, ((row.texts, " ".join(map(_reason, row.errors))) for row in refused))


async def issue_letters(
    transaction: Transaction, context: Context, officer: Identity, upload_id: UUID, now: datetime
) -> tuple[CheckedLetters, bool]:
    """Issue the letters of an upload as they were checked, once, however often this is called; answers whether it stands.

    Where something was issued or answered meanwhile, so that the outcome would be another than what the officer saw, nothing is
    issued and the upload is as it would be now (False). Raises `DomainError` (upload-gone).
    """
    upload = await context.uploads.find(transaction, upload_id, officer.subject, claim=True)
    found = _checked(upload)
    if upload.done_at is not None:
        return found, True
    await told_sets.take_turn(transaction)
    rows = await _standing(transaction, found.settings, found.rows)
    if [(row.status, row.old) for row in rows] != [(row.status, row.old) for row in found.rows]:
        await context.uploads.change(transaction, upload_id, {**upload.content, "rows": [_packed(row) for row in rows]})
        return await look_letters(transaction, context, officer, upload_id), False
    wanted = [row for row in rows if row.status in {"new", "again"}]
    if not wanted:
        raise DomainError("nothing-to-issue", "There is no letter to issue in this upload.", Kind.CONFLICT)
    issued = await _issue(transaction, context, officer, found.settings, wanted, now)
    profile = (await context.profiles.current(transaction)).profile
    sent = sum(1 for row in wanted if row.address is not None)
    set_id = await keep_told(transaction, context, officer, profile, issued, sent=sent)
    await context.uploads.finish(transaction, upload_id, {"set": str(set_id), "counts": dict(found.counts)})
    # The references of what was issued are kept where they belong; what was refused can still be fetched and put right.
    kept = [_packed(row) for row in rows if row.status == "refused"]
    await context.uploads.change(transaction, upload_id, {**upload.content, "rows": kept})
    return await look_letters(transaction, context, officer, upload_id), True


async def _issue(
    transaction: Transaction,
    context: Context,
    officer: Identity,
    settings: Settings,
    rows: Sequence[LetterRow],
    now: datetime,
) -> list[tuple[InvitationRequest, Result]]:  # fmt: skip
    """Issue rows in their order. Raises `DomainError` for what the profile has against one since it was checked."""
    issued: list[tuple[InvitationRequest, Result]] = []
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        addressed: list[Addressed] = []
        new = [row.request for row in some if row.status == "new" and row.request]
        client = staff_client(settings.questionnaire)
        results = iter(await issue_invitations(transaction, context, client, new, now, officer.areas) if new else ())
        again = [Again(row.old, row.request) for row in some if row.old and row.status == "again"]
        redone = iter(await reissue_invitations(transaction, context, again, now, officer.areas) if again else ())
        for row in some:
            result = next(results) if row.status == "new" else next(redone).result
            if result.problem is not None:
                raise result.problem
            if row.request is not None:
                issued.append((row.request, result))
            if row.address is not None and (channel := channel_of(settings.channel)):
                addressed.append(Addressed(result, channel, row.address))
        await arrange_sending(transaction, context, officer.subject, addressed, now)
    return issued


def _read(sheet: Sheet, settings: Settings, profile: FeedbackProfile, today: date, officer: Identity) -> list[LetterRow]:
    """The rows by themselves: what is wrong in each, and references that stand twice in the sheet."""
    first: dict[str, int] = {}
    rows: list[LetterRow] = []
    for row in sheet.rows:
        request = request_of(row, settings) if not row.errors else []
        if isinstance(request, list):
            errors = row.errors or tuple(cell_of(sheet, row, each) for each in request)
        else:
            errors = tuple(cell_of(sheet, row, each) for each in faults(profile, request, today, officer.areas))
        reference = row.text("reference")
        if reference and first.setdefault(reference, row.number) != row.number:
            errors = (*errors, sheet.error(row.number, "reference", f"This stands in row {first[reference]} already."))
        address = address_of(row, settings)
        if isinstance(address, FieldError):
            errors = (*errors, cell_of(sheet, row, address))
        if errors or isinstance(request, list) or isinstance(address, FieldError):
            rows.append(LetterRow(row.number, "refused", None, errors=errors, texts=row.texts))
        else:
            rows.append(LetterRow(row.number, "new", request, texts=row.texts, address=address))
    return rows


async def _standing(transaction: Transaction, settings: Settings, rows: Sequence[LetterRow]) -> list[LetterRow]:
    """The rows with what is there of each reference now: a new link, one in an open one's place, or nothing to do."""
    references = [row.request.reference for row in rows if row.request and row.request.reference]
    known = await invitations.open_by_reference(transaction, staff_client(settings.questionnaire), references)
    return [_stands(row, settings, known) for row in rows]


def _stands(row: LetterRow, settings: Settings, known: Mapping[str, UUID | None]) -> LetterRow:
    if row.request is None or row.request.reference is None:
        return row
    status: Status = "new"
    old = None
    if row.request.reference in known:
        old = known[row.request.reference] if settings.replace else None
        status = "again" if old else "there"
    return LetterRow(row.row, status, row.request, old, row.errors, row.texts, row.address)


def _packed(row: LetterRow) -> dict[str, Any]:
    request = row.request.model_dump(mode="json") if row.request else None
    errors = [asdict(error) for error in row.errors]
    # What a row that will be issued looked like is of no use any more.
    texts = row.texts if row.status == "refused" else ()
    old = str(row.old) if row.old else None
    return {
        "row": row.row,
        "status": row.status,
        "request": request,
        "old": old,
        "errors": errors,
        "texts": texts,
        "address": row.address,
    }


def _unpacked(row: Mapping[str, Any]) -> LetterRow:
    request = InvitationRequest.model_validate(row["request"]) if row["request"] else None
    errors = tuple(CellError(**error) for error in row["errors"])
    old = UUID(row["old"]) if row["old"] else None
    return LetterRow(row["row"], row["status"], request, old, errors, tuple(row["texts"]), row.get("address"))


def _checked(upload: Upload) -> CheckedLetters:
    content = upload.content
    return CheckedLetters(
        upload,
        _SETTINGS.validate_python(content["settings"]),
        content["name"],
        content["examples"],
        tuple(content["headings"]),
        tuple(_unpacked(row) for row in content["rows"]),
        upload.result,
    )


def _reason(error: CellError) -> str:
    return f"{error.column}: {error.detail}" if error.column else error.detail
