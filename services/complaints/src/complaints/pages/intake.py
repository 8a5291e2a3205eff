"""Staff pages of what comes in: the queue, and the form that takes down a call, a letter or a mail."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis import keyset
from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.pages.days import day_in, day_parts
from chassis.web import uow_of
from complaints.adapters.intake_sealing import Contact, Details
from complaints.domain.pasted_mail import Pasted, read_mail
from complaints.domain.profile import Profile
from complaints.domain.representation import CameBy, Outcome
from complaints.pages import intake_words as words
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_forms import errors_of, posted, setup_of, token_for, typed
from complaints.pages.ways import OFFICER
from complaints.use_cases.cursor import cursor_key
from complaints.use_cases.receive_representation import (
    Person,
    ReceiveRepresentation,
    Sender,
    receive_representation,
)
from complaints.use_cases.see_representations import find_representation, queue_of

router = APIRouter(prefix="/complaints/intake", include_in_schema=False)
Officer = Annotated[Identity, Depends(requires(OFFICER))]

HOME = "/complaints/intake"
BY_STAFF = ("phone", "post", "e-mail", "in-person", "councillor-or-mp")
MOST_REFERENCE = 40
_SPEAKERS = ("representative", "advocate", "mp-or-councillor")


@router.get("")
async def queue(request: Request, identity: Officer) -> Response:
    """What waits for a decision with its age, and what was decided last; `reference` leads to one that somebody asks for."""
    asked = request.query_params.get("reference", "").strip()[:MOST_REFERENCE]
    async with uow_of(request).begin(org_of(identity)) as transaction:
        known = await find_representation(transaction, identity, asked) if asked else None
        if known is not None:
            return redirect(f"{HOME}/{known}")
        outcome = request.query_params.get("outcome", "")
        chosen = Outcome(outcome) if outcome in words.OUTCOMES else None
        after = cursor_key(request.query_params.get("after") or None)
        found = await queue_of(transaction, setup_of(request), identity, chosen, after)
    errors = [("reference", "There is none with this reference that you may see")] if asked else []
    return page(
        request,
        "intake/queue.html",
        404 if errors else 200,
        errors=errors,
        asked=asked,
        outcome=chosen.value if chosen else "",
        outcomes=list(words.OUTCOMES.items()),
        further=f"{HOME}?outcome={chosen.value if chosen else ''}&after={keyset.encode(*found.more)}" if found.more else None,
        title="What came in",
        organisation=found.profile.organisation.name,
        found=found,
        labels=Labels(found.profile),
        day=day_words,
        words=words,
        form_at=f"/c/{found.profile.organisation.code}" if found.profile.complaints.intake.form else None,
    )


@router.get("/new")
async def new(request: Request, identity: Officer) -> HTMLResponse:
    """The form that takes something down; `came_by` in the address chooses how it came."""
    came_by = request.query_params.get("came_by", "")
    today = setup_of(request).today()
    given = {"came_by": came_by if came_by in BY_STAFF else "", "language": "en"}
    given |= {f"received-{part}": value for part, value in day_parts(today).items()}
    return await _form(request, identity, given)


@router.get("/paste")
async def paste(request: Request, identity: Officer) -> HTMLResponse:
    """Where a whole mail is pasted."""
    return await _paste(request, identity, "")


@router.post("/paste")
async def read_pasted(request: Request, identity: Officer) -> HTMLResponse:
    """Show the form with what was recognised in a mail. Nothing is stored until a person has confirmed it."""
    form = await posted(request, identity)
    text = form.text("mail")
    if not text:
        return await _paste(request, identity, text, [("mail", "Paste the mail, with the lines From, Date and Subject")])
    mail = read_mail(text)
    given = {"came_by": "e-mail", "language": "en", "narrative": mail.narrative, "answer_by": "e-mail" if mail.address else ""}
    given |= {"name": mail.name, "email": mail.address}
    given |= {f"received-{part}": value for part, value in day_parts(mail.on).items()}
    return await _form(request, identity, given, mail=mail)


@router.post("/new")
async def record(request: Request, identity: Officer) -> Response:
    """Take it down, once: a second click of the same form shows what the first stored."""
    form = await posted(request, identity)
    wrong = _wrong(form)
    setup = setup_of(request)
    if wrong:
        return await _form(request, identity, form, wrong)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            sender = Sender(identity.subject, identity.label or "")
            received = await receive_representation(transaction, setup, sender, _command(form))
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        return await _form(request, identity, form, errors_of(error))
    return redirect(f"{HOME}/{received.id}")


def _wrong(form: Form) -> list[tuple[str, str]]:
    needed = [
        ("came_by", form.text("came_by") in BY_STAFF, "Choose how it came"),
        ("received", day_in(form, "received") is not None, "Enter the day on which it was received, like 27 3 2027"),
        ("said", form.text("said") in words.SAID, "Choose what the sender says it is"),
        ("narrative", bool(form.text("narrative")), "Write down what was said"),
        ("happened", not typed(form, "happened") or day_in(form, "happened") is not None, "Enter a real day, or none"),
        ("from_child", form.text("from_child") in {"yes", "no"}, "Say whether a child or care leaver complains"),
        ("standing", form.text("standing") in words.STANDING, "Choose for whom"),
        ("answer_by", form.text("answer_by") in words.ANSWER_BY, "Choose how the person wishes to be answered"),
        ("language", form.text("language") in words.LANGUAGES, "Choose a language"),
        ("speaker", form.text("speaker_name") == "" or form.text("speaker") in _SPEAKERS, "Choose who speaks for them"),
    ]
    return [(name, said) for name, fine, said in needed if not fine]


def _command(form: Form) -> ReceiveRepresentation:
    contact = Contact(*(form.text(part) for part in ("name", "phone", "email", "address")))
    people = [Person("complainant", contact)] if contact else []
    speaker = Contact(*(form.text(f"speaker_{part}") for part in ("name", "phone", "email", "address")))
    if speaker:
        people.append(Person(cast("Any", form.text("speaker")), speaker))
    children = [line.strip() for line in form.text("children").split("\n") if line.strip()]
    people += [Person("child", Contact(name=child)) for child in children]
    return ReceiveRepresentation(
        came_by=cast("CameBy", form.text("came_by")),
        received_on=day_in(form, "received") or date.max,
        said=cast("Any", form.text("said")),
        details=Details(form.text("narrative"), form.text("desired"), form.text("about")),
        people=tuple(people),
        language=form.text("language"),
        answer_by=cast("Any", form.text("answer_by")),
        standing=cast("Any", form.text("standing")),
        raised_by=form.text("raised_by") or None,
        from_child=form.text("from_child") == "yes",
        service_area=form.text("service_area") or None,
        happened_on=day_in(form, "happened"),
        # One showing of the form stores one thing, however often it is sent.
        own_reference=f"form:{form.text('once')[:64]}" if form.text("once") else None,
    )


def radios(known: Mapping[str, str], notes: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Codes with their words as the options of radios."""
    return [(code, label, (notes or {}).get(code, "")) for code, label in known.items()]


