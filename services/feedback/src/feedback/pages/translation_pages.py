"""Staff pages of translations: side by side with the English, and out and back as a sheet."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import Form, Sent, read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, read_apart, write_csv, write_xlsx
from feedback.domain.translation_sheet import LIMITS, layout_of, rows
from feedback.domain.translations import standing
from feedback.domain.words import ENGLISH, LANGUAGE_TAG
from feedback.pages.editing import HOME, Code, Editor, address, changed_by, editor, gone, is_gone, languages_of, posted, stale
from feedback.pages.links_desk import Errors, Officer, Staff, download, moment, session, several
from feedback.use_cases.translate_questionnaire import (
    CheckedSheet,
    Text,
    check_sheet,
    look_sheet,
    save_translations,
    seen_of,
    take_sheet,
)

router = APIRouter(prefix=HOME + "/{code}/edit/translations", include_in_schema=False)

Language = Annotated[str, Path(max_length=35, pattern=LANGUAGE_TAG)]
MOST_SHOWN = 200
"""Wrong cells that a page lists."""

_OF_THE_FILE = {
    "empty-spreadsheet", "form-too-large", "no-file", "not-a-spreadsheet", "spreadsheet-too-large", "too-many-columns",
    "too-many-rows", "unreadable-spreadsheet", "wrong-columns",
}  # fmt: skip
_SHEET_TITLE = "Translation"


@router.get("/{language}")
async def translation_page(request: Request, identity: Officer, code: Code, language: Language) -> HTMLResponse:
    """Every text in English beside its translation."""
    async with editor(request, identity, code) as at:
        return _form(at, language, None)


@router.post("/{language}")
async def save(request: Request, identity: Officer, code: Code, language: Language) -> Response:
    """Keep what was typed; a text that somebody else changed meanwhile is shown with what stands there now."""
    form = await posted(request, identity)
    try:
        async with editor(request, identity, code) as at:
            _assert_language(at, language)
            reviewed = "yes" in form.all("reviewed")
            transaction, context = at.desk.transaction, at.desk.context
            await save_translations(transaction, context, identity, code, language, _texts(form), reviewed=reviewed, now=now())
    except DomainError as error:
        if is_gone(error):
            return await gone(request, identity, error, [(each.key, each.text) for each in _texts(form)], address(code))
        if not stale(error) and error.kind is not Kind.MALFORMED:
            raise
        async with editor(request, identity, code) as at:
            return _form(at, language, form, error)
    return redirect(address(code) + "#languages")


@router.get("/{language}/sheet.{kind}")
async def sheet(request: Request, identity: Staff, code: Code, language: Language, kind: str) -> Response:
    """The sheet for a translator: a workbook that explains its columns for `xlsx`, else CSV."""
    async with editor(request, identity, code) as at:
        _assert_language(at, language)
        found = list(rows(at.editing.at.draft, code, language))
    layout = layout_of(language, _SHEET_TITLE)
    name = f"{code}-{language}"
    if kind == "xlsx":
        return download(write_xlsx(layout, found, LIMITS), XLSX_TYPE, f"{name}.xlsx")
    return download(write_csv([column.name for column in layout.columns], found), CSV_TYPE, f"{name}.csv")


@router.post("/{language}/sheet")
async def upload(request: Request, identity: Officer, code: Code, language: Language) -> Response:
    """Read a sheet that came back and check it; what is wrong with the file is said on the page."""
    try:
        async with read_form_with_file(request, "file") as sent:
            require_token(sent.form, *session(request, identity))
            upload_id = await _check(request, identity, code, language, sent)
    except DomainError as error:
        if error.slug not in _OF_THE_FILE:
            raise
        words = error.detail.replace(" The columns that it can have: `expected`.", "")
        async with editor(request, identity, code) as at:
            return _form(at, language, None, errors=[("file", words)], expected=error.extra.get("expected", ()))
    return redirect(f"{address(code)}/translations/{language}/sheet/{upload_id}")


async def _check(request: Request, identity: Identity, code: str, language: str, sent: Sent) -> UUID:
    """Read the file and check its rows; no connection to the database is held while it is read."""
    if sent.file is None:
        raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
    async with editor(request, identity, code) as at:
        _assert_language(at, language)
    read = await read_apart(sent.file, layout_of(language, _SHEET_TITLE), LIMITS)
    fluent = "yes" in sent.form.all("fluent")
    async with editor(request, identity, code) as at:
        transaction, context = at.desk.transaction, at.desk.context
        return await check_sheet(transaction, context, identity, code, language, read, name=sent.name, fluent=fluent)


@router.get("/{language}/sheet/{upload_id}")
async def checked_page(request: Request, identity: Officer, code: Code, language: Language, upload_id: UUID) -> HTMLResponse:
    """What would become of each row."""
    async with editor(request, identity, code) as at:
        return _checked(at, language, await look_sheet(at.desk.transaction, at.desk.context, identity, upload_id))


@router.post("/{language}/sheet/{upload_id}")
async def confirm(request: Request, identity: Officer, code: Code, language: Language, upload_id: UUID) -> Response:
    """Take the translations of a sheet, all of them. A second click finds it done."""
    await posted(request, identity)
    async with editor(request, identity, code) as at:
        found, stands = await take_sheet(at.desk.transaction, at.desk.context, identity, upload_id, now())
        if not stands:
            return _checked(at, language, found, changed=True)
    return redirect(f"{address(code)}/translations/{language}/sheet/{upload_id}")


def _assert_language(at: Editor, language: str) -> None:
    if language == ENGLISH or language not in at.editing.at.draft.languages:
        raise not_found("translation")


def _texts(form: Form) -> list[Text]:
    fits = set(form.all("fits"))
    found = []
    for name in form:
        kind, _, key = name.partition(":")
        if kind == "t":
            text = "\n".join(line.rstrip() for line in form.text(name).split("\n"))
            found.append(Text(key, text, form.text(f"seen:{key}"), form.get(f"was:{key}", "").strip(), key in fits))
    return found


def _form(
    at: Editor,
    language: str,
    form: Form | None,
    error: DomainError | None = None,
    *,
    errors: Errors = (),
    expected: Any = (),
) -> HTMLResponse:
    _assert_language(at, language)
    draft = at.editing.at.draft
    typed = {each.key: each for each in _texts(form)} if form is not None else {}
    clashing = {each.pointer for each in error.errors} if error and stale(error) else set()
    lines = []
    for number, each in enumerate(standing(draft, language).all, 1):
        key, mine = each.wording.key, typed.get(each.wording.key)
        lines.append(
            {
                "key": key,
                "id": f"t-{number}",
                "where": each.wording.where,
                "english": each.wording.english,
                "text": mine.text if mine is not None and mine.text != mine.was else each.text,
                "was": each.text,
                "source": each.source,
                "seen": seen_of(each.wording.english, each.text),
                "now": each.text if key in clashing else None,
                "long": len(each.wording.english) > 60,  # noqa: PLR2004 - letters of one line
                "note": "Not translated yet" if not each.text else "The same as in English" if each.as_english else
                        "Other numbers than the English" if each.other_numbers else None,
            }
        )  # fmt: skip
    found = list(errors) or [(str(line["id"]), error.detail) for line in lines if error and line["key"] in clashing]
    if error and not found:
        found = [("main-content", error.detail)]
    status = 412 if clashing else 422 if found else 200
    return at.show(
        "translation.html",
        status,
        title=f"Translation: {dict(languages_of([language]))[language]}",
        language_code=language,
        here=f"{at.address}/translations/{language}",
        lines=lines,
        done=standing(draft, language).done,
        unread=language in draft.needs_review,
        errors=found,
        expected=expected,
        changed=changed_by(at),
    )


def _checked(at: Editor, language: str, found: CheckedSheet, *, changed: bool = False) -> HTMLResponse:
    if (found.code, found.language) != (at.editing.code, language):
        raise not_found("sheet")
    refused, taken = found.of("refused"), found.of("new", "changed")
    wrong = [error for row in refused for error in row.errors]
    done = found.done is not None
    count = found.done["taken"] if found.done else len(taken)
    return at.show(
        "sheet.html",
        409 if changed else 200,
        title=f"{several(count, 'text')} taken" if done else "Look at the sheet before you take it",
        language_code=language,
        here=f"{at.address}/translations/{language}",
        upload=found.upload.id,
        file=found.name or "the file",
        changed=changed,
        done=done,
        fluent=found.fluent,
        figures=[
            ("New translations", str(len(found.of("new")))),
            ("Other translations than before", str(len(found.of("changed")))),
            ("As they stand", str(len(found.of("same")))),
            ("Left empty, which changes nothing", str(len(found.of("empty")))),
            ("Refused", str(len(refused))),
        ],
        taken=taken,
        older=[row for row in taken if row.source is not None],
        wrong=[(each.row, f"{each.column} ({each.letter})" if each.letter else each.column, each.detail) for each in wrong][
            :MOST_SHOWN
        ],
        button=f"Take {several(len(taken), 'text')}" if taken and not refused else None,
        until=moment(found.upload.expires_at),
    )
