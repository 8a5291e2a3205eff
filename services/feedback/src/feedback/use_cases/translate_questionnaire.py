"""Translations of a working copy: typed beside the English, or sent as a sheet, which is taken as a whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.spreadsheet import CellError, Sheet
from chassis.unit_of_work import Transaction
from chassis.uploads import Upload, UploadStore
from feedback.adapters import copies
from feedback.context import Context
from feedback.domain import draft as drafts
from feedback.domain.draft import Draft
from feedback.domain.translation_sheet import SheetText, read_sheet
from feedback.domain.translations import standing
from feedback.domain.wordings import put
from feedback.use_cases.edit_questionnaire import copy_gone, fingerprint

_TAKEN = frozenset({"new", "changed"})


@dataclass(frozen=True, slots=True)
class Text:
    """A translation as it was typed. `seen` is what stood there when the page was opened (`seen_of`), `was` what it held."""

    key: str
    text: str
    seen: str
    was: str
    fits: bool = False


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """A sheet as a page shows it. `done` says what became of it, None while it waits for a yes."""

    upload: Upload
    code: str
    language: str
    name: str
    fluent: bool
    rows: tuple[SheetText, ...]
    done: Mapping[str, Any] | None

    def of(self, *statuses: str) -> tuple[SheetText, ...]:
        """The rows of which that becomes."""
        return tuple(row for row in self.rows if row.status in statuses)


def seen_of(english: str, text: str) -> str:
    """What stands in one row of the page: the English and its translation."""
    return fingerprint([english, text])


async def save_translations(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    code: str,
    language: str,
    texts: Sequence[Text],
    *,
    reviewed: bool,
    now: datetime,
) -> None:
    """Keep what was typed. What was not touched stays as it is now, whoever changed it.

    Raises `DomainError` changed-meanwhile (stale), with the keys as pointers, where somebody changed a text or its English
    since; then nothing is kept.
    """
    copy = await copies.find(transaction, context.secrets, code, lock=True)
    if copy is None:
        raise copy_gone()
    known = {each.wording.key: each for each in standing(copy.draft, language).all}
    touched = [each for each in texts if (each.text != each.was or each.fits) and each.key in known]
    clashes = [
        each.key
        for each in touched
        if each.text != known[each.key].text and seen_of(known[each.key].wording.english, known[each.key].text) != each.seen
    ]
    if clashes:
        detail = f"{copy.changed_by_name} changed texts on this page since you opened it. Nothing of yours was saved yet."
        raise DomainError("changed-meanwhile", detail, Kind.STALE, tuple(FieldError(key, detail) for key in clashes))
    after = _with(copy.draft, language, {each.key: each.text for each in touched})
    after = drafts.confirm(after, language, [each.key for each in touched])
    after = _reviewed(after, language, fluent=reviewed)
    if after != copy.draft:
        await copies.save(transaction, context.secrets, identity, code, after, copy.base, now)


async def check_sheet(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    code: str,
    language: str,
    sheet: Sheet,
    *,
    name: str,
    fluent: bool,
) -> UUID:
    """Keep what was read of a sheet, with what would become of each row. Nothing is taken yet."""
    copy = await copies.find(transaction, context.secrets, code)
    if copy is None:
        raise copy_gone()
    rows = read_sheet(sheet, copy.draft, code, language)
    content = {"code": code, "language": language, "name": name, "fluent": fluent, "rows": [_packed(row) for row in rows]}
    return await _store(context).keep(transaction, identity.subject, content)


async def look_sheet(transaction: Transaction, context: Context, identity: Identity, upload_id: UUID) -> CheckedSheet:
    """A sheet as it was checked. Raises `DomainError` upload-gone."""
    return _checked(await _store(context).find(transaction, upload_id, identity.subject))


async def take_sheet(
    transaction: Transaction, context: Context, identity: Identity, upload_id: UUID, now: datetime
) -> tuple[CheckedSheet, bool]:
    """Take the translations of a sheet as they were checked, all of them, once; answers whether it stands.

    Where a text was changed since the check nothing is taken: the check is made again, and shown. Raises `DomainError`
    refused-rows where a row is refused, and upload-gone, copy-gone.
    """
    store = _store(context)
    upload = await store.find(transaction, upload_id, identity.subject, claim=True)
    found = _checked(upload)
    if upload.done_at is not None:
        return found, True
    copy = await copies.find(transaction, context.secrets, found.code, lock=True)
    if copy is None:
        raise copy_gone()
    rows = tuple(_again(row, copy.draft, found.language) for row in found.rows)
    if rows != found.rows:
        await store.change(transaction, upload_id, {**upload.content, "rows": [_packed(row) for row in rows]})
        return await look_sheet(transaction, context, identity, upload_id), False
    if found.of("refused"):
        raise DomainError("refused-rows", "Nothing was taken: put the refused rows right and send the sheet again.")
    taken = found.of(*_TAKEN)
    after = _with(copy.draft, found.language, {row.key: row.text for row in taken})
    after = drafts.made_from(after, found.language, {row.key: row.source or row.english for row in taken})
    if found.language not in after.languages:
        after = after.model_copy(update={"languages": (*after.languages, found.language)})
    after = _reviewed(after, found.language, fluent=found.fluent)
    if after != copy.draft:
        await copies.save(transaction, context.secrets, identity, found.code, after, copy.base, now)
    await store.finish(transaction, upload_id, {"taken": len(taken)})
    return await look_sheet(transaction, context, identity, upload_id), True


def _with(draft: Draft, language: str, texts: Mapping[str, str]) -> Draft:
    content = draft.content()
    for key, text in texts.items():
        put(content, key, language, text)
    return drafts.parse(content)


def _reviewed(draft: Draft, language: str, *, fluent: bool) -> Draft:
    """The draft with a language read by a fluent speaker, or still to be read by one."""
    waiting = [
        each
        for each in draft.languages
        if (each in draft.needs_review or each == language) and not (fluent and each == language)
    ]
    return draft.model_copy(update={"needs_review": tuple(waiting)})


def _again(row: SheetText, draft: Draft, language: str) -> SheetText:
    """A row as it stands beside the copy of this moment."""
    there = next((each for each in standing(draft, language).all if each.wording.key == row.key), None)
    if row.status == "refused":
        return row
    if there is None:
        gone = CellError(row.row, "key", "", "This text is not there any more. Take the row out, or fetch the sheet again.")
        return SheetText(row.row, "refused", row.key, row.where, row.english, "", row.text, errors=(gone,))
    if there.text == row.before and there.wording.english == row.english:
        return row
    status = "empty" if not row.text else "same" if row.text == there.text else "changed" if there.text else "new"
    source = row.source or row.english
    made_from = source if source != there.wording.english else None
    return SheetText(row.row, status, row.key, there.wording.where, there.wording.english, there.text, row.text, made_from)  # type: ignore[arg-type]


def _store(context: Context) -> UploadStore:
    return UploadStore(context.secrets, "translation")


def _packed(row: SheetText) -> dict[str, Any]:
    return {**asdict(row), "errors": [asdict(error) for error in row.errors]}


def _unpacked(row: Mapping[str, Any]) -> SheetText:
    return SheetText(**{**row, "errors": tuple(CellError(**error) for error in row["errors"])})


def _checked(upload: Upload) -> CheckedSheet:
    content = upload.content
    return CheckedSheet(
        upload,
        content["code"],
        content["language"],
        content["name"],
        content["fluent"],
        tuple(_unpacked(row) for row in content["rows"]),
        upload.result,
    )
