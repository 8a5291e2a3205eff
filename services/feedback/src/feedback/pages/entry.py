"""Staff pages on which the answers of somebody are taken down: what it is about, then all questions on one page."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from chassis.access import org_of, requires
from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.mail.message import is_address
from chassis.outbox import now
from chassis.pages import PAGE_HEADERS, Form, read_form, redirect
from chassis.pages.days import typed_day
from chassis.pages.forms import require_token
from chassis.secrets import SealError
from feedback.adapters import entries, sealing
from feedback.adapters.entries import Settings
from feedback.alerts import alert
from feedback.domain.answers import TEXT_LIMIT
from feedback.domain.words import Said, say
from feedback.pages import entry_form, view
from feedback.pages.answer_form import too_long_by
from feedback.pages.entry_form import RETURN, EntryForm, read_entry
from feedback.pages.links_desk import (
    CALLER,
    MANAGER,
    OFFICER,
    Desk,
    Errors,
    choices_of,
    day,
    day_in,
    desk,
    errors_of,
    language_name,
    moment,
    posted,
    session,
    tidy,
)
from feedback.use_cases.take_down import Down, Sent, Unasked, begin_entry, keep_entry, look_down, send_entry

ENTRY = "/feedback/entry"
AUTOSAVE = "autosave.js"
MOST_BYTES = 1024 * 1024
MOST_FIELDS = 2000
CHANNELS = (("call", "A call"), ("visit", "A visit"), ("audit", "An audit"), ("paper", "A form on paper"))
_FIELDS = ("questionnaire", "channel", "reference", "service_area", "team", "language")
_REFERENCE = 100

router = APIRouter(prefix=ENTRY, include_in_schema=False)
Enterer = Annotated[Identity, Depends(requires(OFFICER, CALLER, MANAGER))]


@router.get("")
async def start_page(request: Request, identity: Enterer) -> HTMLResponse:
    """Say what it is about; an audit's page leads here with what it knows."""
    asked = request.query_params
    given: dict[str, Any] = {name: tidy(asked.get(name, "")) for name in _FIELDS}
    back = asked.get("return_to", "")
    given |= {"about_on": {}, "answered_on": {}, "return_to": back if RETURN.fullmatch(back) else ""}
    async with desk(request, identity) as at:
        return await _start(at, given)


@router.post("")
async def start_form(request: Request, identity: Enterer) -> Response:
    """Begin."""
    form = await posted(request, identity)
    given: dict[str, Any] = {name: tidy(form.text(name)) for name in _FIELDS}
    given |= {name: typed_day(form, name) for name in ("about_on", "answered_on")}
    back = form.text("return_to")
    given["return_to"] = back if RETURN.fullmatch(back) else ""
    days, errors = _days(form)
    errors += [(name, words) for name, words in _NEEDED if not given[name]]
    if len(form.text("reference")) > _REFERENCE:
        errors.append(("reference", f"Make it {_REFERENCE} characters or fewer"))
    async with desk(request, identity) as at:
        if not errors:
            try:
                ident = await begin_entry(at.transaction, at.context, identity, _settings(at, given, days), now())
            except DomainError as error:
                if not error.errors:
                    raise
                errors = [*errors_of(error)]
            else:
                return redirect(f"{ENTRY}/{ident}")
        return await _start(at, given, errors)


_NEEDED = (
    ("questionnaire", "Choose a questionnaire"),
    ("channel", "Choose how you talk to them"),
    ("reference", "Write a reference, such as the case number"),
    ("service_area", "Choose a service area"),
)


def _days(form: Form) -> tuple[dict[str, date | None], list[tuple[str, str]]]:
    days: dict[str, date | None] = {}
    errors = []
    for name in ("about_on", "answered_on"):
        try:
            days[name] = day_in(form, name)
        except (ValueError, OverflowError):
            days[name] = None
            errors.append((name, "Write a real day in numbers, like 27 3 2026"))
    return days, errors


def _settings(at: Desk, given: Mapping[str, Any], days: Mapping[str, date | None]) -> Settings:
    questionnaire = at.profile.questionnaire(given["questionnaire"])
    language = given["language"] or (questionnaire.languages[0] if questionnaire else "en")
    channel = given["channel"]
    if channel not in {code for code, _ in CHANNELS}:
        wrong = FieldError("/channel", "Choose how you talk to them")
        raise DomainError("incomplete", "Nothing was begun.", Kind.MALFORMED, (wrong,))
    return Settings(
        given["questionnaire"],
        channel,
        given["reference"],
        language,
        given["service_area"],
        given["team"] or None,
        days["about_on"],
        days["answered_on"] or british_day(now()),
        None,
        given["return_to"] or None,
    )


