"""Letters about a complaint: begun, written, looked at. Who opens their words is logged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.pdf.markup import Block, Value, fields_in, fill
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Record
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.intake_sealing import Contact, open_contact
from complaints.adapters.letters import About, Content, Draft, Letters, Sent
from complaints.adapters.opened import Opening, log_opening, openings
from complaints.adapters.people import People
from complaints.domain import letter_fields, letters
from complaints.domain.case import Case
from complaints.domain.intake_profile import ENGLISH
from complaints.domain.letter_fields import Facts, PointWords
from complaints.domain.letter_profile import Kind as LetterKind
from complaints.domain.letter_profile import read_body, read_subject
from complaints.domain.letters import Effect, StepWords, Way
from complaints.domain.people import Role
from complaints.use_cases.read_complaints import ComplaintView, read_complaint
from complaints.use_cases.respond_stage import Said
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see


@dataclass(frozen=True)
class Recipient:
    """Somebody of a complaint to whom a letter can go."""

    id: UUID
    role: Role
    contact: Contact = field(repr=False)


@dataclass(frozen=True)
class Desk:
    """A complaint with those to whom a letter about it can go, whoever complains first."""

    view: ComplaintView
    people: Sequence[Recipient]

    @property
    def complainant(self) -> str:
        """The name of whoever complains; empty where it is not known."""
        return next((each.contact.name for each in self.people if each.role == "complainant"), "")


@dataclass(frozen=True)
class NewLetter:
    """A letter to be written, under an id that the page chose: without a template it begins empty."""

    id: UUID
    stage: int
    kind: LetterKind
    template: str | None
    language: str
    way: Way
    to: Contact = field(repr=False)


@dataclass(frozen=True)
class Written:
    """What a letter says as it stands: subject and text with their fields filled in, and the fields that have no words."""

    subject: tuple[Block, ...] = field(repr=False)
    body: tuple[Block, ...] = field(repr=False)
    values: Mapping[str, Value] = field(repr=False)
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """What the step of a letter needs, with what is said of each finding, by the reference of the point."""

    step: StepWords = field(default_factory=StepWords)
    said: Mapping[str, Said] = field(default_factory=dict, repr=False)


async def desk_of(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID) -> Desk:
    """A complaint and its people, which is logged. Raises `not-found`."""
    await record_for(transaction, identity, complaint_id)
    await log_opening(transaction, setup.secrets, identity, "complaint", complaint_id)
    return await _desk(transaction, setup, identity, complaint_id)


async def begin_letter(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, new: NewLetter) -> None:
    """Begin a letter from a template, once for its id. Raises `not-found`, `unknown-codes`."""
    await record_for(transaction, identity, complaint_id)
    profile = (await setup.profiles.current(transaction)).profile
    template = profile.complaints.letters.template(new.template)
    if new.template is not None and template is None:
        raise letters.wrong("unknown-codes", "template", "Choose one of the letters: this one is not there any more")
    subject, body, language = template.texts(new.language) if template else ("", "", ENGLISH)
    content = Content(new.to.name, new.to.address, new.to.email, subject, body)
    kind = template.kind if template else new.kind
    about = About(new.id, complaint_id, new.stage, kind, new.template, language, new.way, None)
    await Letters(transaction, setup.secrets).add_draft(about, content, identity.subject)


async def begin_again(
    transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID, new_id: UUID
) -> None:
    """Begin the same letter again, since it did not arrive. Raises `not-found`, `sent-again-already`."""
    sent = await sent_letter(transaction, setup, identity, complaint_id, ident)
    if sent.sent_again is not None or sent.content is None:
        detail = "This letter was sent again already." if sent.sent_again else "Of this letter only the file is kept here."
        raise DomainError("sent-again-already", f"{detail} Nothing was begun.")
    content = sent.content
    if (raw := content.step.get(AS_WRITTEN)) is not None:
        content = replace(content, subject=raw["subject"], body=raw["body"], step={})
    about = replace(sent.about, id=new_id, again_of=ident)
    await Letters(transaction, setup.secrets).add_draft(about, content, identity.subject)


AS_WRITTEN = "as-written"
"""Where the text of a letter that was sent is kept as it was written, with its fields."""


@dataclass(frozen=True)
class DraftView:
    """A letter that is being written."""

    desk: Desk
    draft: Draft
    openings: Sequence[Opening]


@dataclass(frozen=True)
class SentView:
    """A letter that was sent, and whether it did not arrive and nobody has seen to that."""

    desk: Desk
    sent: Sent
    lost: bool
    openings: Sequence[Opening]


async def see_letter(
    transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID
) -> DraftView | SentView:
    """A letter, as far as it has come. That it was opened is logged. Raises `not-found`."""
    await record_for(transaction, identity, complaint_id)
    repository = Letters(transaction, setup.secrets)
    sent = await repository.one(ident)
    draft = None if sent else await repository.draft(ident)
    found = sent or draft
    if found is None or found.about.complaint_id != complaint_id:
        raise not_found("letter")
    await log_opening(transaction, setup.secrets, identity, "letter", ident)
    desk = await _desk(transaction, setup, identity, complaint_id)
    opened = await openings(transaction, setup.secrets, "letter", ident)
    if sent is not None:
        return SentView(desk, sent, ident in await repository.lost_of(complaint_id), opened)
    if draft is None:  # pragma: no cover - one of both was found
        raise not_found("letter")
    return DraftView(desk, draft, opened)


async def save_draft(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    complaint_id: UUID,
    ident: UUID,
    revision: int,
    changed: tuple[int, Way, Content],
) -> int:
    """Keep a draft as stage, way and content; its new revision.

    Raises `not-found`, `letter-sent`, and `stale` where somebody else saved it meanwhile, which stays as it is.
    """
    draft = await held_draft(transaction, setup, identity, complaint_id, ident)
    if draft.revision != revision:
        raise stale_draft()
    kept = await Letters(transaction, setup.secrets).save_draft(ident, revision, *changed, identity.subject)
    if kept is None:  # pragma: no cover - the draft is held
        raise stale_draft()
    return kept


async def delete_draft(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID) -> None:
    """Delete a draft. Raises `not-found`, and `letter-sent` for one that was sent."""
    await held_draft(transaction, setup, identity, complaint_id, ident)
    await Letters(transaction, setup.secrets).delete_draft(ident)


async def held_draft(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID) -> Draft:
    """A draft that nobody else changes until the transaction ends. Raises `not-found`, `letter-sent`."""
    await record_for(transaction, identity, complaint_id)
    repository = Letters(transaction, setup.secrets)
    draft = await repository.draft(ident, hold=True)
    if draft is None and (sent := await repository.one(ident)) is not None and sent.about.complaint_id == complaint_id:
        detail = f"This letter was sent on {sent.sent_on}. Nothing was changed, and nothing was sent again."
        raise DomainError("letter-sent", detail)
    if draft is None or draft.about.complaint_id != complaint_id:
        raise not_found("letter")
    return draft


async def sent_letter(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID) -> Sent:
    """A letter that was sent. Raises `not-found`."""
    await record_for(transaction, identity, complaint_id)
    sent = await Letters(transaction, setup.secrets).one(ident)
    if sent is None or sent.about.complaint_id != complaint_id:
        raise not_found("letter")
    return sent


async def sent_file(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID) -> bytes:
    """The PDF of a letter as it was sent; `see_letter` has logged that it is opened. Raises `not-found`."""
    await sent_letter(transaction, setup, identity, complaint_id, ident)
    file = await Letters(transaction, setup.secrets).file(ident)
    if file is None:
        raise not_found("file of the letter")
    return file


async def record_for(transaction: Transaction, identity: Identity, complaint_id: UUID) -> Record:
    """A complaint that the caller may see. Raises `not-found`."""
    record = await ComplaintRepository(transaction).by_id(complaint_id)
    if record is None or not may_see(identity, record.service_area):
        raise not_found("complaint")
    return record


def effect_of(desk: Desk, about: About, *, moves: bool = True) -> Effect:
    """What sending the letter does to its stage."""
    return letters.effect(desk.view.case, about.stage, about.kind, again=about.again_of is not None, moves=moves)


def write(
    setup: Setup, identity: Identity, desk: Desk, about: About, content: Content, case: Case, on: date, words: Words
) -> Written:
    """The letter as it reads with the complaint as `case` on a day. Raises `MarkupError` for a text that is none."""
    facts = Facts(
        profile=desk.view.profile,
        reference=desk.view.record.reference,
        case=case,
        calendar=setup.calendar(),
        stage=about.stage,
        on=on,
        points=_points(desk.view, about.stage, words),
        language=about.language,
        recipient=content.to_name,
        complainant=desk.complainant,
        officer=identity.label,
        extension_reason=words.step.reason or _extension_reason(desk.view, about.stage),
    )
    values = letter_fields.values(facts) | {name: text for name, text in content.given.items() if text.strip()}
    subject, body = fill(read_subject(content.subject), values), fill(read_body(content.body), values)
    return Written(subject, body, values, fields_in((*subject, *body)))


def _points(view: ComplaintView, number: int, words: Words) -> tuple[PointWords, ...]:
    own = view.profile.complaints
    categories, findings, remedies = (
        {each.code: each.name for each in known} for known in (own.categories, own.findings, own.remedies)
    )
    found = []
    for point in view.live:
        code: str | None = words.step.findings.get(point.reference)
        said = words.said.get(point.reference, Said())
        if code is None and (standing := point.standings.get(number)) is not None:
            code, said = standing.finding, view.saying(number, point)
        name = categories.get(point.facts.category, point.facts.category)
        right = tuple(remedies.get(each, each) for each in said.remedies)
        finding = "" if code is None else findings.get(code, code)
        found.append(PointWords(point.reference, name, finding, said.reason or "", right))
    return tuple(found)


def _extension_reason(view: ComplaintView, number: int) -> str:
    told = [change.reason for change in view.changes if change.step == "extend" and change.stage == number]
    return (told[-1] if told else None) or ""


async def _desk(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID) -> Desk:
    view = await read_complaint(transaction, setup, identity, complaint_id, None, reasons=True)
    stored = [each for each in await People(transaction).of(complaint_id) if each.assigned.holds(setup.today())]
    org, secrets = transaction.org, setup.secrets
    people = [Recipient(each.id, each.assigned.role, open_contact(secrets, org, each.details)) for each in stored]
    return Desk(view, sorted(people, key=lambda each: each.role != "complainant"))


def stale_draft() -> DomainError:
    """Somebody else saved the draft meanwhile."""
    detail = "Somebody else saved this letter while you wrote. Yours is not stored yet: both stand on the page."
    return DomainError("stale", detail, Kind.STALE)


def missing_words(fields: Sequence[str], names: Mapping[str, str]) -> DomainError:
    """Fields of a letter that have no words."""
    errors = tuple(
        FieldError(f"/given-{name}", f"{names[name]}: nothing is known. Write it, or take {{{name}}} out") for name in fields
    )
    return DomainError("letter-incomplete", "Something is missing in the letter. Nothing was sent.", Kind.MALFORMED, errors)


def as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed for a step, as it is kept in a draft: what is empty is not."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}
