"""Staff pages of one letter: written, looked at, sent, and kept as it was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import moment_words
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, day_parts
from chassis.pages.fields import Filled, Wrong, at_first
from chassis.pdf.markup import MarkupError, fields_in, readable
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from complaints.adapters.letters import About, Content, Draft
from complaints.domain import letters
from complaints.domain.letter_profile import FIELDS, read_body, read_subject
from complaints.domain.letters import Way
from complaints.domain.stages import Step
from complaints.pages import letter_forms as forms
from complaints.pages.labels import ACTIONS, STEPS
from complaints.pages.staff_desk import Desk, Officer, desk, id_in
from complaints.pages.staff_forms import errors_of, number_in, posted
from complaints.use_cases import letters as use
from complaints.use_cases.letters import DraftView, SentView, Written
from complaints.use_cases.send_letter import Prepared, Sending, letter_document, prepare_letter, send_letter

router = APIRouter(prefix="/complaints/{complaint_id}/letters/{letter_id}", include_in_schema=False)

DRAFT = "Draft, not sent"
OK = 200
_OF_DRAFT = frozenset({"letter-incomplete", "letter-recipient", "letter-markup"})
"""What is put right in the draft, and not on the page that sends it."""


@router.get("")
async def letter(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> HTMLResponse:
    """A letter: to be written while it is a draft, as it was sent from then on. That it was opened is logged."""
    async with desk(request, identity) as at:
        found = await use.see_letter(at.transaction, at.setup, identity, complaint_id, letter_id)
        return _sent(at, found) if isinstance(found, SentView) else _draft(at, found)


@router.post("")
async def save(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> Response:
    """Keep the draft, and show how it reads; of two who save at once the later is told, and sees both."""
    form = await posted(request, identity)
    at_letter = f"/complaints/{complaint_id}/letters/{letter_id}"
    async with desk(request, identity) as at:
        found = await use.see_letter(at.transaction, at.setup, identity, complaint_id, letter_id)
        if isinstance(found, SentView):
            return _sent(at, found, 409)
        fields = forms.step_fields(found.desk, found.draft.about, at.labels, at.setup.today())
        content, step, wrong = forms.typed_draft(form, found.draft.content, fields)
        way = cast("Way", form.text("way")) if form.text("way") in forms.WAY_NAMES else found.draft.about.way
        mine = _Typed(content, way, number_in(form, "revision"), step, tuple(wrong))
        if wrong:
            return _draft(at, found, mine, 422)
        if found.draft.revision != mine.revision:
            return _draft(at, found, replace(mine, revision=found.draft.revision), 412, other=found.draft)
        changed = (found.draft.about.stage, way, content)
        await use.save_draft(at.transaction, at.setup, identity, complaint_id, letter_id, mine.revision, changed)
    return redirect(f"{at_letter}/send" if form.text("then") == "send" else f"{at_letter}#preview")


@router.post("/delete")
async def delete(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> Response:
    """Delete a draft; what was sent stays."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await use.delete_draft(at.transaction, at.setup, identity, complaint_id, letter_id)
    return redirect(f"/complaints/{complaint_id}#letters")


