"""Staff pages of one round: how it stands, its list of cases, and loading that list from a sheet."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from audit.adapters.directory import Directory
from audit.domain.case_sheet import LIMITS, cases_of, cells_of, layout_of
from audit.domain.round import Round, RoundState
from audit.pages import round_view as view
from audit.pages.desk import Desk, Officer, Overseer, desk, form_key
from audit.pages.round_words import next_step
from audit.pages.sheets import OF_THE_FILE, sheet_answer, shown_cells
from audit.use_cases.load_cases import load_cases
from audit.use_cases.read_rounds import RoundView, case_cursor, read_cases, read_round
from audit.use_cases.see_audit import OFFICER
from audit.use_cases.take_round import Target, see_round
from chassis import keyset
from chassis.access import org_of
from chassis.errors import DomainError, Kind
from chassis.pages import read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.spreadsheet import CellError, Sheet, read_apart

PAGE_ROWS = 100

ROUNDS = "/audit/rounds"

router = APIRouter(prefix=ROUNDS, include_in_schema=False)


@router.get("/{round_id}")
async def round_page(request: Request, identity: Overseer, round_id: UUID) -> HTMLResponse:
    """How a round stands, what is to be done next, who has which audit, and what was done to it."""
    async with desk(request, identity) as at:
        found = await read_round(at.transaction, at.context, identity, round_id)
        return await _round(at, found)


@router.get("/{round_id}/cases")
async def cases_page(
    request: Request,
    identity: Overseer,
    round_id: UUID,
    standing: str = "",
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """The list of cases: the picked and spare ones in the order of the draw, then the others, each with its reason."""
    chosen = standing if standing in view.STANDINGS else None
    async with desk(request, identity) as at:
        found, cases = await read_cases(at.transaction, identity, round_id, chosen, case_cursor(after), PAGE_ROWS + 1)
        shown = cases[:PAGE_ROWS]
        names = await Directory(at.transaction, at.context.secrets).names([case.worker for case in shown])
        officer = identity.may(OFFICER)
        following = keyset.encode(shown[-1].place, shown[-1].case_key) if len(cases) > PAGE_ROWS else None
        return at.show(
            "round-cases.html",
            title=f"Cases: {view.title_of(found)}",
            back=f"/audit/rounds/{round_id}",
            officer=officer,
            standing=chosen or "",
            standings=list(view.STANDINGS.items()),
            cases=[view.case_row(case, at.words, names, case_number(at, case.case_sealed)) for case in shown],
            more="?" + urlencode({"standing": chosen or "", "after": following}) if following else None,
            first=after is not None,
        )


@router.get("/{round_id}/load")
async def load_page(request: Request, identity: Officer, round_id: UUID) -> HTMLResponse:
    """The form that takes a sheet."""
    async with desk(request, identity) as at:
        return _load(at, await see_round(at.transaction, identity, round_id))


@router.post("/{round_id}/load")
async def load(request: Request, identity: Officer, round_id: UUID) -> Response:
    """Read a sheet and put its cases on the list, all of them or none."""
    cells: list[CellError] = []
    sheet: Sheet | None = None
    try:
        async with read_form_with_file(request, "file") as sent:
            context = request.app.state.context
            require_token(sent.form, form_key(context, org_of(identity)), identity.subject)
            replace = sent.form.text("replace") == "yes"
            async with desk(request, identity) as at:
                of = await see_round(at.transaction, identity, round_id)
                profile, layout = at.profile, layout_of(at.profile, of.rules.service_areas)
            if sent.file is None:
                raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
            # No connection to the database is held while the file is read.
            sheet = await read_apart(sent.file, layout, LIMITS)
        cases, cells = cases_of(sheet, profile)
        if cells:
            raise DomainError("invalid-cases", f"{len(cells)} cells of the sheet are wrong. No case was taken", Kind.MALFORMED)
        async with desk(request, identity) as at:
            await load_cases(at.transaction, at.context, identity, Target(round_id), cases, replace=replace)
    except DomainError as error:
        if error.slug not in OF_THE_FILE:
            raise
        if error.errors and sheet is not None:
            cells = cells_of(sheet, error.errors)
        async with desk(request, identity) as at:
            return _load(at, await see_round(at.transaction, identity, round_id), error, cells)
    return redirect(f"/audit/rounds/{round_id}")


@router.get("/{round_id}/template.{kind}")
async def template(request: Request, identity: Officer, round_id: UUID, kind: str) -> Response:
    """An empty sheet for the list, as CSV or as a workbook that explains its columns."""
    async with desk(request, identity) as at:
        layout = layout_of(at.profile, (await see_round(at.transaction, identity, round_id)).rules.service_areas)
    return sheet_answer(layout, kind, "cases")


def case_number(at: Desk, sealed: bytes) -> str | None:
    """A case's own number for the QA officer; None for those who only read."""
    return at.context.case_number(at.transaction.org, sealed) if at.identity.may(OFFICER) else None


def _load(at: Desk, of: Round, error: DomainError | None = None, cells: Sequence[CellError] = ()) -> HTMLResponse:
    return at.show(
        "round-load.html",
        422 if error else 200,
        title="Load the list of cases",
        subtitle=view.title_of(of),
        preparing=of.state is RoundState.PREPARING,
        address=f"/audit/rounds/{of.id}",
        **shown_cells(error, cells),
    )


async def _round(at: Desk, found: RoundView) -> HTMLResponse:
    of, words = found.round, at.words
    tool = at.profile.tools.get(of.tool)
    names = await _names(at, found)
    allocated = {audit.case_key for audit in found.audits}
    waiting = [case for case in found.picked if case.case_key not in allocated]
    parts = view.part_codes(found.audits, tool)
    state, colour = view.ROUND_STATES[of.state]
    next_words, steps = next_step(found, len(waiting))
    return at.show(
        "round.html",
        title=view.title_of(of),
        address=f"/audit/rounds/{of.id}",
        officer=at.identity.may(OFFICER),
        state=state,
        colour=colour,
        next_step=next_words,
        steps=steps,
        facts=view.facts(found, words, names),
        standings=[(view.STANDINGS[name], name, found.standings[name]) for name in view.STANDINGS if name in found.standings],
        tiles=[(view.total(found.progress)[name], label) for name, label in view.COUNTS] if found.progress else [],
        progress=view.progress_table(found.progress, words) if found.progress else None,
        headings=[view.heading(part, tool) for part in parts],
        audits=[
            view.audit_row(audit, parts, words, names, case_number(at, audit.case_sealed), at.context.today)
            for audit in found.audits
        ],
        waiting=[view.case_row(case, words, names, case_number(at, case.case_sealed)) for case in waiting],
        repeats=(f"/audit/rounds/{found.repeats.id}", view.title_of(found.repeats)) if found.repeats else None,
        history=view.history(found, names),
    )


async def _names(at: Desk, found: RoundView) -> dict[str, str]:
    codes = {code for audit in found.audits for code in (*audit.people.values(), audit.worker)}
    codes |= {case.worker for case in found.picked}
    directory = Directory(at.transaction, at.context.secrets)
    known = await directory.names(codes)
    return known | await directory.names_of_subjects({step.by for step in found.steps} | {found.round.created_by})
