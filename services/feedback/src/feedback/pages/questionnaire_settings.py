"""Staff pages of what a questionnaire is as a whole: for whom, about what, in which languages, its introduction and thanks."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.pages import Form, redirect
from feedback.domain import draft as drafts
from feedback.domain.draft import Draft
from feedback.domain.words import ENGLISH
from feedback.pages.editing import (
    HOME,
    Code,
    Editor,
    address,
    changed_by,
    editor,
    gone,
    is_gone,
    languages_of,
    pointers,
    posted,
    stale,
)
from feedback.pages.links_desk import Desk, Errors, Officer, desk
from feedback.pages.questionnaire_pages import AUDIENCES
from feedback.pages.view import NAMES
from feedback.use_cases.edit_questionnaire import begin_new, change_copy, fingerprint

router = APIRouter(prefix=HOME, include_in_schema=False)

_TEXTS = {
    "name": "Name for staff",
    "title": "Heading for families",
    "about": "What it is asked about",
    "intro": "Introduction",
    "easy_intro": "Introduction, easy to read",
    "thank_you": "Thank you",
    "others": "Other languages",
}
_OF_FAMILIES = ("title", "intro", "easy_intro", "thank_you")
_MAY_BE_EMPTY = frozenset({"title", "easy_intro", "others"})
_FIELDS = {
    name: name for name in ("code", "name", "about", "intro", "easy_intro", "thank_you", "title", "audience", "languages")
}
_EMPTY = {
    "code": "", "name": "", "title": "", "about": "", "intro": "", "easy_intro": "", "thank_you": "", "audience": "",
    "others": "", "first": ENGLISH, "languages": [ENGLISH], "needs_review": [],
}  # fmt: skip


@router.get("/new")
async def new_page(request: Request, identity: Officer) -> HTMLResponse:
    """The form that begins a questionnaire."""
    async with desk(request, identity) as at:
        return _new(at, _EMPTY)


@router.post("/new")
async def begin(request: Request, identity: Officer) -> Response:
    """Begin a questionnaire and lead to its working copy. A second click finds the same one."""
    form = await posted(request, identity)
    given = {**_typed(form), "code": form.text("code") or drafts.slug(form.text("name"), 40)}
    errors = _faults(given)
    try:
        async with desk(request, identity) as at:
            if errors:
                return _new(at, given, errors)
            draft = drafts.parse({**_settings(given, None), "questions": []})
            await begin_new(at.transaction, at.context, identity, given["code"], draft, now())
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return _new(at, given, pointers(error, _FIELDS))
    return redirect(address(given["code"]))


@router.get("/{code}/edit/settings")
async def settings_page(request: Request, identity: Officer, code: Code) -> HTMLResponse:
    """The form of the whole."""
    async with editor(request, identity, code) as at:
        return _form(at, _shown(at.editing.at.draft))


@router.post("/{code}/edit/settings")
async def save(request: Request, identity: Officer, code: Code) -> Response:
    """Keep the whole as it was typed; where somebody else changed it meanwhile both are shown."""
    form = await posted(request, identity)
    given = _typed(form)
    errors = [each for each in _faults({**given, "code": code}) if each[0] != "code"]

    def change(draft: Draft) -> Draft:
        return drafts.follow(draft, drafts.parse({**draft.content(), **_settings(given, draft)}))

    try:
        async with editor(request, identity, code) as at:
            if errors:
                return _form(at, given, errors, 422)
            seen = form.text("seen")
            await change_copy(at.desk.transaction, at.desk.context, identity, code, change, now(), part=_part, seen=seen)
    except DomainError as error:
        if is_gone(error):
            return await gone(request, identity, error, _told(given), address(code))
        if not stale(error) and error.kind is not Kind.MALFORMED:
            raise
        async with editor(request, identity, code) as at:
            if stale(error):
                return _form(at, given, [("name", error.detail)], 412)
            return _form(at, given, pointers(error, _FIELDS), 422)
    return redirect(address(code))


def _typed(form: Form) -> dict[str, Any]:
    return {
        **{name: form.text(name) for name in (*_TEXTS, "audience", "first")},
        "languages": list(form.all("languages")),
        "needs_review": list(form.all("needs_review")),
    }


def _shown(draft: Draft) -> dict[str, Any]:
    texts = {name: (getattr(draft, name) or {}).get(ENGLISH, "") for name in _OF_FAMILIES}
    return {
        **texts, "name": draft.name, "about": draft.about, "audience": draft.audience, "others": "",
        "first": draft.languages[0], "languages": list(draft.languages), "needs_review": list(draft.needs_review),
    }  # fmt: skip


def _faults(given: dict[str, Any]) -> list[tuple[str, str]]:
    found = [
        (name, f"Write something here: {words[0].lower()}{words[1:]}")
        for name, words in _TEXTS.items()
        if not given[name] and name not in _MAY_BE_EMPTY
    ]
    if given["audience"] not in AUDIENCES:
        found.append(("audience", "Choose whom it asks"))
    if not _languages(given):
        found.append(("languages", "Tick at least one language"))
    if drafts.slug(given["code"], 80) != given["code"] and given["code"]:
        found.append(("code", "Write small letters, digits and hyphens only, such as end-of-placement"))
    return found


def _languages(given: dict[str, Any]) -> list[str]:
    """The languages that were ticked or written, the first one first."""
    wanted = [*given["languages"], *given["others"].replace(",", " ").split()]
    first = [given["first"]] if given["first"] in wanted else []
    return list(dict.fromkeys([*first, *wanted]))


def _settings(given: dict[str, Any], draft: Draft | None) -> dict[str, Any]:
    languages = _languages(given)
    texts = {
        name: {**((getattr(draft, name) or {}) if draft else {}), ENGLISH: given[name]} if given[name] else None
        for name in _OF_FAMILIES
    }
    return {
        **texts,
        "name": given["name"],
        "about": given["about"],
        "audience": given["audience"],
        "languages": languages,
        "needs_review": [each for each in languages if each in given["needs_review"]],
    }


def _part(draft: Draft) -> Any:
    return {**draft.model_dump(mode="json", include={"name", "about", "audience", "languages", "needs_review", *_OF_FAMILIES})}


def _told(given: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        *((words, given[name]) for name, words in _TEXTS.items()),
        ("For", AUDIENCES.get(given["audience"], "")),
        ("Languages", ", ".join(_languages(given))),
        ("Still to be read by a fluent speaker", ", ".join(given["needs_review"])),
    ]


def _choices(given: dict[str, Any]) -> dict[str, Any]:
    known = list(dict.fromkeys([*_languages(given), *NAMES]))
    return {
        "audiences": [(code, words, "") for code, words in AUDIENCES.items()],
        "known": [(code, words, "") for code, words in languages_of(known)],
        "chosen": languages_of(_languages(given)),
        "reviewed": [(code, words, "") for code, words in languages_of(_languages(given)) if code != ENGLISH],
    }


def _new(at: Desk, given: dict[str, Any], errors: Errors = ()) -> HTMLResponse:
    return at.show(
        "edit/new.html",
        422 if errors else 200,
        title="New questionnaire",
        given=given,
        errors=errors,
        home=HOME,
        **_choices(given),
    )


def _form(at: Editor, given: dict[str, Any], errors: Errors = (), status: int = 200) -> HTMLResponse:
    draft = at.editing.at.draft
    mine = dict(_told(given))
    return at.show(
        "settings.html",
        status,
        title="Name, audience, languages and introduction",
        given=given,
        seen=fingerprint(_part(draft)),
        errors=errors,
        now=[(label, words) for label, words in _told(_shown(draft)) if status == 412 and words != mine[label]],  # noqa: PLR2004
        changed=changed_by(at),
        **_choices(given),
    )
