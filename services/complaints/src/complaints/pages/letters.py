"""Staff pages on which a letter about a complaint is begun, or one that was made elsewhere is recorded."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.attachments.limits import MEGABYTE
from chassis.errors import DomainError, Kind
from chassis.ids import new_id
from chassis.pages import Form, redirect
from chassis.pages.fields import Field, Filled, at_first, filled, refused
from chassis.pages.files import read_form_with_file
from chassis.pages.forms import require_token
from complaints.adapters.intake_sealing import Contact
from complaints.adapters.letters import About
from complaints.domain.intake_profile import ENGLISH
from complaints.domain.letters import KINDS, in_order
from complaints.pages.letter_forms import ENDONYMS, KIND_NAMES, WAY_NAMES, step_fields, words_of
from complaints.pages.people import NAMES
from complaints.pages.staff_desk import Desk, Officer, desk, id_in
from complaints.pages.staff_forms import errors_of, number_in, posted, setup_of
from complaints.use_cases import letters as use
from complaints.use_cases.record_letter import MOST_FILE, ElsewhereLetter, record_letter

router = APIRouter(prefix="/complaints/{complaint_id}/letters", include_in_schema=False)

UPLOAD = "/elsewhere/upload"
"""Where a form with a file is sent: the gateway lets larger bodies through to paths that end so."""
LIMITS = {f"*{UPLOAD}": MOST_FILE + MEGABYTE}

ELSE = "somebody-else"
_FREE = "none"


@router.get("/new")
async def new(request: Request, identity: Officer, complaint_id: UUID) -> HTMLResponse:
    """Choose the letter, whom it is for, and how it goes."""
    async with desk(request, identity) as at:
        found = await use.desk_of(at.transaction, at.setup, identity, complaint_id)
        return _new(at, found, _stage(request.query_params.get("stage"), found), Form([]))


@router.post("/new")
async def begin(request: Request, identity: Officer, complaint_id: UUID) -> Response:
    """Begin the letter, and open it for writing."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        found = await use.desk_of(at.transaction, at.setup, identity, complaint_id)
        stage = _stage(form.text("stage"), found)
        chosen, person = form.text("template"), form.text("to")
        known = {each.code for each in at.profile.complaints.letters.templates} | {_FREE}
        people = {str(each.id): each.contact for each in found.people} | {ELSE: Contact()}
        wrong = [
            ("template", chosen in known, "Choose a letter"),
            ("kind", chosen != _FREE or form.text("kind") in KINDS, "Choose what kind of letter it is"),
            ("to", person in people, "Choose whom it is for"),
            ("way", form.text("way") in WAY_NAMES, "Choose how it goes"),
        ]
        if errors := [(name, words) for name, fine, words in wrong if not fine]:
            return _new(at, found, stage, form, errors, 422)
        ident = id_in(form)
        letter = use.NewLetter(
            id=ident,
            stage=stage,
            kind=cast("Any", form.text("kind") if chosen == _FREE else "other"),
            template=None if chosen == _FREE else chosen,
            language=form.text("language") or ENGLISH,
            way=cast("Any", form.text("way")),
            to=people[person],
        )
        await use.begin_letter(at.transaction, at.setup, identity, complaint_id, letter)
    return redirect(f"/complaints/{complaint_id}/letters/{ident}")


def _new(
    at: Desk, found: use.Desk, stage: int, form: Form, errors: list[tuple[str, str]] | None = None, status: int = 200
) -> HTMLResponse:
    own = at.profile.complaints.letters
    fit, others = in_order(own.templates, found.view.case, stage)
    languages = {each for template in own.templates for each in template.languages}
    return at.show(
        "letters/new.html",
        status,
        title="Write a letter",
        view=found.view,
        stage=stage,
        stages=[each.number for each in found.view.stages if each.stage],
        fit=[(each.code, each.name, KIND_NAMES[each.kind]) for each in fit],
        others=[(each.code, each.name, KIND_NAMES[each.kind]) for each in others],
        kinds=list(KIND_NAMES.items()),
        languages=[(each, ENDONYMS.get(each, each)) for each in sorted(languages, key=lambda each: each != ENGLISH)],
        people=[(str(each.id), each.contact.name or "No name", _reach(each)) for each in found.people],
        sending_ways=[(way, words, "") for way, words in WAY_NAMES.items()],
        free=_FREE,
        elsewhere=ELSE,
        given=form,
        errors=errors or [],
        id=form.text("id") or new_id(),
    )


def _reach(each: use.Recipient) -> str:
    return ", ".join(part for part in (NAMES[each.role], each.contact.email, each.contact.address) if part)


def _stage(typed: str | None, found: use.Desk) -> int:
    """The stage that a page is about: the current one unless it says another that began."""
    number = int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) == 1 else 0
    return number if found.view.case.begun(number) else found.view.case.current.number


