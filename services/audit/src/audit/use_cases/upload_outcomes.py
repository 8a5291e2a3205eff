"""Outcomes from a sheet: checked row by row, kept until the person who sent it says yes, and recorded as they were checked.

A machine needs no yes: it posts a sheet and gets a result for each row.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from audit.domain.outcome import Outcome
from audit.domain.profile import AuditProfile, Tool
from audit.domain.sheet_layout import layout_of
from audit.domain.sheet_rows import RowOutcome, errors_of, outcomes_of
from audit.use_cases.record_outcomes import Recorded, RecordOutcomes, in_turns
from chassis.days import british_today
from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.profile_store import ProfileStore
from chassis.spreadsheet import CellError, Layout, Sheet, refused_csv
from chassis.unit_of_work import Transaction
from chassis.uploads import Upload, UploadStore

SOURCE = "upload"
"""Whose references the rows of an uploaded sheet are: the organisation's, so that a colleague's second upload corrects."""

STATUSES = ("recorded", "corrected", "unchanged", "refused")
MOST_ERRORS = 20
"""Wrong cells that are named of one row."""

Act = Callable[..., Awaitable[list[Recorded | DomainError]]]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row, or would become: one of `STATUSES`, and what is wrong with it. `reason` is a problem's slug."""

    row: int
    status: str
    reference: str | None
    version: int | None
    errors: tuple[CellError, ...] = ()
    reason: str | None = None
    recorded: Recorded | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload as a page shows it. `done` are the figures of what was recorded, None while it waits for a yes."""

    upload: Upload
    tool: str
    name: str
    title: str | None
    examples: int
    rows: tuple[RowResult, ...]
    done: Mapping[str, int] | None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows there are of each status."""
        counted = Counter(row.status for row in self.rows)
        return self.done or {status: counted[status] for status in STATUSES}


