"""`/c/{org}`: the public form to complain, comment or say thank you. Without script; what was typed is kept; sent once."""

import re
from dataclasses import replace
from typing import Any, cast, get_args

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.pages import Form, csrf_token, page, read_form, redirect
from chassis.pages.csrf import FIELD, check
from chassis.tenancy import is_organisation
from chassis.web import uow_of
from complaints.adapters.intake_sealing import form_key
from complaints.domain import say
from complaints.domain.form_rush import WAIT_SECONDS
from complaints.domain.intake_profile import say as said_in
from complaints.domain.profile import Profile
from complaints.domain.say import Step
from complaints.pages import say_visit
from complaints.pages.say_visit import Visit
from complaints.pages.staff_forms import BIG_FORM, setup_of
from complaints.use_cases.say_files import files_of_draft
from complaints.use_cases.say_something import Conversation, converse, keep_step, may_begin, read_form_profile, send

router = APIRouter(prefix="/c/{org}", include_in_schema=False)

NAMES = {"en": "English", "cy": "Cymraeg", "pl": "Polski", "ur": "اردو", "ar": "العربية"}
ASKED: tuple[str, ...] = get_args(Step)
_BACK = re.compile(r"(start|done|carry-on|files|" + "|".join(ASKED) + ")")


class PublicForm:
    """One request to a form: the organisation, the visit, and where its sender is. Answers with pages in their language."""

    def __init__(self, request: Request, org: str) -> None:
        if not is_organisation(org):
            raise HTTPException(404)
        self.request = request
        self.org = org
        self.setup = setup_of(request)
        visit = say_visit.read(request, self.setup.secrets, org)
        self.visit = visit or Visit.begin(org, _preferred(request))
        request.state.language = self.visit.language

    @property
    def home(self) -> str:
        """The address of the first page."""
        return f"/c/{self.org}"

    async def load(self, *, hold: bool = False) -> Conversation:
        """Where the sender is. 404 for an organisation without a form."""
        async with uow_of(self.request).begin(self.org) as transaction:
            profile = await read_form_profile(transaction, self.setup)
            if profile is None:
                raise HTTPException(404)
            return await converse(transaction, self.setup, profile, self.visit.code, hold=hold)

    async def file_names(self) -> str:
        """The names of the files that were added."""
        async with uow_of(self.request).begin(self.org) as transaction:
            kept = await files_of_draft(transaction, self.setup, self.request.app.state.files, self.visit.code)
        return "\n".join(each.file.name for each in kept if each.kept)

    def ours(self, form: Form) -> bool:
        """Whether a form comes from a page of this visit."""
        return check(form_key(self.setup.secrets), f"say {self.visit.code}", form.get(FIELD, ""))

    def words(self, key: str, **values: object) -> str:
        """A text in the sender's language."""
        said: str = self.request.app.state.pages.strings.say(self.visit.language, key, **values)
        return said

    def kept(self, response: Response) -> Response:
        """The answer with the visit."""
        say_visit.keep(response, self.visit, self.setup.secrets, secure=self.request.app.state.secure_cookies)
        return response

    def go(self, place: str = "") -> Response:
        """Lead to a page of the form."""
        return self.kept(redirect(f"{self.home}/{place}" if place else self.home))

    def page(self, template: str, found: Conversation, status: int = 200, **more: Any) -> Response:
        """Answer with a page."""
        token = csrf_token(form_key(self.setup.secrets), f"say {self.visit.code}")
        around = _around(found.profile, self.visit.language)
        own = {"large_print": self.visit.large_print, "token": token, "home": self.home, "worrying": found.worrying}
        own |= {"code": say.grouped(self.visit.code), "keep_days": found.profile.complaints.intake.keep_days}
        return self.kept(page(self.request, f"say/{template}.html", status, **{**around, **own, **more}))


@router.get("")
async def start(request: Request, org: str) -> Response:
    """What it is, who reads it and when, and that any other way counts as well."""
    form = PublicForm(request, org)
    found = await form.load()
    begun = found.begun and found.reference is None
    href = f"{form.home}/{say.first_open(found.answers) if begun else 'kind'}"
    return form.page("start", found, begun=begun, href=href, sent=found.reference, back="start")


