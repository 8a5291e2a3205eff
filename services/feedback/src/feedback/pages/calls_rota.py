"""Staff pages of callers: how far each is in a month, and who makes which calls."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import requires
from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import redirect
from feedback.domain.call_progress import month_of
from feedback.pages import call_view as view
from feedback.pages.call_view import CALLS
from feedback.pages.calls import Calling
from feedback.pages.links_desk import OFFICER, Desk, Errors, Officer, day, desk, errors_of, posted
from feedback.use_cases.keep_callers import assign_caller, follow_profile, month_of_calls, rota, this_month

router = APIRouter(prefix=CALLS, include_in_schema=False)
MONTHS_BACK = 12

Staff = Annotated[Identity, Depends(requires(OFFICER, "role:senior-reader"))]


@router.get("/progress")
async def progress_page(request: Request, identity: Calling) -> HTMLResponse:
    """How far callers are in a month: all of them for an officer, a caller themselves."""
    today = british_day(now())
    month = _month(request.query_params.get("month", ""), today)
    everybody = identity.may(OFFICER)
    async with desk(request, identity) as at:
        await follow_profile(at.transaction, at.context, now())
        found = await month_of_calls(at.transaction, at.context, month, None if everybody else identity.subject)
        months = [_back(this_month(now()), number) for number in range(MONTHS_BACK)]
        return at.show(
            "calls/progress.html",
            title=f"Calls made in {view.month_name(month)}",
            rows=[view.standing(each, at.profile, found.rota, month, today) for each in found.lines],
            months=[(f"{each:%Y-%m}", view.month_name(each)) for each in months],
            month=f"{month:%Y-%m}",
            left=view.month_left(month, today),
            short=sum(1 for each in found.lines if each.missing),
            everybody=everybody,
        )


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return month_of(today)


def _back(month: date, number: int) -> date:
    whole = month.year * 12 + month.month - 1 - number
    return date(whole // 12, whole % 12 + 1, 1)


@router.get("/callers")
async def callers_page(request: Request, identity: Officer) -> HTMLResponse:
    """Everybody who makes calls, and in which programmes."""
    async with desk(request, identity) as at:
        return await _callers(at, saved=request.query_params.get("saved") == "yes")


@router.post("/callers")
async def callers_form(request: Request, identity: Officer) -> Response:
    """Say in which programmes somebody makes calls, from today on."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await assign_caller(at.transaction, at.context, form.text("caller"), form.all("programmes"), now())
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return await _callers(at, [("main-content", words) for _, words in errors_of(error)])
    return redirect(f"{CALLS}/callers?saved=yes")


async def _callers(at: Desk, errors: Errors = (), *, saved: bool = False) -> HTMLResponse:
    found = await rota(at.transaction, at.context)
    since = {(duty.subject, duty.programme): duty for duty in found.duties if duty.until_on is None}
    people = [
        {
            "ident": f"caller-{number}",
            "subject": each.subject,
            "name": each.name,
            "seen": day(each.seen_on),
            "chosen": found.programmes_of(each.subject),
            "options": [
                (programme.code, programme.name, _owes(since.get((each.subject, programme.code)), programme.minimum_a_month))
                for programme in found.calls.programmes
            ],
        }
        for number, each in enumerate(found.everybody, 1)
    ]
    return at.show(
        "calls/callers.html", 422 if errors else 200, title="Who makes calls", people=people, errors=errors, saved=saved
    )


def _owes(duty: object, minimum: int | None) -> str:
    owed = "no number is owed" if minimum is None else f"at least {minimum} a month"
    from_on = getattr(duty, "from_on", None)
    return f"Since {day(from_on)}, {owed}" if from_on else f"{owed[0].upper()}{owed[1:]}"
