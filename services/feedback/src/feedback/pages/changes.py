"""Staff pages of what was changed because of feedback: write, publish on the public page, take off."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.outbox import now
from chassis.pages import Form, redirect
from chassis.pages.days import typed_day
from feedback.adapters.changes import StoredChange
from feedback.domain.changes import MOST_WORDS, About, Said, State
from feedback.domain.profile import FeedbackProfile
from feedback.pages import comment_view as view
from feedback.pages.comment_view import Names
from feedback.pages.links_desk import Desk, Officer, choices_of, day, day_in, desk, errors_of, language_name, posted
from feedback.use_cases import write_change as use
from feedback.use_cases.make_quote import finder

LIST = "/feedback/changes"
STATES = {
    State.DRAFT: ("Draft", "yellow"),
    State.PUBLISHED: ("On the public page", "green"),
    State.WITHDRAWN: ("Taken off", "grey"),
}
STEPS = {"write": "Written", "publish": "Published", "withdraw": "Taken off"}
_NEVER = date(1, 1, 1)
_PARTS = ("said", "did", "young")
_MOST_DIGITS = 9

router = APIRouter(prefix=LIST, include_in_schema=False)


def _languages(profile: FeedbackProfile, words: Mapping[str, Said]) -> list[str]:
    """English, then the languages in which families are asked, and what was written in any other."""
    asked = (language for each in profile.questionnaires for language in each.languages)
    return list(dict.fromkeys(["en", *asked, *words]))


@router.get("")
async def listing(request: Request, identity: Officer) -> HTMLResponse:
    """The changes, the last that happened first."""
    async with desk(request, identity) as at:
        found = await use.list_changes(at.transaction, at.context, identity)
        names = Names(at.profile)
        rows = [
            {
                "href": f"{LIST}/{each.id}",
                "did": each.change.words["en"].did,
                "place": names.place(each.about.service_area, None),
                "on": day(each.about.happened_on),
                "state": STATES[each.change.state],
            }
            for each in found
        ]
        return at.show("changes/list.html", title="You said, we did", rows=rows, public=_public(org_of(identity)))


def _public(org: str) -> str:
    return f"/s/you-said/{org}"


@router.get("/new")
async def new(request: Request, identity: Officer) -> HTMLResponse:
    """An empty form. Its number is made here, so that sending it twice stores it once."""
    async with desk(request, identity) as at:
        return await _form(at, uuid4(), None, None, None)


@router.get("/{change_id}/edit")
async def edit(request: Request, identity: Officer, change_id: UUID) -> HTMLResponse:
    """The form of a change that does not stand on the public page."""
    async with desk(request, identity) as at:
        seen = await use.see_change(at.transaction, at.context, identity, change_id)
        return await _form(at, change_id, seen.stored, None, None)


async def _form(
    at: Desk, ident: UUID, stored: StoredChange | None, form: Form | None, error: DomainError | None
) -> HTMLResponse:
    about = stored.about if stored else None
    words = stored.change.words if stored else {}
    languages = _languages(at.profile, words)
    given = _typed(form, languages) if form else _kept(about, words, languages)
    quotes = await use.usable_quotes(at.transaction, at.context, at.identity)
    questions = use.questions_of(at.profile)
    names = Names(at.profile)
    return at.show(
        "changes/form.html",
        200 if error is None else 412 if error.kind is Kind.STALE else 422,
        title="Write what was changed" if stored is None else "Change what is written",
        errors=errors_of(error) if error else [],
        action=f"{LIST}/{ident}",
        back=f"{LIST}/{ident}" if stored else LIST,
        revision=stored.revision if stored else 0,
        given=given,
        areas=choices_of(at.profile, at.identity)["areas"],
        themes=[(each.code, each.name or each.code, "") for each in at.profile.organisation.themes],
        questions=[(code, f"{names.questionnaire(code.partition('/')[0])}: {text}", "") for code, text in questions.items()],
        quotes=[(str(each.quote_id), each.words, names.place(each.service_area, None)) for each in quotes],
        languages=[(code, language_name(code)) for code in languages],
    )


def _kept(about: About | None, words: Mapping[str, Said], languages: list[str]) -> dict[str, Any]:
    """What a form shows of what is stored."""
    on = about.happened_on if about else None
    empty = Said("", "")
    return {
        "service_area": about.service_area if about else "",
        "happened_on": {"day": on.day, "month": on.month, "year": on.year} if on else {},
        "questions": about.questions if about else (),
        "themes": about.themes if about else (),
        "quotes": [str(each) for each in about.quotes] if about else (),
        "action": (about.action or "") if about else "",
        "words": {code: {part: getattr(words.get(code, empty), part) for part in _PARTS} for code in languages},
    }


def _typed(form: Form, languages: list[str]) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {
        "service_area": form.text("service_area"),
        "happened_on": typed_day(form, "happened_on"),
        "questions": form.all("questions"),
        "themes": form.all("themes"),
        "quotes": form.all("quotes"),
        "action": form.text("action")[:MOST_WORDS],
        "words": {code: {part: form.get(f"{part}-{code}", "") for part in _PARTS} for code in languages},
    }


@router.post("/{change_id}")
async def write(request: Request, identity: Officer, change_id: UUID) -> Response:
    """Store what was written, and show it with what may say who somebody is."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            about, words = _read(form, _languages(at.profile, {}))
            await use.write_change(at.transaction, at.context, identity, change_id, _revision(form), about, words, now())
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        return await _again(request, identity, change_id, form, error)
    return redirect(f"{LIST}/{change_id}")


