"""Pages on which commentary is written: a section beside its figures, its earlier texts, and the choice of quotes."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import moment_words
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.web import uow_of
from reporting.domain.commentary import WHOLE, Saved
from reporting.domain.report_changes import in_words
from reporting.domain.report_key import ReportKey
from reporting.pages import view
from reporting.pages.form_fields import Writer, number_in
from reporting.pages.report_forms import Key, desk_of, error_context, posted, shown_again, token_for
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.write_commentary import FIGURES_CHANGED, SAVED_MEANWHILE, Sheet, Text, save_section, see_section
from reporting.web.callers import Code

Version = Annotated[int | None, Query(ge=1, le=10**9)]


def router(setup: DeskSetup) -> APIRouter:
    """`/reporting/reports/{report}/desk/words/{section}`."""
    routes = APIRouter(prefix="/reporting/reports/{report}/desk/words/{section}", include_in_schema=False)

    @routes.get("")
    async def show_section(request: Request, key: Key, section: Code, identity: Writer, version: Version = None) -> Response:
        """A text beside its figures, with its versions; or an earlier one, to be read and brought back."""
        return await shown(request, identity, key, section, earlier=version)

    @routes.post("")
    async def save(request: Request, key: Key, section: Code, identity: Writer) -> Response:
        """Keep a text."""
        form = await posted(request, setup, identity)
        brought = number_in(form, "brought_back")
        text = Text(
            form.text("words"),
            number_in(form, "seen"),
            form.text("digest"),
            looked=bool(form.text("looked")),
            brought_back=brought if brought > 0 else None,
        )
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                await save_section(transaction, setup, identity, key, section, text)
        except DomainError as error:
            return await shown(request, identity, key, section, form=form, error=error)
        return redirect(desk_of(key))

    async def shown(
        request: Request,
        identity: Identity,
        key: ReportKey,
        section: str,
        *,
        earlier: int | None = None,
        form: Form | None = None,
        error: DomainError | None = None,
    ) -> Response:
        status = shown_again(error) if error else 200
        async with uow_of(request).begin(org_of(identity)) as transaction:
            sheet = await see_section(transaction, setup, identity, key, section)
            profile = await setup.reports.organisation(transaction)
        old = next((each for each in sheet.versions if each.version == earlier), None)
        return page(
            request,
            "commentary.html",
            status,
            title=f"Commentary: {sheet.section.title}",
            organisation=profile.organisation.name,
            token=token_for(setup, identity),
            **_context(sheet, key, old, form, error),
            **error_context(error, "words"),
        )

    return routes


def _context(sheet: Sheet, key: ReportKey, old: Saved | None, form: Form | None, error: DomainError | None) -> dict[str, Any]:
    latest = sheet.latest
    meanwhile = latest if error is not None and error.slug == SAVED_MEANWHILE else None
    slug = error.slug if error else ""
    changed = latest.changed_since(sheet.tables) if latest else ()
    return {
        "sheet": sheet,
        "desk": desk_of(key),
        "here": desk_of(key, f"/words/{sheet.section.code}"),
        "words": form.text("words") if form else old.words if old else latest.words if latest else "",
        # Whoever was slower has seen the other's text now; whoever's figures changed sees them now.
        "seen": latest.version if latest and (form is None or meanwhile) else number_in(form, "seen") if form else 0,
        "digest": form.text("digest") if form and slug not in {SAVED_MEANWHILE, FIGURES_CHANGED} else sheet.digest,
        "brought_back": form.text("brought_back") if form else old.version if old else "",
        "looked": form.text("looked") if form else "",
        "ask": any(each.pointer == "/looked" for each in error.errors) if error else False,
        "meanwhile": meanwhile,
        "old": old,
        "warning": in_words(changed),
        "tables": [view.table_for(table) for table in sheet.tables],
        "is_whole": sheet.section.code in WHOLE,
        "versions": [
            (each.version, each.name, moment_words(each.at), each.brought_back, not each.words) for each in sheet.versions
        ],
        "moment": moment_words,
    }
