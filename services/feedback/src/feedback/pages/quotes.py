"""Staff pages of quotes: redact a comment, approve what somebody else redacted, and fetch what is approved."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.outbox import now
from chassis.pages import Form, redirect
from chassis.spreadsheet import CSV_TYPE, write_csv
from feedback.adapters.comments import read_for_comments
from feedback.adapters.quotes import Approved, Quotes, Wanted
from feedback.domain.likely_names import other_script, replaced
from feedback.domain.quotes import Decision, State, Step, possible
from feedback.pages import comment_view as view
from feedback.pages.comment_view import Names
from feedback.pages.links_desk import OFFICER, Desk, Officer, Staff, day, desk, download, errors_of, posted, tidy
from feedback.use_cases.make_quote import Opened, decide_quote, finder, open_for_redaction, redact_quote, see_quote

LIST = "/feedback/quotes"
MOST_DIGITS = 9  # of a revision
MOST_IN_FILE = 5_000
SHOWN_AFTER = timedelta(days=92)
"""How long what was withdrawn is shown: a report of a quarter is written within the next."""

router = APIRouter(include_in_schema=False)


@router.get(LIST)
async def listing(request: Request, identity: Staff) -> HTMLResponse:
    """The approved quotes; and for officers those that wait for somebody."""
    async with desk(request, identity) as at:
        quotes, names = Quotes(at.transaction, at.context.secrets), Names(at.profile)
        wanted = _wanted(request)
        found = await quotes.in_use(wanted, identity.areas)
        waiting = await _waiting(at, names) if identity.may(OFFICER) else []
        organisation = at.profile.organisation
        return at.show(
            "quotes/list.html",
            title="Quotes",
            waiting=waiting,
            taken_out=await _taken_out(at, names) if identity.may(OFFICER) else [],
            approved=[_line(each, names) for each in found],
            given={"theme": wanted.theme, "questionnaire": wanted.questionnaire},
            themes=[(each.code, each.name or each.code) for each in organisation.themes],
            questionnaires=[(each.code, each.name) for each in at.profile.questionnaires],
        )


async def _waiting(at: Desk, names: Names) -> list[dict[str, Any]]:
    """Quotes on which somebody must do something. Their words are not here: reading them is logged on their own page."""
    states = [State.WAITING, State.SENT_BACK]
    await read_for_comments(at.transaction)  # or the database shows none of them, since none is of a worry
    held = await Quotes(at.transaction, at.context.secrets).standing(states, at.identity.areas)
    return [
        {
            "href": f"{LIST}/{each.id}",
            "question": names.question(each.questionnaire, each.of_version, each.question),
            "place": names.place(each.service_area, None),
            "state": view.QUOTE_STATES[each.quote.state],
            "mine": each.quote.redacted_by == at.identity.subject,
        }
        for each in held
    ]


async def _taken_out(at: Desk, names: Names) -> list[dict[str, Any]]:
    """Quotes that were in use until lately, for whoever must take them out of a report that is being written."""
    since = british_day(now()) - SHOWN_AFTER
    found = await Quotes(at.transaction, at.context.secrets).taken_out(since, at.identity.areas)
    return [{**_line(each, names), "number": str(each.quote_id), "gone": day(gone)} for each, gone in found]


def _wanted(request: Request) -> Wanted:
    return Wanted(
        questionnaire=tidy(request.query_params.get("questionnaire", "")), theme=tidy(request.query_params.get("theme", ""))
    )


def _line(each: Approved, names: Names) -> dict[str, Any]:
    questionnaire = names.profile.questionnaire(each.questionnaire)
    version = questionnaire.versions[-1].version if questionnaire else 0
    return {
        "href": f"{LIST}/{each.quote_id}",
        "words": each.words,
        "language": each.language,
        "question": names.question(each.questionnaire, version, each.question),
        "questionnaire": names.questionnaire(each.questionnaire),
        "place": names.place(each.service_area, None),
        "themes": names.themes(each.themes),
        "released": day(each.released_on),
    }


@router.get(f"{LIST}.csv")
async def listing_csv(request: Request, identity: Staff) -> Response:
    """The approved quotes as CSV, for whoever writes a report."""
    async with desk(request, identity) as at:
        quotes, names = Quotes(at.transaction, at.context.secrets), Names(at.profile)
        found = await quotes.in_use(_wanted(request), identity.areas, MOST_IN_FILE)
        lines = [_line(each, names) for each in found]
    rows = [
        [str(each.quote_id), each.version, line["words"], line["questionnaire"], line["question"], line["place"],
         line["themes"], each.language, each.released_on]
        for each, line in zip(found, lines, strict=True)
    ]  # fmt: skip
    headings = ["quote", "version", "words", "questionnaire", "question", "service area", "themes", "language", "approved on"]
    return download(write_csv(headings, rows), CSV_TYPE, "approved-quotes.csv")


@router.get("/feedback/comments/{comment_id}/quote")
async def redaction_page(request: Request, identity: Officer, comment_id: UUID) -> HTMLResponse:
    """A comment with what may say who somebody is marked, and a proposal in which that is replaced."""
    async with desk(request, identity) as at:
        opened = await open_for_redaction(at.transaction, at.context, identity, comment_id, now())
        return _redaction(at, opened, None, None)


def _redaction(at: Desk, opened: Opened, form: Form | None, error: DomainError | None) -> HTMLResponse:
    find = finder(at.profile.organisation)
    original = opened.comment.words
    held = opened.held
    spans = find(original)
    proposed = held.quote.words if held else replaced(original, spans)
    words = form.get("words", "") if form else proposed
    return at.show(
        "quotes/redact.html",
        200 if error is None else 412 if error.kind is Kind.STALE else 422,
        title="Make a quote",
        errors=errors_of(error) if error else [],
        card=view.card(opened.comment, Names(at.profile), ""),
        original=view.marked(original, spans),
        sorts=sorted({span.sort.value for span in spans}),
        other_script=other_script(original) or not opened.comment.stored.language.startswith(("en", "cy")),
        words=words,
        left=bool(find(words)),
        revision=held.quote.revision if held else 0,
        approved=held is not None and held.quote.state is State.APPROVED,
        quote=f"{LIST}/{held.id}" if held else None,
    )


@router.post("/feedback/comments/{comment_id}/quote")
async def redact(request: Request, identity: Officer, comment_id: UUID) -> Response:
    """Store what is left after redaction; it waits for somebody else."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            ident = await redact_quote(
                at.transaction,
                at.context,
                identity,
                comment_id,
                form.get("words", ""),
                now(),
                looked=form.text("looked") == "yes",
                seen=_revision(form),
            )
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        async with desk(request, identity) as at:
            opened = await open_for_redaction(at.transaction, at.context, identity, comment_id, now())
            return _redaction(at, opened, form, error)
    return redirect(f"{LIST}/{ident}")


