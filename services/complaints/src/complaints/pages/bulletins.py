"""Staff pages of the monthly bulletin: the list, the edition that staff read, and the desk at which it is written."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from chassis.errors import DomainError, Kind
from chassis.pages import Form, redirect
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from complaints.adapters.bulletins import BulletinRepository, Listed
from complaints.adapters.print_bulletin import bulletin_document
from complaints.domain.bulletin import PARTS, Month, Part, Step, possible
from complaints.pages.learning_view import moment, owner_of
from complaints.pages.staff_desk import Desk, Officer, Staff, desk, errors_of
from complaints.pages.staff_forms import number_in, posted
from complaints.pages.ways import OFFICER
from complaints.use_cases.bulletins import (
    begin_bulletin,
    last_saved_by,
    published_bulletin,
    save_bulletin,
    see_draft,
    take_bulletin_step,
)

router = APIRouter(prefix="/complaints/bulletins", include_in_schema=False)

_MONTHS_BACK = 12
STATES = {
    "draft": ("Draft", "grey"),
    "approved": ("Approved", "blue"),
    "published": ("Published", "green"),
    "withdrawn": ("Withdrawn", "red"),
}
STEPS: dict[Step, str] = {
    "approve": "Approve it as it reads now",
    "publish": "Publish what was approved",
    "withdraw": "Take it away from staff",
}
HISTORY = {
    "drafted": "Draft begun", "saved": "Saved", "approved": "Approved", "published": "Published", "withdrawn": "Withdrawn",
}  # fmt: skip
HINTS: dict[Part, str] = {
    "intro": "Two or three sentences.",
    "learned": "What families taught us, and what is done because of it.",
    "praise": "What families said thank you for. No names.",
    "next": "What changes, and when.",
}
_SHOWN_AGAIN = {Kind.MALFORMED, Kind.STALE, Kind.CONFLICT}


@router.get("")
async def bulletins_page(request: Request, identity: Staff) -> HTMLResponse:
    """The published ones; for the complaints officer also those at work, and months that have none yet."""
    async with desk(request, identity) as at:
        listed = await BulletinRepository(at.transaction, at.setup.secrets).listed()
        return at.show(
            "bulletins.html",
            title="Bulletins",
            published=[each for each in listed if each.published_on],
            at_work=[(each, *STATES[each.state]) for each in listed] if identity.may(OFFICER) else [],
            without=_without(at, listed) if identity.may(OFFICER) else [],
        )


@router.post("")
async def begin_form(request: Request, identity: Officer) -> Response:
    """Begin a draft."""
    form = await posted(request, identity)
    month = Month.parse(form.text("month"))
    async with desk(request, identity) as at:
        await begin_bulletin(at.transaction, at.setup, identity, month)
    return redirect(f"/complaints/bulletins/{month.code}/draft")


@router.get("/{month}")
async def bulletin_page(request: Request, identity: Staff, month: str) -> HTMLResponse:
    """The edition that staff read."""
    async with desk(request, identity) as at:
        kept, bulletin = await published_bulletin(at.transaction, at.setup, Month.parse(month))
        return at.show(
            "bulletin.html", title=bulletin.title, bulletin=bulletin, kept=kept, may_write=identity.may(OFFICER), draft=False
        )


@router.get("/{month}/pdf")
async def bulletin_pdf(request: Request, identity: Staff, month: str) -> Response:
    """The same as a PDF."""
    async with desk(request, identity) as at:
        kept, bulletin = await published_bulletin(at.transaction, at.setup, Month.parse(month))
    printer: Printer = request.app.state.printer
    document = bulletin_document(bulletin, kept.edition, kept.published_on or kept.month.last)
    return pdf_response(await printer.render(document), f"learning-from-complaints-{kept.month.code}.pdf")


@router.get("/{month}/draft")
async def draft_page(request: Request, identity: Officer, month: str) -> HTMLResponse:
    """The bulletin at work: texts to write, actions to choose, and how it reads now."""
    async with desk(request, identity) as at:
        return await _draft(at, Month.parse(month))


@router.post("/{month}/draft")
async def draft_form(request: Request, identity: Officer, month: str) -> Response:
    """Keep what was written, or take a step."""
    form, of = await posted(request, identity), Month.parse(month)
    step, revision = form.text("step"), number_in(form, "revision")
    try:
        async with desk(request, identity) as at:
            if step in STEPS:
                await take_bulletin_step(at.transaction, at.setup, identity, of, revision, step)
            else:
                await save_bulletin(at.transaction, at.setup, identity, of, revision, _texts(form), form.all("actions"))
    except DomainError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        async with desk(request, identity) as at:
            return await _draft(at, of, form if step not in STEPS else None, error)
    return redirect(f"/complaints/bulletins/{of.code}{'' if step == 'publish' else '/draft'}")


def _texts(form: Form) -> dict[Part, str]:
    return {part: form.text(part) for part in PARTS}


def _without(at: Desk, listed: Sequence[Listed]) -> list[tuple[str, str]]:
    months, there = [Month.of(at.setup.today())], {each.month for each in listed}
    while len(months) < _MONTHS_BACK:
        months.append(months[-1].before())
    return [(month.code, month.name) for month in months if month not in there]


async def _draft(at: Desk, month: Month, form: Form | None = None, error: DomainError | None = None) -> HTMLResponse:
    found = await see_draft(at.transaction, at.setup, month)
    kept = found.kept
    words = {part: kept.content.words[part].text if part in kept.content.words else "" for part in PARTS}
    statuses = {Kind.STALE: 412, Kind.CONFLICT: 409}
    labels = at.labels
    mine = last_saved_by(found.history) == at.identity.subject
    waits = found.second_approver and mine and kept.state == "draft"
    return at.show(
        "bulletin-draft.html",
        200 if error is None else statuses.get(error.kind, 422),
        title=f"Write the bulletin of {month.name}",
        kept=kept,
        state=STATES[kept.state],
        bulletin=found.bulletin,
        texts=[(part, title, HINTS[part], form.text(part) if form else words[part]) for part, title in PARTS.items()],
        actions=[
            (
                str(each.id),
                f"{each.name}: {each.action.plan.what}",
                f"{owner_of(each.action.plan, labels)}, {each.action.status}",
            )
            for each in found.actions
        ],
        chosen=form.all("actions") if form else kept.content.actions,
        steps=[
            (step, STEPS[step])
            for step in possible(kept.state, published=kept.published is not None)
            if not (waits and step == "approve")
        ],
        waits=waits,
        history=[(HISTORY[each.step], moment(each.at), each.by) for each in found.history],
        stale=error is not None and error.kind is Kind.STALE,
        draft=True,
        errors=errors_of(error, "intro") if error else [],
    )
