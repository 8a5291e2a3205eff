"""Staff pages of the directory: the list, and one person, added or changed by a form. The QA officer's."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from audit.domain.person import DUTIES, Duty
from audit.domain.staff_entry import StaffEntry
from audit.pages.desk import Desk, Errors, Officer, desk, errors_of, posted
from audit.use_cases.keep_people import keep_person, read_people, read_person
from chassis.errors import DomainError, Kind
from chassis.pages import Form, redirect

PAGE_ROWS = 100
NEW = "new"
"""Stands in the address in place of a code; nobody can have it as theirs (`staff_entry.NOT_CODES`)."""

DUTY_WORDS: dict[Duty, tuple[str, str]] = {
    "auditor": ("Auditor", "Is given cases as lead, peer or only auditor."),
    "moderator": ("Moderator", "Fixes the grades of others' audits."),
    "reviewer": ("Reviewer", "Looks some weeks later whether actions were done."),
    "qa-officer": ("Quality-assurance officer", "Runs the programmes, and is told of what is late."),
}
_WRONG = {
    "code": "The code is lower case letters, digits and hyphens, like sam-okafor",
    "subject": "The sign-in is one word without spaces",
    "name": "Enter the name",
    "email": "The e-mail address must have the form name@council.gov.uk",
    "line_manager": "The line manager is given by code, like sam-okafor",
    "agency": "The agency is given by code, like health",
}

router = APIRouter(prefix="/audit/people", include_in_schema=False)


@router.get("")
async def people_page(request: Request, identity: Officer, after: str = "") -> HTMLResponse:
    """Everybody in the directory, in the order of their codes."""
    async with desk(request, identity) as at:
        found = await read_people(at.transaction, at.context, identity, _tidy(after), PAGE_ROWS + 1)
        shown = found[:PAGE_ROWS]
        return at.show(
            "people.html",
            title="Staff",
            people=[_line(entry, at) for entry in shown],
            more=shown[-1].code if len(found) > PAGE_ROWS else None,
            first=bool(after),
        )


@router.get("/{code}")
async def person_page(request: Request, identity: Officer, code: str) -> HTMLResponse:
    """The form of one person; of a new one where the code is `new`."""
    async with desk(request, identity) as at:
        entry = None if code == NEW else await read_person(at.transaction, at.context, identity, _tidy(code))
        return _show(at, code, _typed_of(entry))


@router.post("/{code}")
async def save_person(request: Request, identity: Officer, code: str) -> Response:
    """Save what the form says, or show it again with what is wrong beside each field."""
    typed = _typed(await posted(request, identity), code)
    async with desk(request, identity) as at:
        try:
            await _save(at, code, typed)
        except ValidationError as error:
            wrong = dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False))
            errors = [(name.replace("_", "-"), _WRONG.get(name, "Choose from the list")) for name in wrong]
            return _show(at, code, typed, errors)
        except DomainError as error:
            if error.kind not in {Kind.MALFORMED, Kind.FORBIDDEN}:
                raise
            return _show(at, code, typed, errors_of(error))
    return redirect("/audit/people")


async def _save(at: Desk, code: str, typed: dict[str, Any]) -> None:
    if code != NEW:
        await read_person(at.transaction, at.context, at.identity, _tidy(code))
    entry = StaffEntry.model_validate({name: value for name, value in typed.items() if value != ""})
    await keep_person(at.transaction, at.context, at.identity, entry, new=code == NEW)


def _tidy(code: str) -> str:
    return code[:80].replace("\0", "")


def _typed(form: Form, code: str) -> dict[str, Any]:
    names = ("subject", "name", "email", "service_area", "team", "line_manager", "agency")
    plain = {name: form.text(name.replace("_", "-"))[:300] for name in names}
    return {
        **plain,
        "code": form.text("code")[:100] if code == NEW else code,
        "manages": list(form.all("manages")),
        "duties": list(form.all("duties")),
        "active": form.text("active") != "no",
    }


def _typed_of(entry: StaffEntry | None) -> dict[str, Any]:
    if entry is None:
        return {"active": True, "manages": [], "duties": []}
    return {name: "" if value is None else value for name, value in entry.model_dump().items()}


def _line(entry: StaffEntry, at: Desk) -> dict[str, Any]:
    words = at.words
    return {
        "href": f"/audit/people/{entry.code}",
        "name": entry.name,
        "code": entry.code,
        "area": words.area(entry.service_area) if entry.service_area else "–",
        "team": words.team(entry.team),
        "manages": ", ".join(words.team(team) for team in entry.manages) or "–",
        "duties": ", ".join(DUTY_WORDS[duty][0] for duty in DUTIES if duty in entry.duties) or "–",
        "signs_in": entry.subject is not None,
        "active": entry.active,
    }


def _show(at: Desk, code: str, typed: dict[str, Any], errors: Errors = ()) -> HTMLResponse:
    profile, words = at.profile, at.words
    teams = [(team.code, f"{team.name} ({words.area(team.service_area)})") for team in profile.organisation.teams]
    return at.show(
        "person.html",
        422 if errors else 200,
        title="Add somebody" if code == NEW else f"Change {code}",
        errors=list(errors),
        new=code == NEW,
        address=f"/audit/people/{code}",
        typed=typed,
        areas=[(area.code, area.name) for area in profile.organisation.service_areas],
        teams=teams,
        may_manage=[(team, label, "") for team, label in teams],
        duties=[(duty, *DUTY_WORDS[duty]) for duty in DUTIES],
    )
