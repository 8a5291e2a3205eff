"""Staff pages of comments: the list, a search in words, one comment and its themes. For QA officers alone."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from chassis import keyset
from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.pages import Form, redirect
from feedback.adapters.comments import Place
from feedback.domain.comments import DAYS, MOST_WORDS, Narrowed, Search, by_number, period
from feedback.domain.link_list import months_back
from feedback.domain.profile import FeedbackProfile
from feedback.pages import comment_view as view
from feedback.pages.comment_view import Names
from feedback.pages.links_desk import Desk, Officer, choices_of, desk, errors_of, posted, tidy
from feedback.use_cases.read_comments import MOST_FOUND, MOST_SCANNED, find_comments, read_comment, search_comments
from feedback.use_cases.take_quotes_back import end_consent
from feedback.use_cases.theme_comment import mark_read, theme_comment

LIST = "/feedback/comments"
PAGE = 25
_FILTERS = ("questionnaire", "question", "theme", "team", "period", "unread", "consent")

router = APIRouter(prefix=LIST, include_in_schema=False)


def _given(fields: Mapping[str, str]) -> dict[str, str]:
    """What was chosen of the filters: codes only, so that it may stand in an address."""
    return {name: value for name in _FILTERS if (value := tidy(fields.get(name, "")))}


def _narrowed(given: Mapping[str, str], today: date) -> Narrowed:
    since, until = period(given.get("period", ""), today)
    return Narrowed(
        questionnaire=given.get("questionnaire", ""),
        question=given.get("question", ""),
        theme=given.get("theme", ""),
        team=given.get("team", ""),
        since=since,
        until=until,
        unread=given.get("unread") == "yes",
        consent=given.get("consent", ""),
    )


def _query(given: Mapping[str, str], **more: str) -> str:
    joined = urlencode({**given, **more})
    return f"?{joined}" if joined else ""


def _after(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        day, ident = keyset.decode(cursor, 2)
        return date.fromisoformat(day), UUID(ident)
    except (ValueError, TypeError, AttributeError):
        raise keyset.malformed() from None


def _choices(at: Desk, today: date) -> dict[str, Any]:
    """What the list can be narrowed by."""
    profile = at.profile
    questions = {
        f"{each.code}/{question.code}": f"{each.name}: {question.text['en']}"
        for each in profile.questionnaires
        for version in each.versions
        for question in version.questions
        if question.kind == "text"
    }
    months = [(f"{each:%Y-%m}", f"{each:%B %Y}") for each in months_back(today)]
    chosen = choices_of(profile, at.identity)
    return {
        "questionnaires": chosen["questionnaires"],
        "questions": list(questions.items()),
        "themes": [(each.code, each.name or each.code) for each in profile.organisation.themes],
        "teams": chosen["teams"],
        "periods": [*DAYS.items(), *months],
        "consents": view.CONSENT_CHOICES,
    }


@router.get("")
async def listing(request: Request, identity: Officer, after: Annotated[str, Query(max_length=250)] = "") -> HTMLResponse:
    """Comments, newest first, narrowed by what stands in the address. That they were shown is logged."""
    moment = now()
    today = british_day(moment)
    given = _given(request.query_params)
    async with desk(request, identity) as at:
        found = await find_comments(at.transaction, at.context, identity, _narrowed(given, today), _after(after), PAGE, moment)
        return at.show(
            "comments/list.html",
            title="Comments",
            given=given,
            cards=[view.card(each, Names(at.profile), _query(given)) for each in found.comments],
            unread=any(each.stored.read_on is None for each in found.comments),
            more=LIST + _query(given, after=keyset.encode(*found.more)) if found.more else None,
            first=LIST + _query(given) if after else None,
            searched=None,
            **_choices(at, today),
        )


@router.post("/search")
async def search(request: Request, identity: Officer) -> HTMLResponse:
    """Comments in which words stand. They are posted: what somebody looks for may be a name, and stands in no address."""
    form = await posted(request, identity)
    moment = now()
    today = british_day(moment)
    given, words = _given(form), form.text("words")[: MOST_WORDS + 1]
    looked_for = Search(words)
    wrong = (
        []
        if looked_for and len(words) <= MOST_WORDS
        else [("words", f"Write what you look for, in up to {MOST_WORDS} letters")]
    )
    async with desk(request, identity) as at:
        after = _after(form.text("after"))
        sought = Search("") if wrong else looked_for
        found = await search_comments(at.transaction, at.context, identity, _narrowed(given, today), sought, after, moment)
        return at.show(
            "comments/list.html",
            422 if wrong else 200,
            title="Comments",
            errors=wrong,
            given=given,
            cards=[view.card(each, Names(at.profile), _query(given)) for each in found.comments],
            unread=False,
            more=None,
            first=LIST + _query(given),
            searched={
                "words": words,
                "scanned": found.scanned,
                "after": keyset.encode(*found.more) if found.more else "",
                "most": MOST_SCANNED,
                "found": MOST_FOUND,
            },
            **_choices(at, today),
        )


@router.post("/read")
async def read(request: Request, identity: Officer) -> Response:
    """Say that the comments of a page are read."""
    form = await posted(request, identity)
    try:
        ids = [UUID(each) for each in form.all("comment")[:PAGE]]
    except ValueError:
        raise DomainError("malformed-form", "The form could not be read. Go back and send it again.", Kind.MALFORMED) from None
    async with desk(request, identity) as at:
        await mark_read(at.transaction, identity, ids, now())
    return redirect(LIST + _query(_given(form)))


@router.get("/{comment_id}")
async def comment_page(request: Request, identity: Officer, comment_id: UUID) -> HTMLResponse:
    """One comment with its themes; that it was read is logged."""
    return await _page(request, identity, comment_id, _given(request.query_params))


async def _page(
    request: Request,
    identity: Officer,
    comment_id: UUID,
    given: Mapping[str, str],
    error: DomainError | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    moment = now()
    async with desk(request, identity) as at:
        narrowed = _narrowed(given, british_day(moment))
        seen = await read_comment(at.transaction, at.context, identity, comment_id, narrowed, moment)
        names, query = Names(at.profile), _query(given)
        stored = seen.comment.stored
        chosen = set(form.all("themes")) if form else set(stored.themes)
        return at.show(
            "comments/comment.html",
            422 if error else 200,
            title="Comment",
            errors=errors_of(error) if error else [],
            card=view.card(seen.comment, names, query),
            themes=_listed(at.profile, stored.themes, names),
            chosen=chosen,
            seen=" ".join(stored.themes),
            numbers=form.text("numbers") if form else "",
            read=stored.read_on,
            given=given,
            back=LIST + query,
            next=f"{LIST}/{seen.next}{query}" if seen.next else None,
            next_id=str(seen.next or ""),
            looks=view.looks(seen.looks),
            changes=view.changes(seen.changes, names),
        )


def _listed(profile: FeedbackProfile, stored: tuple[str, ...], names: Names) -> list[tuple[str, str]]:
    """The themes to choose from: those of the profile by number, then those that the comment has and the profile lost."""
    codes = [each.code for each in profile.organisation.themes]
    listed = [(code, f"{number} {names.theme(code)}") for number, code in enumerate(codes, 1)]
    return listed + [(code, f"{code} (no longer in use)") for code in stored if code not in codes]


@router.post("/{comment_id}/consent-ended")
async def stop_quoting(request: Request, identity: Officer, comment_id: UUID) -> Response:
    """Note that whoever wrote a comment does not want to be quoted; what was quoted of it is withdrawn."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await end_consent(at.transaction, at.context, identity, comment_id, now())
    return redirect(f"{LIST}/{comment_id}")


@router.post("/{comment_id}/themes")
async def put(request: Request, identity: Officer, comment_id: UUID) -> Response:
    """Put themes to a comment, and lead on to the next. What somebody else put meanwhile stays."""
    form = await posted(request, identity)
    given = _given(form)
    try:
        async with desk(request, identity) as at:
            known = [each.code for each in at.profile.organisation.themes]
            wanted = by_number(form.text("numbers"), form.all("themes"), known)
            seen = form.text("seen").split()
            await theme_comment(at.transaction, at.context, identity, comment_id, seen, wanted, now())
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        return await _page(request, identity, comment_id, given, error, form)
    onward = form.text("next")
    try:
        return redirect(f"{LIST}/{UUID(onward)}{_query(given)}" if onward else LIST + _query(given))
    except ValueError:
        return redirect(LIST + _query(given))
