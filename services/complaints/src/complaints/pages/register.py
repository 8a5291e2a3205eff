"""The register of representations for inspection: a page, a sheet, a PDF. Nobody's name and no narrative is in any of them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from chassis import keyset
from chassis.access import org_of
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pdf.document import Column, Document, Facts, Table, Text
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.quarters import Quarter
from chassis.spreadsheet.streaming import sheet_download
from chassis.spreadsheet.writing import Cell
from chassis.web import uow_of
from complaints.adapters.register import Key, register_page
from complaints.domain.profile import Profile
from complaints.domain.register import Entry, Kept, Span
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_desk import Overseer, desk
from complaints.use_cases.learning_cursor import key_of
from complaints.use_cases.setup import Setup

router = APIRouter(prefix="/complaints/register", include_in_schema=False)

PAGE_ROWS = 50
SHEET_ROWS = 500
MOST_PRINTED = 1000
"""Representations in one PDF: more is read as a sheet."""

KEPT: dict[Kept, tuple[str, str]] = {"yes": ("Kept", "green"), "no": ("Not kept", "red"), "running": ("Running", "blue")}
HEADINGS = (
    "Reference", "Procedure", "Service area", "Received", "Nature", "Outcome by point", "Stage 1 answered",
    "Stage 1 working days", "Stage 1 limit kept", "Stage 2 answered", "Stage 2 working days", "Stage 2 limit kept",
    "Stage 3 answered", "Stage 3 working days", "Stage 3 limits kept",
    "All limits kept", "Actions", "Actions done", "Points with a reason for no action", "Ombudsman cases",
)  # fmt: skip
_YEARS_BACK = 4
_NOTE = "No name and no narrative is in this register. A limit counts as kept by the day on which the answer was sent."


@dataclass(frozen=True)
class Wanted:
    """Which part of the register: a period, and a procedure or all of them."""

    span: Span
    procedure: str | None
    errors: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, request: Request, profile: Profile, today: date) -> "Wanted":
        """Read the address; this financial year where it names none."""
        asked = request.query_params
        procedures = {procedure.code for procedure in profile.complaints.procedures}
        procedure = asked["procedure"] if asked.get("procedure") in procedures else None
        now = Span.year(Quarter.of(today).year)
        try:
            return cls(Span.parse(asked["period"]) if asked.get("period") else now, procedure)
        except DomainError:
            return cls(now, procedure, (("period", "Choose a period from the list"),))

    def query(self, **more: str) -> str:
        """The query of its address."""
        parts = {"period": self.span.code, "procedure": self.procedure, **more}
        return "?" + urlencode({name: value for name, value in parts.items() if value})


@router.get("")
async def register(request: Request, identity: Overseer) -> HTMLResponse:
    """The register of a period."""
    after = request.query_params.get("after")
    async with desk(request, identity) as at:
        today = at.setup.today()
        wanted = Wanted.of(request, at.profile, today)
        found = await register_page(at.transaction, wanted.span, wanted.procedure, identity.areas, PAGE_ROWS + 1, key_of(after))
        more = len(found) > PAGE_ROWS
        labels = at.labels
        return at.show(
            "register.html",
            422 if wanted.errors else 200,
            title="Register of complaints",
            wanted=wanted,
            lines=[_line(entry, labels, today) for _, entry in found[:PAGE_ROWS]],
            periods=_periods(today),
            procedures=[(each.code, each.name) for each in at.profile.complaints.procedures],
            query=wanted.query(),
            further=wanted.query(after=keyset.encode(*found[PAGE_ROWS - 1][0])) if more else None,
            first=wanted.query() if after else None,
            errors=wanted.errors,
        )


@router.get("/sheet.{kind}")
async def register_sheet(request: Request, identity: Overseer, kind: Literal["csv", "xlsx"]) -> Response:
    """The whole period as a sheet."""
    profile, wanted = await _wanted(request, identity)
    setup: Setup = request.app.state.setup

    async def rows() -> AsyncIterator[Sequence[Sequence[Cell]]]:
        async for page in _pages(request, identity, wanted):
            yield [_row(entry, Labels(profile), setup.today()) for entry in page]

    return await sheet_download(kind, f"register-{wanted.span.code}", HEADINGS, rows())


@router.get("/pdf")
async def register_pdf(request: Request, identity: Overseer) -> Response:
    """The whole period as a PDF. Raises `too-many-to-print`."""
    profile, wanted = await _wanted(request, identity)
    setup: Setup = request.app.state.setup
    entries: list[Entry] = []
    async for page in _pages(request, identity, wanted):
        entries += page
        if len(entries) > MOST_PRINTED:
            detail = f"A PDF holds {MOST_PRINTED:,} complaints at most. Choose a quarter or a procedure, or take the sheet."
            raise DomainError("too-many-to-print", detail, Kind.CONFLICT)
    printer: Printer = request.app.state.printer
    document = register_document(entries, wanted, profile, setup.today())
    return pdf_response(await printer.render(document), f"register-{wanted.span.code}.pdf")


def register_document(entries: Sequence[Entry], wanted: Wanted, profile: Profile, today: date) -> Document:
    """The document of a period."""
    labels = Labels(profile)
    kept = [entry.limits(today) for entry in entries]
    lines = [_line(entry, labels, today) for entry in entries]
    facts = (
        ("Period", wanted.span.name),
        ("Procedure", labels.name("procedure", wanted.procedure) or "All"),
        ("Representations", f"{len(entries):,}"),
        ("Limits kept", f"{kept.count('yes'):,}; not kept {kept.count('no'):,}; running {kept.count('running'):,}"),
    )
    columns = (
        Column("Reference and procedure", 4), Column("Received", 3), Column("Nature", 5), Column("Outcome", 4),
        Column("Limits", 4), Column("Actions", 3),
    )  # fmt: skip
    rows = tuple(
        (
            f"{line.reference}\n\n{line.procedure}", line.received, "\n\n".join(line.natures), "\n\n".join(line.outcomes),
            "\n\n".join((line.kept[0], *line.stages)), line.actions,
        )
        for line in lines
    )  # fmt: skip
    table = Table("Representations in the order of their receipt", columns, rows)
    return Document(
        title="Register of complaints",
        subtitle=wanted.span.name,
        organisation=profile.organisation.name,
        made_on=today,
        blocks=(
            Facts(facts), table if rows else Text("There is none."),
            Text(_NOTE, quiet=True),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class _Line:
    reference: str
    procedure: str
    area: str
    received: str
    natures: tuple[str, ...]
    outcomes: tuple[str, ...]
    kept: tuple[str, str]
    stages: tuple[str, ...]
    actions: str


def _line(entry: Entry, labels: Labels, today: date) -> _Line:
    return _Line(
        reference=entry.reference,
        procedure=labels.name("procedure", entry.procedure),
        area=labels.name("area", entry.service_area),
        received=day_words(entry.received_on),
        natures=tuple(labels.name("category", code) for code in entry.natures),
        outcomes=_outcomes(entry, labels),
        kept=KEPT[entry.limits(today)],
        stages=tuple(_stage(entry, number, today) for number in range(len(entry.stages))),
        actions=_actions(entry),
    )


def _outcomes(entry: Entry, labels: Labels) -> tuple[str, ...]:
    found = tuple(f"{point}: {labels.name('finding', finding)}" for point, finding in entry.outcomes.items())
    return found or ("Not yet",)


def _stage(entry: Entry, index: int, today: date) -> str:
    stage = entry.stages[index]
    if stage.responded_on is None:
        return f"Stage {stage.number}: {'due' if stage.kept(today) == 'running' else 'was due'} {day_words(stage.due_on)}"
    return f"Stage {stage.number}: {stage.working_days} working days, {KEPT[stage.kept(today)][0].lower()}"


def _actions(entry: Entry) -> str:
    parts = []
    if entry.actions:
        parts.append(f"{entry.actions} recorded, {entry.actions_done} done")
    if entry.reasons:
        parts.append(f"reason for none at {entry.reasons} {'point' if entry.reasons == 1 else 'points'}")
    return "; ".join(parts) or "None"


def _row(entry: Entry, labels: Labels, today: date) -> Sequence[Cell]:
    cells: list[Cell] = []
    for number in (1, 2, 3):
        stage = next((each for each in entry.stages if each.number == number), None)
        kept = KEPT[stage.kept(today)][0] if stage else ""
        cells += [stage.responded_on if stage else None, stage.working_days if stage else None, kept]
    return (
        entry.reference, labels.name("procedure", entry.procedure), labels.name("area", entry.service_area), entry.received_on,
        "; ".join(labels.name("category", code) for code in entry.natures), "; ".join(_outcomes(entry, labels)), *cells,
        KEPT[entry.limits(today)][0], entry.actions, entry.actions_done, entry.reasons, entry.ombudsman,
    )  # fmt: skip


async def _wanted(request: Request, identity: Identity) -> tuple[Profile, Wanted]:
    setup: Setup = request.app.state.setup
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup.profiles.current(transaction)).profile
    return profile, Wanted.of(request, profile, setup.today())


async def _pages(request: Request, identity: Identity, wanted: Wanted) -> AsyncIterator[Sequence[Entry]]:
    after: Key | None = None
    while True:
        # A transaction a page: a slow download holds no connection.
        async with uow_of(request).begin(org_of(identity)) as transaction:
            page = await register_page(transaction, wanted.span, wanted.procedure, identity.areas, SHEET_ROWS, after)
        yield [entry for _, entry in page]
        if len(page) < SHEET_ROWS:
            return
        after = page[-1][0]


def _periods(today: date) -> list[tuple[str, str]]:
    now = Quarter.of(today)
    years = [Span.year(now.year - back) for back in range(_YEARS_BACK)]
    quarters = [Span.quarter(now.moved(-back)) for back in range(2 * _YEARS_BACK)]
    return [(each.code, each.name) for each in (*years, *quarters)]