async def _profile(request: Request, identity: Identity) -> Profile:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        return (await setup_of(request).profiles.current(transaction)).profile


async def _form(
    request: Request,
    identity: Identity,
    given: Form | dict[str, str],
    errors: list[tuple[str, str]] | None = None,
    mail: Pasted | None = None,
) -> HTMLResponse:
    profile = await _profile(request, identity)
    token = token_for(request, identity)
    on = setup_of(request).today()
    areas = [
        (area.code, area.name)
        for area in profile.organisation.service_areas
        if "complaints" in area.used_for and area.used_for["complaints"].holds(on)
    ]
    return page(
        request,
        "intake/new.html",
        422 if errors else 200,
        title="Take down what came in",
        organisation=profile.organisation.name,
        given=given,
        day_given=lambda name: {part: given.get(f"{name}-{part}", "")[:8] for part in ("day", "month", "year")},
        errors=errors or [],
        mail=mail,
        options={
            "said": radios(words.SAID),
            "standing": radios(words.STANDING),
            "answer_by": radios(words.ANSWER_BY),
            "language": list(words.LANGUAGES.items()),
        },
        by_staff=[(code, words.CAME_BY[code], "") for code in BY_STAFF],
        raised_by=[(each.code, each.name) for each in profile.complaints.raised_by],
        areas=areas,
        speakers=[(code, words.PEOPLE[code]) for code in _SPEAKERS],
        day=day_words,
        token=token,
        once=given.get("once") or token[:40],
    )


async def _paste(request: Request, identity: Identity, text: str, errors: list[tuple[str, str]] | None = None) -> HTMLResponse:
    profile = await _profile(request, identity)
    return page(
        request,
        "intake/paste.html",
        422 if errors else 200,
        title="Paste a mail",
        organisation=profile.organisation.name,
        text=text,
        errors=errors or [],
        token=token_for(request, identity),
    )
