"""Staff pages that issue one link, for a letter or a poster, and that tell links once: to look at, to print, to merge."""

import asyncio
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind, not_found
from chassis.idempotency import Answer, fingerprint, once
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import redirect
from feedback.adapters.sealing import SEND_ADDRESS
from feedback.context import context_of
from feedback.pages import link_files
from feedback.pages.link_form import LinkForm, empty, read_link_form
from feedback.pages.links_desk import (
    CHANNEL_NAMES,
    Desk,
    Errors,
    Officer,
    choices_of,
    day,
    desk,
    errors_of,
    language_name,
    moment,
    posted,
    several,
    tidy,
)
from feedback.use_cases.issue_links import issue_one, kept_sets, look_told

ISSUED = "/feedback/links/issued"
_WAITS, _WAIT = 25, 0.2
"""A second click waits for the first, five seconds at most."""

_OF_THE_FORM = {"unknown-code", "reference-taken", "idempotency-key-reused"}
_USED = "A link was issued by this form before. Look at what stands in it, and press again to issue another"

router = APIRouter(prefix="/feedback/links", include_in_schema=False)


@router.get("/new")
async def new_page(request: Request, identity: Officer) -> HTMLResponse:
    """The form for one link."""
    async with desk(request, identity) as at:
        return await _form(at, {**empty(), "key": str(uuid4())})


@router.post("/new")
async def issue(request: Request, identity: Officer) -> Response:
    """Issue one link and lead to where it is told. A second click finds the same link."""
    form = await posted(request, identity)
    read = read_link_form(form, posters=True)
    given = {**read.given, "key": tidy(form.text("key"))[:60]}
    errors: Errors = read.errors
    if not errors:
        try:
            set_id = await _issue_once(request, identity, read, given["key"])
        except DomainError as error:
            if error.slug not in _OF_THE_FORM:
                raise
            errors = errors_of(error)
            if error.slug == "idempotency-key-reused":
                # Somebody went back, and changed what they had sent.
                errors, given["key"] = [("questionnaire", _USED)], str(uuid4())
        else:
            return redirect(f"{ISSUED}/{set_id}")
    async with desk(request, identity) as at:
        return await _form(at, given, errors)


async def _issue_once(request: Request, identity: Identity, read: LinkForm, key: str) -> str:
    wanted = read.request()
    # Of the address a keyed pseudonym: a plain fingerprint of a telephone number could be searched for.
    sent_to = context_of(request).secrets.pseudonym(org_of(identity), SEND_ADDRESS, read.address or "")
    print_ = fingerprint("POST /feedback/links/new", f"{wanted.model_dump_json()}{sent_to}")
    for turn in range(_WAITS):
        try:
            async with desk(request, identity) as at:

                async def work(at: Desk = at) -> Answer:
                    set_id = await issue_one(at.transaction, at.context, identity, wanted, now(), read.address)
                    return Answer(201, {"set": str(set_id)})

                answer = await once(at.transaction, identity.subject, f"page:{key}", print_, work)
                return str(answer.body["set"])
        except DomainError as error:
            if error.slug != "request-in-flight" or turn == _WAITS - 1:
                raise
            await asyncio.sleep(_WAIT)
    raise DomainError("request-in-flight", "The link is still being issued. Look at the list of links.", Kind.UNAVAILABLE)


async def _form(at: Desk, given: dict[str, object], errors: Errors = ()) -> HTMLResponse:
    return at.show(
        "links/new.html",
        422 if errors else 200,
        title="Issue one link",
        given=given,
        errors=errors,
        kept=await kept_links(at),
        **choices_of(at.profile, at.identity),
    )


async def kept_links(at: Desk) -> list[tuple[str, str, str]]:
    """Where this officer's links can still be fetched, since when and until when."""
    kept = await kept_sets(at.transaction, at.identity)
    return [(f"{ISSUED}/{each.id}", moment(each.made_at), moment(each.expires_at)) for each in kept]


@router.get("/issued/{set_id}")
async def issued_page(request: Request, identity: Officer, set_id: UUID) -> HTMLResponse:
    """Links that were issued together, and what can be made of them, for whoever issued them and for some hours."""
    async with desk(request, identity) as at:
        upload, told = await look_told(at.transaction, at.context, identity, set_id)
        questionnaire = at.profile.questionnaire(told.questionnaire)
        count = len(told.links)
        languages = {link.language for link in told.links}
        return at.show(
            "links/issued.html",
            title="The link is issued" if count == 1 else f"{several(count, 'link')} issued",
            address=f"{ISSUED}/{set_id}",
            count=count,
            one=told.links[0] if count == 1 else None,
            reusable=told.reusable,
            sent=told.sent,
            hours=at.profile.families.messages.send,
            reminds=bool(at.profile.families.messages.remind_after),
            parts=link_files.parts(count),
            known=[
                ("Questionnaire", questionnaire.name if questionnaire else told.questionnaire),
                ("How it reaches people", CHANNEL_NAMES.get(told.channel, told.channel)),
                ("Language", ", ".join(map(language_name, sorted(languages)))),
                ("Last day", day(max(link.expires_on for link in told.links))),
            ],
            in_english=link_files.printed_in_english(request, languages),
            until=moment(upload.expires_at),
            typed=link_files.address_to_type(at.context.public_url),
        )


@router.post("/issued/{set_id}")
async def forget(request: Request, identity: Officer, set_id: UUID) -> Response:
    """Delete what is kept of links that were issued; they go on working."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await at.context.told.discard(at.transaction, set_id, identity.subject)
    return redirect("/feedback/links")


@router.get("/issued/{set_id}/{name}")
async def file(request: Request, identity: Officer, set_id: UUID, name: str) -> Response:
    """A file made of links: mail-merge list, inserts, sheet, poster, code. Nothing is drawn inside the transaction."""
    async with desk(request, identity) as at:
        _, told = await look_told(at.transaction, at.context, identity, set_id)
        organisation = at.profile.organisation.name
    made = await link_files.make(request, told, name, organisation)
    if made is None:
        raise not_found("file")
    return made