@router.get("/{entry_id}")
async def entry_page(request: Request, identity: Enterer, entry_id: UUID) -> Response:
    """All questions with what was taken down so far; once it was sent, what became of it."""
    async with desk(request, identity) as at:
        down = await look_down(at.transaction, at.context, identity, entry_id)
        return await _sent(at, down) if down.draft.sent_as is not None else _sheet(at, down)


@router.post("/{entry_id}")
async def entry_form_sent(request: Request, identity: Enterer, entry_id: UUID) -> Response:
    """Send the answers, keep them for later, or throw them away. The page's script keeps them while somebody types."""
    form = await read_form(request, MOST_BYTES, MOST_FIELDS)
    require_token(form, *session(request, identity))
    async with desk(request, identity) as at:
        down = await look_down(at.transaction, at.context, identity, entry_id)
        if down.draft.sent_as is not None and form.text("then") != "stay":
            return redirect(f"{ENTRY}/{entry_id}")
        if form.text("do") == "discard":
            await entries.discard(at.transaction, identity.subject, entry_id)
            return redirect(_back(down))
        read = read_entry(down.version, form)
    if form.text("then") == "stay":
        return await _save_quietly(request, identity, entry_id, down, read)
    if read.wrong:
        async with desk(request, identity) as at:
            return _sheet(at, down, read, _wrong_words(request, down, read))
    return await _send(request, identity, entry_id, read, form)


async def _send(request: Request, identity: Identity, entry_id: UUID, read: EntryForm, form: Form) -> Response:
    later = form.text("do") == "later"
    sent: Sent | None = None
    try:
        async with desk(request, identity) as at:
            if later:
                await keep_entry(at.transaction, at.context, identity, entry_id, read.given, now())
            else:
                sure = form.text("sure") == "yes"
                sent = await send_entry(at.transaction, at.context, identity, entry_id, read.given, now(), sure=sure)
    except DomainError as error:
        if error.kind is Kind.NOT_FOUND or error.slug == "already-sent":
            raise
        return await _refused(request, identity, entry_id, read, error)
    if sent is not None and sent.concern is not None:
        alert(org_of(identity), sent.concern)
    return redirect(ENTRY if later else f"{ENTRY}/{entry_id}")


async def _refused(request: Request, identity: Identity, entry_id: UUID, read: EntryForm, error: DomainError) -> Response:
    """The page with what was typed and why it was not sent; where no other window saved meanwhile, it is kept first."""
    stale = error.kind is Kind.STALE
    if not stale:
        async with desk(request, identity) as at:
            await keep_entry(at.transaction, at.context, identity, entry_id, read.given, now())
    async with desk(request, identity) as at:
        down = await look_down(at.transaction, at.context, identity, entry_id)
        if down.draft.sent_as is not None:
            return redirect(f"{ENTRY}/{entry_id}")
        if isinstance(error, Unasked):
            unasked = [down.version.numbers[each.pointer.rpartition("/")[2]] for each in error.errors]
            return _sheet(at, down, read, status=409, unasked=unasked)
        return _sheet(at, down, read, _answer_words(down, read, error), stale=stale, status=412 if stale else 422)


async def _save_quietly(request: Request, identity: Identity, entry_id: UUID, down: Down, read: EntryForm) -> Response:
    """Keep what is there, for the page's script: gives the new revision, or the problem as machines read it."""
    if read.wrong:
        wrong = tuple(FieldError(f"/{field}", words) for field, words in _wrong_words(request, down, read).items())
        raise DomainError("invalid-answers", "These answers cannot be kept.", Kind.MALFORMED, wrong)
    async with desk(request, identity) as at:
        revision = await keep_entry(at.transaction, at.context, identity, entry_id, read.given, now())
    return JSONResponse({"revision": revision}, headers=PAGE_HEADERS)


def _wrong_words(request: Request, down: Down, read: EntryForm) -> dict[str, str]:
    strings = request.app.state.pages.strings
    return {
        code: f"Question {down.version.numbers[code]}: "
        + strings.say("en", f"error.{slug}", over=too_long_by(read.typed[code]), limit=TEXT_LIMIT)
        for code, slug in read.wrong.items()
    }


def _answer_words(down: Down, read: EntryForm, error: DomainError) -> dict[str, str]:
    """What is wrong, by question or field, in words for people."""
    branches = entry_form.hidden(down.version, read.given.answers)
    found: dict[str, str] = {}
    for each in error.errors:
        code = each.pointer.rpartition("/")[2]
        if each.pointer.startswith("/answers/"):
            number = down.version.numbers.get(code)
            found[code] = branches.get(code, f"Question {number}: {each.detail}")
        else:
            found[code] = each.detail
    return found or {"main-content": error.detail}


def _words(at: Desk, down: Down) -> dict[str, str]:
    found = {}
    for code, answer in down.draft.answers.items():
        if answer.sealed is None:
            continue
        try:
            found[code] = sealing.open_text(at.context.secrets, at.transaction.org, answer.sealed)
        except SealError:  # pragma: no cover - a key was lost
            found[code] = ""
    return found