@router.get("/carry-on")
async def carry_on_page(request: Request, org: str) -> Response:
    """Where the code is typed that leads back to what was begun elsewhere."""
    form = PublicForm(request, org)
    return form.page("carry-on", await form.load(), typed="", errors=[], back="carry-on")


@router.post("/carry-on")
async def carry_on(request: Request, org: str) -> Response:
    """Lead back to what was begun; the code is the permission."""
    posted = await read_form(request)
    form = PublicForm(request, org)
    code = say.read_code(posted.text("code"))
    if code is not None:
        form.visit = replace(form.visit, code=code)
        found = await form.load()
        if found.begun:
            return form.go("done" if found.reference else say.first_open(found.answers))
        form = PublicForm(request, org)
    errors = [("code", form.words("say.error.code"))]
    return form.page("carry-on", await form.load(), 422, typed=posted.text("code")[:40], errors=errors, back="carry-on")


@router.post("/new")
async def anew(request: Request, org: str) -> Response:
    """Begin another one; what was sent stays sent, and what was typed stays under its code."""
    posted = await read_form(request)
    form = PublicForm(request, org)
    if form.ours(posted):
        form.visit = Visit.begin(org, form.visit.language, large_print=form.visit.large_print)
    return form.go("kind")


@router.post("/language")
async def language(request: Request, org: str) -> Response:
    """Another language or larger letters, with one tap."""
    posted = await read_form(request)
    form = PublicForm(request, org)
    if form.ours(posted):
        chosen = posted.text("language")
        form.visit = replace(form.visit, language=chosen if chosen in NAMES else form.visit.language)
        if posted.text("large_print"):
            form.visit = replace(form.visit, large_print=posted.text("large_print") == "on")
    back = request.query_params.get("back", "")
    return form.go(back if _BACK.fullmatch(back) and back != "start" else "")


@router.get("/check")
async def check_page(request: Request, org: str) -> Response:
    """Everything that was typed, to be looked at before it is sent."""
    form = PublicForm(request, org)
    found = await form.load()
    return _led(form, found, "check") or await _check(form, found)


@router.post("/check")
async def send_it(request: Request, org: str) -> Response:
    """Send it, once; a second click leads to the same receipt."""
    posted = await read_form(request)
    form = PublicForm(request, org)
    if not form.ours(posted):
        found = await form.load()
        return _led(form, found, "check") or await _check(form, found, 403)
    async with uow_of(request).begin(org) as transaction:
        profile = await read_form_profile(transaction, form.setup)
        if profile is None:
            raise HTTPException(404)
        found = await converse(transaction, form.setup, profile, form.visit.code, hold=True)
        if found.reference is None and say.first_open(found.answers) == "check":
            await send(transaction, form.setup, found, form.visit.code, form.visit.language)
        elif found.reference is None:
            return form.go(say.first_open(found.answers))
    return form.go("done")


@router.get("/done")
async def done(request: Request, org: str) -> Response:
    """The receipt, with the reference and what happens next."""
    form = PublicForm(request, org)
    found = await form.load()
    if found.reference is None:
        return form.go(say.first_open(found.answers) if found.begun else "")
    return form.page("done", found, reference=found.reference, back="done")


@router.get("/{step}")
async def step_page(request: Request, org: str, step: str) -> Response:
    """A page of the form."""
    form = PublicForm(request, org)
    if step not in say.FIELDS:
        raise HTTPException(404)
    found = await form.load()
    asked = cast("Step", step)
    return _led(form, found, asked) or _step(form, found, asked, found.answers)