@router.get(LIST + "/{quote_id}")
async def quote_page(request: Request, identity: Officer, quote_id: UUID) -> HTMLResponse:
    """A quote beside what it was made of; that it was read is logged."""
    return await _page(request, identity, quote_id)


async def _page(
    request: Request, identity: Officer, quote_id: UUID, error: DomainError | None = None, reason: str = ""
) -> HTMLResponse:
    async with desk(request, identity) as at:
        seen = await see_quote(at.transaction, at.context, identity, quote_id, now())
        find, quote, comment = finder(at.profile.organisation), seen.held.quote, seen.comment
        words, colour = view.QUOTE_STATES[quote.state]
        return at.show(
            "quotes/quote.html",
            200 if error is None else 412 if error.kind is Kind.STALE else 422,
            title="Quote",
            errors=errors_of(error) if error else [],
            state=words,
            colour=colour,
            card=view.card(comment, Names(at.profile), ""),
            original=view.marked(comment.words, find(comment.words)),
            words=view.marked(quote.words, find(quote.words)),
            left=bool(find(quote.words)),
            steps=[step.value for step in possible(quote, identity.subject)],
            mine=quote.redacted_by == identity.subject,
            waiting=quote.state is State.WAITING,
            revision=quote.revision,
            version=quote.version,
            href=f"{LIST}/{quote_id}",
            again=f"/feedback/comments/{seen.held.comment_id}/quote",
            history=view.steps(seen.steps),
            reason=reason,
        )


@router.post(LIST + "/{quote_id}/{step}")
async def decide(request: Request, identity: Officer, quote_id: UUID, step: str) -> Response:
    """Approve, send back or withdraw; a second click changes nothing."""
    form = await posted(request, identity)
    if step not in {Step.APPROVE, Step.SEND_BACK, Step.WITHDRAW}:
        raise not_found("page")
    asked = Decision(Step(step), identity.subject, _revision(form), form.text("reason"))
    try:
        async with desk(request, identity) as at:
            await decide_quote(at.transaction, at.context, identity, quote_id, asked, now())
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        return await _page(request, identity, quote_id, error, form.text("reason"))
    return redirect(f"{LIST}/{quote_id}")


def _revision(form: Form) -> int:
    """The revision that the page showed; -1, which none has, where the field does not hold one."""
    seen = form.text("revision")[:MOST_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1