@router.post("/again")
async def again(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> Response:
    """Begin the same letter again, since it did not arrive."""
    form = await posted(request, identity)
    chosen = id_in(form)
    async with desk(request, identity) as at:
        await use.begin_again(at.transaction, at.setup, identity, complaint_id, letter_id, chosen)
    return redirect(f"/complaints/{complaint_id}/letters/{chosen}")


@router.get("/pdf")
async def pdf(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> Response:
    """The PDF: as it was sent, or how the draft looks today."""
    async with desk(request, identity) as at:
        found = await use.see_letter(at.transaction, at.setup, identity, complaint_id, letter_id)
        name = f"letter-{letter_id.hex[:8]}.pdf"
        if isinstance(found, SentView):
            return pdf_response(await use.sent_file(at.transaction, at.setup, identity, complaint_id, letter_id), name)
        read = _read(at, found, found.draft.content, at.setup.today())
        if read.written is None:
            raise letters.wrong("letter-markup", "body", read.fault)
        draft = found.draft
        document = letter_document(found.desk, draft.about, draft.content, read.written, at.setup.today(), DRAFT)
    printer: Printer = request.app.state.printer
    return pdf_response(await printer.render(document), f"draft-{name}")


@router.get("/send")
async def before_sending(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> HTMLResponse:
    """What sending does, how the letter reads, and what stands against it."""
    async with desk(request, identity) as at:
        found = await use.see_letter(at.transaction, at.setup, identity, complaint_id, letter_id)
        if isinstance(found, SentView):
            return _sent(at, found)
        on = at.setup.today()
        sending = _sending(found, on)
        try:
            prepared = _prepare(at, found, sending)
        except DomainError as error:
            return _before(at, found, sending, 200, error)
        return _before(at, found, sending, 200, prepared=prepared)


@router.post("/send")
async def send(request: Request, identity: Officer, complaint_id: UUID, letter_id: UUID) -> Response:
    """Send it, once: printed first, then its step, the letter and its mail in one transaction."""
    form = await posted(request, identity)
    here = f"/complaints/{complaint_id}/letters/{letter_id}"
    try:
        async with desk(request, identity) as at:
            found = await use.see_letter(at.transaction, at.setup, identity, complaint_id, letter_id)
            if isinstance(found, SentView):
                return redirect(here)  # a second click: it was sent once
            sending = _typed_sending(at, found, form)
            prepared = _prepare(at, found, sending)
        printer: Printer = request.app.state.printer
        content = await printer.render(prepared.document)
        async with desk(request, identity) as at:
            await send_letter(at.transaction, at.setup, identity, prepared, content)
    except DomainError as error:
        if error.slug == "letter-sent":
            return redirect(here)
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT, Kind.STALE}:
            raise
        return await _refused(request, identity, form, error, (complaint_id, letter_id))
    return redirect(here)


async def _refused(
    request: Request, identity: Identity, form: Form, error: DomainError, place: tuple[UUID, UUID]
) -> HTMLResponse:
    status = {Kind.STALE: 412, Kind.CONFLICT: 409}.get(error.kind, 422)
    async with desk(request, identity) as at:
        found = await use.see_letter(at.transaction, at.setup, identity, *place)
        if isinstance(found, SentView):
            return _sent(at, found, status)
        typed = _typed_sending(at, found, form, strict=False)
        sending = replace(typed, revision=found.draft.revision, version=found.desk.view.record.version)
        return _before(at, found, sending, status, error)


@dataclass(frozen=True)
class _Typed:
    """What somebody typed into a draft that is not stored."""

    content: Content
    way: Way
    revision: int
    step: Filled
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class _Read:
    """How a letter reads; `refusal` says why its step could not be taken on that day, `fault` why its text is none."""

    written: Written | None
    refusal: str = ""
    fault: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] = ()


def _read(at: Desk, found: DraftView, content: Content, on: date) -> _Read:
    about, view = found.draft.about, found.desk.view
    words = forms.words_of(view, about, content.step)
    does = use.effect_of(found.desk, about)
    case, refusal = view.case, ""
    calendar, today = at.setup.calendar(), at.setup.today()
    try:
        case = letters.once_sent(case, about.stage, about.kind, does, on, words.step, calendar=calendar, today=today)
    except DomainError as error:
        refusal = error.detail
    try:
        written = use.write(at.setup, at.identity, found.desk, about, content, case, on, words)
        used = fields_in((*read_subject(content.subject), *read_body(content.body)))
    except MarkupError as error:
        return _Read(None, refusal, str(error))
    known = {
        name: value if isinstance(value, str) else readable(value) for name, value in written.values.items() if name in used
    }
    return _Read(written, refusal, "", known, written.missing)


def _sending(found: DraftView, on: date) -> Sending:
    draft = found.draft
    words = forms.words_of(found.desk.view, draft.about, draft.content.step)
    return Sending(draft.revision, found.desk.view.record.version, on, words)


def _typed_sending(at: Desk, found: DraftView, form: Form, *, strict: bool = True) -> Sending:
    on = at.setup.today() if found.draft.about.way == "email" else day_in(form, "sent_on")
    if on is None and strict:
        raise letters.wrong("letter-day", "sent_on", "Enter the day on which it was sent, like 27 3 2027")
    sending = _sending(found, on or at.setup.today())
    revision, version = number_in(form, "revision"), number_in(form, "version")
    return replace(sending, revision=revision, version=version, moves=form.text("counts") != "first")


def _prepare(at: Desk, found: DraftView, sending: Sending) -> Prepared:
    fields = forms.step_fields(found.desk, found.draft.about, at.labels, at.setup.today())
    if missing := forms.missing_step(fields, found.draft.content.step):
        errors = tuple(FieldError(f"/{name}", f"{words}, in the letter") for name, words in missing)
        raise DomainError("letter-incomplete", "Something is missing. Nothing was sent.", Kind.MALFORMED, errors)
    return prepare_letter(at.setup, at.identity, found, sending)


def _draft(
    at: Desk, found: DraftView, typed: _Typed | None = None, status: int = 200, *, other: Draft | None = None
) -> HTMLResponse:
    draft, today = found.draft, at.setup.today()
    about: About = draft.about
    content = typed.content if typed else draft.content
    fields = forms.step_fields(found.desk, about, at.labels, today)
    step = typed.step if typed else at_first(fields, {**forms.default_step(fields), **_listed(draft.content.step)})
    read = _read(at, found, content, today)
    wrong = list(typed.wrong) if typed else []
    if read.fault and not wrong:
        wrong = [("body", f"The text cannot be read, and is kept as it is: {read.fault}")]
    template = at.profile.complaints.letters.template(about.template)
    return at.show(
        "letters/draft.html",
        status,
        title=template.name if template else forms.KIND_NAMES[about.kind],
        found=found,
        view=found.desk.view,
        about=about,
        content=content,
        way=typed.way if typed else about.way,
        sending_ways=[(each, words, "") for each, words in forms.WAY_NAMES.items()],
        kind=forms.KIND_NAMES[about.kind],
        effect=forms.effect_words(use.effect_of(found.desk, about), about, at.labels.day),
        fields=fields,
        filled=step,
        read=read,
        names=FIELDS,
        asked=forms.asked_for(read.missing, content.given, fields, read.refusal),
        revision=typed.revision if typed else draft.revision,
        other=other,
        errors=wrong,
        moment=moment_words,
    )


def _listed(step: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in step.items()}


def _before(
    at: Desk,
    found: DraftView,
    sending: Sending,
    status: int,
    error: DomainError | None = None,
    prepared: Prepared | None = None,
) -> HTMLResponse:
    about, view = found.draft.about, found.desk.view
    read = _read(at, found, found.draft.content, sending.on)
    does = use.effect_of(found.desk, about, moves=sending.moves)
    fields = set() if about.way == "email" else {"sent_on"}
    refusals = errors_of(error) if error else []
    mended_here = error is None or error.slug == "stale" or about.again_of is not None
    mended_here = mended_here or (about.way != "email" and error is not None and error.slug not in _OF_DRAFT)
    return at.show(
        "letters/send.html",
        status,
        title="Send the letter",
        found=found,
        view=view,
        about=about,
        content=found.draft.content,
        kind=forms.KIND_NAMES[about.kind],
        way=forms.WAY_NAMES[about.way],
        effect=forms.effect_words(does, about, at.labels.day),
        again=about.again_of is not None and does.step is not None,
        moves=sending.moves,
        sending=sending,
        on=day_parts(sending.on),
        read=read,
        after=_after(at, found, prepared),
        by_mail=about.way == "email",
        sendable=mended_here,
        refusals=[words for _, words in refusals],
        names=FIELDS,
        # What stands beside no field of this page leads to the list of what stands against sending.
        errors=[(name if name in fields else "refusals", words) for name, words in refusals] if status != OK else [],
    )


def _after(at: Desk, found: DraftView, prepared: Prepared | None) -> str:
    """What the clock will say once the letter is sent."""
    about, view = found.draft.about, found.desk.view
    if prepared is None or prepared.does.how not in {"taken", "corrected"}:
        return ""
    sending, calendar, today = prepared.sending, at.setup.calendar(), at.setup.today()
    case = letters.once_sent(
        view.case, about.stage, about.kind, prepared.does, sending.on, sending.words.step, calendar=calendar, today=today
    )
    stage = case.begun(about.stage)
    return stage.read(calendar, max(today, stage.facts.started_on)).words if stage else ""


def _sent(at: Desk, found: SentView, status: int = 200) -> HTMLResponse:
    sent = found.sent
    template = at.profile.complaints.letters.template(sent.about.template)
    step = letters.STEPS.get(sent.about.kind)
    return at.show(
        "letters/sent.html",
        status,
        title=template.name if template else forms.KIND_NAMES[sent.about.kind],
        found=found,
        view=found.desk.view,
        sent=sent,
        about=sent.about,
        content=sent.content or Content(),
        kind=forms.KIND_NAMES[sent.about.kind],
        way=forms.WAY_WORDS[sent.about.way],
        how=forms.did(sent.how, sent.about.kind),
        mail=forms.MAIL_WORDS.get(sent.mail or "", ""),
        step=STEPS.get(step.value, "") if isinstance(step, Step) else "",
        correctable=step is not None and sent.how is not None,
        actions=ACTIONS,
        again_id=_again_id(sent.about.id),
        moment=moment_words,
    )


def _again_id(ident: UUID) -> UUID:
    """The id of the draft that repeats a letter: the same at every showing, so that two clicks begin one."""
    return uuid5(ident, "again")