async def _start(at: Desk, given: Mapping[str, Any], errors: Errors = ()) -> HTMLResponse:
    begun = await entries.mine(at.transaction, at.identity.subject)
    names = {each.code: each.name for each in at.profile.questionnaires}
    return at.show(
        "entry/start.html",
        422 if errors else 200,
        title="Enter answers for somebody",
        given=given,
        errors=errors,
        begun=[
            (f"{ENTRY}/{each.id}", names.get(each.settings.questionnaire, ""), each.settings.reference, moment(each.touched_at))
            for each in begun
        ],
        kept_days=entries.KEPT_DAYS,
        **{**choices_of(at.profile, at.identity), "channels": [(code, name, "") for code, name in CHANNELS]},
    )


def _sheet(
    at: Desk,
    down: Down,
    read: EntryForm | None = None,
    wrong: Mapping[str, str] | None = None,
    *,
    stale: bool = False,
    unasked: list[int] | None = None,
    status: int | None = None,
) -> HTMLResponse:
    wrong = dict(wrong or {})
    settings, version = down.draft.settings, down.version
    language = settings.language
    errors = [(f"q{version.numbers[code]}" if code in version.numbers else code, words) for code, words in wrong.items()]
    words = _words(at, down)
    contacts = at.profile.organisation.contacts
    script = _aloud(at, down, language)
    area = at.profile.organisation.area(settings.service_area)
    facts = [
        ("Reference", settings.reference),
        ("Service area", area.name if area else settings.service_area),
        ("Answered on", day(settings.answered_on)),
        ("Language", language_name(language)),
    ]
    return at.show(
        "entry/sheet.html",
        status or (422 if wrong else 200),
        title=down.questionnaire.name,
        script=AUTOSAVE,
        aloud=script,
        intro=say(down.questionnaire.intro, language),
        facts_known=facts,
        spoken_language=language,
        channel=settings.channel,
        lines=entry_form.lines(version, language, down.draft.answers, words, read.typed if read else None, wrong),
        consent=read.given.consent if read else down.draft.consent,
        revision=down.draft.revision,
        errors=errors,
        stale=_elsewhere(down, read, words) if stale and read else None,
        unasked=unasked,
        reference=(read.given.reference or settings.reference) if read and "reference" in wrong else None,
        newer=down.newer,
        call=f"/feedback/calls/{settings.call_id}" if settings.call_id else None,
        address=f"{ENTRY}/{down.draft.id}",
        emergency=say(contacts.emergency, language),
        council_phone=contacts.council_phone,
        out_of_hours_phone=contacts.out_of_hours_phone,
    )


def _aloud(at: Desk, down: Down, language: str) -> dict[str, Said]:
    """What is read aloud around the questions; consent and the duty to pass on are said where the profile is silent, too."""
    strings = at.request.app.state.pages.strings
    words = {
        name: Said(strings.say(language, f"entry.{name}"), strings.spoken(language, f"entry.{name}"))
        for name in ("consent", "worry")
    }
    return words | {name: say(texts, language) for name, texts in down.script if texts is not None}


def _elsewhere(down: Down, read: EntryForm, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What another window saved that is not what was typed in this one, by question."""
    found = []
    for question in down.version.questions:
        kept = down.draft.answers.get(question.code)
        typed = read.given.answers.get(question.code)
        said = words.get(question.code)
        same = kept == typed if said is None else typed is not None and typed.text == said
        if not same:
            there = "; ".join(each.text for each in view.in_words(question, kept, "en", said))
            state = "No answer" if kept and kept.state == "skipped" else "Not asked"
            found.append((f"Question {down.version.numbers[question.code]}", there or state))
    return found


async def _sent(at: Desk, down: Down) -> HTMLResponse:
    contacts = at.profile.organisation.contacts
    language = down.draft.settings.language
    closing = down.script.closing
    return at.show(
        "entry/sent.html",
        title="The answers are stored",
        worry=down.draft.worry,
        told=is_address(contacts.duty_email or ""),
        closing=say(closing, language) if closing else say(down.questionnaire.thank_you, language),
        passed_on=_aloud(at, down, language)["worry"],
        paper=down.draft.settings.channel == "paper",
        emergency=contacts.emergency["en"],
        council_phone=contacts.council_phone,
        out_of_hours_phone=contacts.out_of_hours_phone,
        reference=down.draft.settings.reference,
        back=down.draft.settings.return_to,
        call=down.draft.settings.call_id is not None,
    )


def _back(down: Down) -> str:
    settings = down.draft.settings
    return settings.return_to or (f"/feedback/calls/{settings.call_id}" if settings.call_id else ENTRY)