async def _again(request: Request, identity: Officer, change_id: UUID, form: Form, error: DomainError) -> HTMLResponse:
    async with desk(request, identity) as at:
        try:
            stored = (await use.see_change(at.transaction, at.context, identity, change_id)).stored
        except DomainError:
            stored = None
        return await _form(at, change_id, stored, form, error)


def _read(form: Form, languages: list[str]) -> tuple[About, dict[str, Said]]:
    """The form as what it means. Raises `incomplete` (malformed) for what cannot be read."""
    try:
        happened_on = day_in(form, "happened_on") or _NEVER
    except ValueError:
        happened_on = _NEVER
    try:
        quotes = tuple(UUID(each) for each in form.all("quotes"))
    except ValueError:
        wrong = (FieldError("/quotes", "Choose quotes of the list"),)
        raise DomainError("incomplete", "Nothing was stored. See `errors`.", Kind.MALFORMED, wrong) from None
    about = About(
        form.text("service_area"), happened_on, form.all("questions"), form.all("themes"), quotes, form.text("action") or None
    )
    typed = {code: Said(*(form.text(f"{part}-{code}") for part in _PARTS)) for code in languages}
    return about, {code: each for code, each in typed.items() if code == "en" or each != Said("", "")}


@router.get("/{change_id}")
async def change_page(request: Request, identity: Officer, change_id: UUID) -> HTMLResponse:
    """A change as it is written, with what may say who somebody is marked."""
    return await _page(request, identity, change_id)


async def _page(
    request: Request, identity: Officer, change_id: UUID, error: DomainError | None = None, reason: str = ""
) -> HTMLResponse:
    async with desk(request, identity) as at:
        seen = await use.see_change(at.transaction, at.context, identity, change_id)
        change, about, names = seen.stored.change, seen.stored.about, Names(at.profile)
        looks_for = finder(at.profile.organisation)
        questions = use.questions_of(at.profile)
        state, colour = STATES[change.state]

        def marked(text: str) -> Markup:
            return view.marked(text, looks_for(text))

        known = [
            ("Service area", names.place(about.service_area, None)),
            ("Changed on", day(about.happened_on)),
            ("Themes", names.themes(about.themes) or "–"),
            ("Questions", "; ".join(questions.get(each, each) for each in about.questions) or "–"),
            ("Action of an audit", about.action or "–"),
            ("Published", day(change.published_on)),
        ]
        return at.show(
            "changes/change.html",
            200 if error is None else 412 if error.kind is Kind.STALE else 422,
            title="You said, we did",
            errors=errors_of(error) if error else [],
            state=state,
            colour=colour,
            known=known,
            words=[
                (code, language_name(code), [(part, marked(getattr(each, part))) for part in _PARTS if getattr(each, part)])
                for code, each in change.words.items()
            ],
            likely=any(looks_for(text) for each in change.words.values() for text in (each.said, each.did, each.young)),
            quotes=[(each.words, each.language) for each in seen.quotes],
            gone=len(about.quotes) - len(seen.quotes),
            draft=change.state is State.DRAFT,
            published=change.state is State.PUBLISHED,
            revision=change.revision,
            href=f"{LIST}/{change_id}",
            public=_public(org_of(identity)),
            history=view.steps(seen.steps, STEPS),  # type: ignore[arg-type]  # of the same form
            reason=reason,
        )


@router.post("/{change_id}/{step}")
async def take(request: Request, identity: Officer, change_id: UUID, step: str) -> Response:
    """Publish, or take off; a second click changes nothing."""
    form = await posted(request, identity)
    seen = _revision(form)
    try:
        async with desk(request, identity) as at:
            if step == "publish":
                looked = form.text("looked") == "yes"
                await use.publish_change(at.transaction, at.context, identity, change_id, seen, now(), looked=looked)
            elif step == "withdraw":
                reason = form.text("reason")
                await use.withdraw_change(at.transaction, at.context, identity, change_id, seen, reason, now())
            else:
                raise not_found("page")
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        return await _page(request, identity, change_id, error, form.text("reason"))
    return redirect(f"{LIST}/{change_id}")


def _revision(form: Form) -> int:
    """The revision that the page showed; -1, which none has, where the field does not hold one."""
    seen = form.text("revision")[:_MOST_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1