@router.post("/{step}")
async def keep_page(request: Request, org: str, step: str) -> Response:
    """Keep what was typed and lead on, or back to the check that it came from. What cannot be taken is shown again."""
    posted = await read_form(request, BIG_FORM)
    form = PublicForm(request, org)
    if step not in say.FIELDS:
        raise HTTPException(404)
    asked = cast("Step", step)
    given = say.read_step(asked, posted)
    wrong = [(each.field, form.words(each.key, limit=say.limit_of(each.field))) for each in say.wrong_in(asked, given)]
    async with uow_of(request).begin(org) as transaction:
        profile = await read_form_profile(transaction, form.setup)
        if profile is None:
            raise HTTPException(404)
        # Held: of two windows in which somebody writes, neither undoes what the other kept.
        found = await converse(transaction, form.setup, profile, form.visit.code, hold=True)
        if found.reference is not None:
            return form.go("done")
        if not form.ours(posted):
            errors = [(say.FIELDS[asked][0], form.words("say.error.form")), *wrong]
            return _step(form, found, asked, {**found.answers, **given}, errors, 403)
        if wrong:
            return _step(form, found, asked, {**found.answers, **given}, wrong, 422)
        if not await may_begin(transaction, form.setup, found):
            errors = [(say.FIELDS[asked][0], form.words("say.error.many"))]
            waiting = _step(form, found, asked, {**found.answers, **given}, errors, 429)
            waiting.headers["Retry-After"] = str(WAIT_SECONDS)
            return waiting
        answers = await keep_step(transaction, form.setup, found, form.visit.code, given)
    if request.query_params.get("from") == "check":
        return form.go(say.first_open(answers))
    return form.go(say.after(asked, answers))


def _led(form: PublicForm, found: Conversation, step: Step) -> Response | None:
    """Where somebody belongs who asks for a page that is not theirs now; None where it is."""
    if found.reference is not None:
        return form.go("done")
    open_one = say.first_open(found.answers)
    known = say.steps(found.answers)
    if step not in known or known.index(step) > known.index(open_one):
        return form.go(open_one)
    return None


def _step(
    form: PublicForm,
    found: Conversation,
    step: Step,
    given: say.Answers,
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    known = say.steps({**found.answers, **given})
    before = say.before(step, found.answers)
    from_check = form.request.query_params.get("from") == "check"
    return form.page(
        "step",
        found,
        status,
        step=step,
        given=given,
        kind=found.answers.get("kind", "not-sure"),
        on_behalf=found.answers.get("you") == "someone-else",
        errors=errors or [],
        place=known.index(step) + 1 if step in known else 1,
        of=len(known),
        before=f"{form.home}/check" if from_check else f"{form.home}/{before}" if before else form.home,
        action=f"{form.home}/{step}" + ("?from=check" if from_check else ""),
        choices={"kind": say.KINDS, "you": say.WHO, "by": say.WAYS, "advocate": say.ADVOCATE},
        back=step,
    )


async def _check(form: PublicForm, found: Conversation, status: int = 200) -> Response:
    rows: list[tuple[str, str, str]] = []
    for step in say.steps(found.answers):
        for name in say.FIELDS.get(step, ()):
            value = found.answers.get(name, "")
            if name in {"kind", "you", "by", "advocate"} and value:
                value = form.words(f"say.{name}.{value}")
            if value or name in {"kind", "you", "what"}:
                rows.append((step, name, value))
    if found.profile.complaints.intake.files:
        rows.append(("files", "files", await form.file_names() or form.words("say.files.none")))
    errors = [("send", form.words("say.error.form"))] if status != 200 else []  # noqa: PLR2004 - HTTP status
    before = say.before("check", found.answers)
    return form.page("check", found, status, rows=rows, errors=errors, before=f"{form.home}/{before}", back="check")


def _around(profile: Profile, language: str) -> dict[str, Any]:
    intake, contacts = profile.complaints.intake, profile.organisation.contacts
    advocacy = intake.advocacy
    return {
        "language": language,
        "organisation": profile.organisation.name,
        "known_languages": list(NAMES.items()),
        "unit": said_in(intake.unit, language),
        "intake": intake,
        "hours": {"from": intake.read.from_, "until": intake.read.until},
        "advocacy": advocacy and (said_in(advocacy.who, language), advocacy.phone),
        "emergency": said_in(contacts.emergency, language),
        "council_phone": contacts.council_phone,
        "out_of_hours_phone": contacts.out_of_hours_phone,
    }


def _preferred(request: Request) -> str:
    """The first language of the browser that the form speaks; English where it speaks none of them."""
    for part in request.headers.get("accept-language", "")[:200].split(","):
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in NAMES:
            return tag
    return "en"
