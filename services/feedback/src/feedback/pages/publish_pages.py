"""Staff pages that check a working copy and publish it."""

from itertools import groupby
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.pages import Form, redirect
from chassis.pages.days import typed_day
from feedback.domain import reading_age
from feedback.domain.draft_check import Finding
from feedback.domain.publishing import Plan, plan
from feedback.domain.words import ENGLISH
from feedback.pages.editing import HOME, Code, Editor, changed_by, editor, languages_of, pointers, posted
from feedback.pages.links_desk import Errors, Officer, Staff, day, day_in, desk
from feedback.use_cases.publish_questionnaire import Asked, publish_copy

router = APIRouter(prefix=HOME + "/{code}/edit", include_in_schema=False)

_AREAS = {
    "settings": "The whole",
    "questions": "The questions together",
    "meaning": "Questions that may ask something else now",
    "question": "Single questions",
    "translation": "Translations",
}


@router.get("/check")
async def check_page(request: Request, identity: Staff, code: Code) -> HTMLResponse:
    """What stops publishing, what should be weighed, and how each question reads."""
    async with editor(request, identity, code) as at:
        checked, draft = at.editing.check(), at.editing.at.draft
        return at.show(
            "check.html",
            title="Check",
            stops=_grouped(at, checked.errors),
            warns=_grouped(at, checked.warnings),
            reading=checked.reading,
            limit=checked.limit,
            rows=[
                (f"{number}: {each.text[ENGLISH]}", _age(each.text[ENGLISH]))
                for number, each in enumerate(draft.questions, 1)
            ],
        )  # fmt: skip


@router.get("/publish")
async def publish_page(request: Request, identity: Officer, code: Code) -> HTMLResponse:
    """What publishing would do: a new version from a day on, or new wording, with every change in words."""
    async with editor(request, identity, code) as at:
        return _form(at, {})


@router.post("/publish")
async def publish(request: Request, identity: Officer, code: Code) -> Response:
    """Publish the working copy and show what was published. A second click shows the same."""
    form = await posted(request, identity)
    try:
        asked = _asked(form)
        async with desk(request, identity) as at_desk:
            made = await publish_copy(at_desk.transaction, at_desk.context, identity, code, asked, now())
        return redirect(f"{HOME}/{code}/history#edition-{made.edition}")
    except ValueError:
        errors: Errors = [("from", "Write a day as day, month and year in digits")]
        status = 422
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE, Kind.CONFLICT} or error.slug == "copy-gone":
            raise
        status = {Kind.MALFORMED: 422, Kind.STALE: 412}.get(error.kind, 409)
        errors = pointers(error, {"from": "from"})
    async with editor(request, identity, code) as at:
        return _form(at, typed_day(form, "from"), errors, status)


def _asked(form: Form) -> Asked:
    revision = form.text("revision")
    number = int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 10 else -1  # noqa: PLR2004
    try:
        ident = UUID(form.text("copy"))
    except ValueError:
        ident = UUID(int=0)
    return Asked(ident, number, day_in(form, "from"))


def _form(at: Editor, given: dict[str, str], errors: Errors = (), status: int = 200) -> HTMLResponse:
    copy, checked = at.editing.at, at.editing.check()
    planned = plan(copy.draft, at.editing.now, british_day(now()))
    return at.show(
        "publish.html",
        status,
        title="Publish",
        given=given or _day_fields(planned),
        errors=errors,
        planned=planned,
        earliest=day(planned.earliest),
        stops=len(checked.errors),
        warns=len(checked.warnings),
        moved=at.editing.moved,
        copy=copy,
        changed=changed_by(at),
        languages=languages_of(copy.draft.languages),
    )


def _day_fields(planned: Plan) -> dict[str, str]:
    first = planned.earliest
    return {"day": str(first.day), "month": str(first.month), "year": str(first.year)}


def _grouped(at: Editor, findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings by what they are about, each with the way to where it can be put right."""
    order = list(_AREAS)
    ordered = sorted(findings, key=lambda each: order.index(each.area))
    names = dict(languages_of(at.editing.at.draft.languages))
    groups = []
    for area, found in groupby(ordered, key=lambda each: each.area):
        lines = []
        for each in found:
            words = f"{names.get(each.language, each.language)}: {each.words}" if each.language else each.words
            lines.append({"words": words, "href": _way(at.address, each)})
        groups.append({"title": _AREAS[area], "lines": lines})
    return groups


def _way(edit: str, finding: Finding) -> str:
    match finding.area:
        case "settings":
            return f"{edit}/settings#{finding.where}" if finding.where else f"{edit}/settings"
        case "meaning":
            return f"{edit}/questions/{finding.question}/meaning"
        case "question" if finding.question:
            return f"{edit}/questions/{finding.question}" + (f"#{finding.where}" if finding.where else "")
        case "translation":
            return f"{edit}/translations/{finding.language}"
    return f"{edit}#questions"


def _age(text: str) -> str:
    age = reading_age.read(text).age
    return "too short to say" if age is None else f"{age:g}"