class UploadOutcomes:
    """The use case; one instance a process."""

    def __init__(self, profiles: ProfileStore[AuditProfile], recording: RecordOutcomes, uploads: UploadStore) -> None:
        self._profiles = profiles
        self._recording = recording
        self._uploads = uploads

    async def layout(self, transaction: Transaction, tool: str) -> tuple[Tool, Layout]:
        """The tool of a code, and the columns of its sheets. Raises `DomainError` (not-found)."""
        profile = (await self._profiles.current(transaction)).profile
        if tool not in profile.tools:
            raise not_found("audit tool")
        return profile.tools[tool], layout_of(profile, profile.tools[tool])

    async def post(self, transaction: Transaction, poster: Identity, tool: Tool, sheet: Sheet) -> list[RowResult]:
        """Record the rows of a machine's sheet, under its own references; a result for each."""
        rows = await self._read(transaction, tool, sheet)
        return await self._carry_out(self._recording.many, transaction, poster, rows, sheet.letters, poster.subject)

    async def check(self, transaction: Transaction, uploader: Identity, tool: Tool, sheet: Sheet, name: str) -> UUID:
        """Keep what was read of a person's sheet, with what would become of each row. Nothing is recorded."""
        rows = await self._read(transaction, tool, sheet)
        results = await self._carry_out(self._recording.check, transaction, uploader, rows, sheet.letters, SOURCE)
        content = {
            "tool": tool.code,
            "name": name,
            "title": sheet.title,
            "headings": sheet.headings,
            "letters": sheet.letters,
            "examples": len(sheet.examples),
            "rows": [_packed(row) for row in rows],
            "results": [asdict(replace(result, recorded=None)) for result in results],
        }
        return await self._uploads.keep(transaction, uploader.subject, content)

    async def look(self, transaction: Transaction, uploader: Identity, upload_id: UUID) -> Checked:
        """An upload as it was checked. Raises `DomainError` (upload-gone)."""
        return _checked(await self._uploads.find(transaction, upload_id, uploader.subject))

    async def refused(self, transaction: Transaction, uploader: Identity, upload_id: UUID) -> bytes:
        """The refused rows of an upload as CSV, as they stood, with the reasons last. Raises `DomainError` (upload-gone)."""
        content = (await self._uploads.find(transaction, upload_id, uploader.subject)).content
        texts = {row["row"]: row["texts"] for row in content["rows"]}
        results = map(_result, content["results"])
        return refused_csv(content["headings"], ((texts[row.row], _reasons(row)) for row in results if row.status == "refused"))

    async def record(self, transaction: Transaction, uploader: Identity, upload_id: UUID) -> tuple[Checked, bool]:
        """Record an upload as it was checked, once, however often this is called; answers whether it stands.

        Where something was recorded meanwhile, so that the outcome would be another than what the person saw, nothing is
        recorded, and the upload is as it would be now (False). Raises `DomainError` (upload-gone).
        """
        upload = await self._uploads.find(transaction, upload_id, uploader.subject, claim=True)
        if upload.done_at is not None:
            return _checked(upload), True
        content = upload.content
        rows = [_unpacked(row) for row in content["rows"]]
        letters = content["letters"]
        seen = [_result(result) for result in content["results"]]
        now = await self._carry_out(self._recording.check, transaction, uploader, rows, letters, SOURCE)
        if [(row.row, row.status, row.version) for row in now] != [(row.row, row.status, row.version) for row in seen]:
            content["results"] = [asdict(replace(result, recorded=None)) for result in now]
            await self._uploads.change(transaction, upload_id, content)
            return _checked(upload), False
        await self._carry_out(self._recording.many, transaction, uploader, rows, letters, SOURCE)
        counts = dict(_checked(upload).counts)
        await self._uploads.finish(transaction, upload_id, counts)
        # What was recorded is kept where it belongs; what was refused can still be fetched and put right.
        refused = {row.row for row in seen if row.status == "refused"}
        for name in ("rows", "results"):
            content[name] = [row for row in content[name] if row["row"] in refused]
        await self._uploads.change(transaction, upload_id, content)
        return _checked(await self._uploads.find(transaction, upload_id, uploader.subject)), True

    async def discard(self, transaction: Transaction, uploader: Identity, upload_id: UUID) -> None:
        """Delete an upload that is not to be recorded."""
        await self._uploads.discard(transaction, upload_id, uploader.subject)

    async def _read(self, transaction: Transaction, tool: Tool, sheet: Sheet) -> list[RowOutcome]:
        profile = (await self._profiles.current(transaction)).profile
        rows = outcomes_of(sheet, profile, tool, british_today())
        return [row async for row in in_turns(rows)]

    async def _carry_out(
        self, act: Act, transaction: Transaction, poster: Identity, rows: Sequence[RowOutcome], letters: Any, source: str
    ) -> list[RowResult]:  # fmt: skip
        """What `act`, which records or only checks, makes of the rows that are outcomes; the others are refused."""
        posted = [(row.postable, row.numbered) for row in rows if row.postable is not None]
        outcomes = await self._recording.numbered(transaction, poster, posted, source=source)
        answers = iter(zip(outcomes, await act(transaction, poster, outcomes, source=source), strict=True))
        return [_refused(row) if row.postable is None else _answered(row.row, *next(answers), letters) for row in rows]


def _refused(row: RowOutcome) -> RowResult:
    return RowResult(row.row, "refused", row.reference or None, None, row.errors[: MOST_ERRORS + 1], "invalid-row")


def _answered(row: int, outcome: Outcome, answer: Recorded | DomainError, letters: Mapping[str, str]) -> RowResult:
    if isinstance(answer, DomainError):
        errors = errors_of(answer, outcome, row, letters)[:MOST_ERRORS]
        return RowResult(row, "refused", outcome.reference, None, errors, answer.slug)
    return RowResult(row, answer.status, answer.reference, answer.version, recorded=answer)


def _packed(row: RowOutcome) -> dict[str, Any]:
    outcome = row.outcome.model_dump(mode="json") if row.outcome else None
    return {**asdict(replace(row, outcome=None)), "outcome": outcome}


def _unpacked(row: dict[str, Any]) -> RowOutcome:
    outcome = Outcome.model_validate(row["outcome"]) if row["outcome"] else None
    errors = tuple(CellError(**error) for error in row["errors"])
    return RowOutcome(row["row"], row["reference"], outcome, row["numbered"], errors, tuple(row["texts"]))


def _result(result: dict[str, Any]) -> RowResult:
    return RowResult(**{**result, "errors": tuple(CellError(**error) for error in result["errors"])})


def _checked(upload: Upload) -> Checked:
    content = upload.content
    return Checked(
        upload,
        content["tool"],
        content["name"],
        content["title"],
        content["examples"],
        tuple(_result(result) for result in content["results"]),
        upload.result,
    )


def _reasons(row: RowResult) -> str:
    return " ".join(f"{error.column}: {error.detail}" if error.column else error.detail for error in row.errors)