@router.get("/elsewhere")
@router.get(UPLOAD)
async def elsewhere(request: Request, identity: Officer, complaint_id: UUID) -> HTMLResponse:
    """Choose the kind of the letter; then the form asks for what its step needs."""
    async with desk(request, identity) as at:
        found = await use.desk_of(at.transaction, at.setup, identity, complaint_id)
        asked = request.query_params
        kind, stage = asked.get("kind"), _stage(asked.get("stage"), found)
        if kind not in KINDS:
            return at.show("letters/kind.html", title="Record a letter", view=found.view, stage=stage, kinds=KIND_NAMES.items())
        again = _uuid(asked.get("again_of"))
        about = About(new_id(), complaint_id, stage, cast("Any", kind), None, ENGLISH, "post", again)
        fields = _fields(at, found, about)
        defaults = {"sent_on": at.setup.today(), "to": next((each.options[-1][0] for each in fields if each.name == "to"), "")}
        return _elsewhere(at, found, about, fields, at_first(fields, defaults))


@router.post(UPLOAD)
async def record(request: Request, identity: Officer, complaint_id: UUID) -> Response:
    """Record it, with its step where that was not taken yet; sending the form twice records it once."""
    setup = setup_of(request)
    async with read_form_with_file(request, "file", MOST_FILE) as sent:
        form, file = sent.form, sent.file
        require_token(form, setup.form_key(org_of(identity)), identity.subject)
        content = None if file is None else _content(file)
    async with desk(request, identity) as at:
        found = await use.desk_of(at.transaction, at.setup, identity, complaint_id)
        kind = form.text("kind") if form.text("kind") in KINDS else "other"
        stage, again = _stage(form.text("stage"), found), _uuid(form.text("again_of"))
        about = About(id_in(form), complaint_id, stage, cast("Any", kind), None, ENGLISH, "post", again)
        fields = _fields(at, found, about)
    given = filled(fields, form)
    try:
        if not given.errors:
            command = _command(found, about, given, form, content)
            async with desk(request, identity) as at:
                await record_letter(at.transaction, at.setup, identity, command)
            return redirect(f"/complaints/{complaint_id}#letters")
        status = 422
    except DomainError as error:
        if error.kind in {Kind.NOT_FOUND, Kind.FORBIDDEN}:
            raise
        status = 412 if error.kind is Kind.STALE else 422
        given = _refused(fields, given, error)
    async with desk(request, identity) as at:
        found = await use.desk_of(at.transaction, at.setup, identity, complaint_id)
        return _elsewhere(at, found, about, fields, given, status)


def _refused(fields: tuple[Field, ...], given: Filled, error: DomainError) -> Filled:
    again = refused(fields, given, error.errors, error.detail)
    loose = [each for each in errors_of(error) if each[0] == "file"]
    return Filled(again.given, again.several, again.values, tuple(loose) or again.errors)


def _command(found: use.Desk, about: About, given: Filled, form: Form, content: bytes | None) -> ElsewhereLetter:
    values = given.values
    return ElsewhereLetter(
        id=about.id,
        complaint_id=about.complaint_id,
        stage=about.stage,
        kind=about.kind,
        way=values["way"],
        sent_on=values["sent_on"],
        to_name=values["to_name"],
        note=values["note"],
        words=words_of(found.view, about, values),
        version=number_in(form, "version"),
        again_of=about.again_of,
        file=content,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _content(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _fields(at: Desk, found: use.Desk, about: About) -> tuple[Field, ...]:
    names = tuple(dict.fromkeys(each.contact.name for each in found.people if each.contact.name))
    hint = f"For example {names[0]}" if names else ""
    return (
        Field(
            "way", "How it went", "radios", options=tuple((way, WAY_NAMES[way].removesuffix(", as a PDF")) for way in WAY_NAMES)
        ),
        Field("sent_on", "Day on which it was sent", "day", "By post, the day on which it was posted"),
        *step_fields(found, about, at.labels, at.setup.today()),
        Field("to_name", "To whom", "line", hint, optional=True),
        Field("note", "What should be known of it", "words", "Stored encrypted", optional=True),
    )


def _elsewhere(
    at: Desk, found: use.Desk, about: About, fields: tuple[Field, ...], given: Filled, status: int = 200
) -> HTMLResponse:
    does = use.effect_of(found, about)
    return at.show(
        "letters/elsewhere.html",
        status,
        title=f"Record a letter: {KIND_NAMES[about.kind].lower()}",
        view=found.view,
        about=about,
        does=does,
        fields=fields,
        filled=given,
        errors=list(given.errors),
        most=MOST_FILE // 1024 // 1024,
    )
