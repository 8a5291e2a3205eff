"""A letter is sent: its step is taken, it is frozen with its PDF, and its mail is asked for, all in one transaction.

What is printed is made before (`prepare_letter`), since nothing is typeset inside a transaction; when anything changed between,
the letter is not sent and whoever sends it is told.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.mail.message import Attachment, Message, MessageError, is_address
from chassis.mail_queue import enqueue
from chassis.pdf.letter import Letter
from chassis.pdf.markup import MarkupError, plain, readable
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.letters import About, Content, Letters
from complaints.domain import letters
from complaints.domain.intake_profile import say
from complaints.domain.letter_fields import day as day_words
from complaints.domain.letter_profile import FIELDS
from complaints.domain.letters import DATES, Effect
from complaints.domain.profile import Profile
from complaints.domain.stages import Step
from complaints.use_cases.acknowledge_stage import AcknowledgeStage, acknowledge_stage
from complaints.use_cases.correct_date import CorrectDate, correct_date
from complaints.use_cases.end_stage import EndStage, end_stage
from complaints.use_cases.extend_stage import ExtendStage, extend_stage
from complaints.use_cases.letters import (
    AS_WRITTEN,
    Desk,
    DraftView,
    Words,
    Written,
    effect_of,
    held_draft,
    missing_words,
    record_for,
    stale_draft,
    write,
)
from complaints.use_cases.respond_stage import RespondStage, respond_stage
from complaints.use_cases.setup import Setup, within_calendar
from complaints.use_cases.take_step import Taken, Target, etag

CONFIRMED = "Confirmed in writing by a letter."
AGAIN = "The letter did not arrive; it was sent again."


@dataclass(frozen=True)
class Sending:
    """How a letter is sent: the draft and the complaint as they were looked at, the day, and what its step needs.

    `moves` is of a letter that is sent again: whether the clock counts from it, or from the first one.
    """

    revision: int
    version: int
    on: date
    words: Words = field(default_factory=Words)
    moves: bool = True


@dataclass(frozen=True)
class Prepared:
    """A letter that can be sent as soon as it is printed."""

    about: About
    sending: Sending
    does: Effect
    content: Content
    document: Letter = field(repr=False)


def letter_document(desk: Desk, about: About, content: Content, written: Written, on: date, marking: str = "") -> Letter:
    """A letter as it is printed, on the organisation's paper."""
    profile, language = desk.view.profile, about.language
    own, intake = profile.complaints.letters.words, profile.complaints.intake
    return Letter(
        title=plain(written.subject).replace("\n", " ") or "Letter",
        organisation=profile.organisation.name,
        made_on=on,
        sender=tuple(each for each in (intake.address, intake.phone, intake.email) if each),
        to=(content.to_name, *content.to_address.split("\n")),
        facts=((say(own.date, language)[0], day_words(on)), (say(own.reference, language)[0], desk.view.record.reference)),
        blocks=written.body,
        marking=marking,
        language=language,
    )


def prepare_letter(setup: Setup, identity: Identity, seen: DraftView, sending: Sending) -> Prepared:
    """Everything that can be said against sending is said here.

    Raises `stale` where draft or complaint changed since they were looked at, `letter-incomplete`, `letter-recipient`,
    `letter-day`, `letter-markup`, and what the step raises.
    """
    desk, draft = seen.desk, seen.draft
    about, content, record = draft.about, draft.content, desk.view.record
    if draft.revision != sending.revision:
        raise stale_draft()
    if record.version != sending.version:
        raise stale_complaint()
    letters.check_day(about.way, sending.on, record.received_on, setup.today())
    _check_recipient(about, content)
    does = effect_of(desk, about, moves=sending.moves)
    if does.step == "extend" and does.how == "taken" and not sending.words.step.reason.strip():
        raise letters.wrong("letter-incomplete", "reason", "Write what the complainant is told of the extension")
    with within_calendar():
        case = letters.once_sent(
            desk.view.case,
            about.stage,
            about.kind,
            does,
            sending.on,
            sending.words.step,
            calendar=setup.calendar(),
            today=setup.today(),
        )
        try:
            written = write(setup, identity, desk, about, content, case, sending.on, sending.words)
        except MarkupError as error:
            raise letters.wrong("letter-markup", "body", str(error)) from None
    if written.missing:
        raise missing_words(written.missing, FIELDS)
    raw = {"subject": content.subject, "body": content.body}
    frozen = replace(
        content, subject=plain(written.subject), body=readable(written.body), step={**content.step, AS_WRITTEN: raw}
    )
    document = letter_document(desk, about, content, written, sending.on)
    return Prepared(about, sending, does, frozen, document)


async def send_letter(transaction: Transaction, setup: Setup, identity: Identity, prepared: Prepared, pdf: bytes) -> None:
    """Send what was prepared, printed as `pdf`. Raises `letter-sent`, `stale`, `sent-again-already`, and its step's."""
    about, sending = prepared.about, prepared.sending
    draft = await held_draft(transaction, setup, identity, about.complaint_id, about.id)
    if draft.revision != sending.revision:
        raise stale_draft()
    version = await take_letter_step(transaction, setup, identity, about, prepared.does, sending)
    repository = Letters(transaction, setup.secrets)
    if about.again_of is not None and (first := await repository.one(about.again_of)) and first.sent_again:
        raise DomainError("sent-again-already", "Somebody else sent this letter again meanwhile. Nothing was sent.")
    key = f"letter:{about.id}" if about.way == "email" else None
    values = {
        "sent_on": sending.on,
        "recorded_by": identity.subject,
        "elsewhere": False,
        "how": prepared.does.how,
        "version": version,
        "mail_key": key,
    }
    await repository.add(about, prepared.content, pdf, values)
    await repository.delete_draft(about.id)
    if key is not None:
        profile = (await setup.profiles.current(transaction)).profile
        reference = (await record_for(transaction, identity, about.complaint_id)).reference
        await enqueue(transaction, setup.secrets, key, letter_mail(profile, reference, prepared.content.to_email, pdf))


async def take_letter_step(
    transaction: Transaction, setup: Setup, identity: Identity, about: About, does: Effect, sending: Sending
) -> int | None:
    """Take the step of a letter on the version that was looked at; the complaint's version with it, None for no step."""
    target = Target(about.complaint_id, about.stage, etag(sending.version))
    if does.how in {None, "attached"}:
        # Held, so that nothing changes between the look at it and the letter.
        await ComplaintRepository(transaction).lock(about.complaint_id)
        record = await record_for(transaction, identity, about.complaint_id)
        if record.version != sending.version:
            raise stale_complaint()
        return record.version if does.how else None
    taken = await _take(transaction, setup, identity, about, does, sending, target)
    return taken.version


async def _take(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    about: About,
    does: Effect,
    sending: Sending,
    target: Target,
) -> Taken:
    if does.how == "corrected":
        correction = CorrectDate(target, DATES[about.kind], sending.on, AGAIN)
        return await correct_date(transaction, setup, identity, correction)
    step, said = sending.words.step, sending.words.said
    if about.kind == "acknowledgement":
        return await acknowledge_stage(transaction, setup, identity, AcknowledgeStage(target, sending.on))
    if about.kind == "extension":
        extension = ExtendStage(target, sending.on, step.reason, step.to, step.code)
        return await extend_stage(transaction, setup, identity, extension)
    if does.step is Step.END:
        return await _confirm(transaction, setup, identity, target, sending.on)
    return await respond_stage(transaction, setup, identity, RespondStage(target, sending.on, step.findings, said))


async def _confirm(transaction: Transaction, setup: Setup, identity: Identity, target: Target, on: date) -> Taken:
    """Add to a withdrawal that it was confirmed in writing."""
    stage = (await record_for(transaction, identity, target.complaint_id)).stages[target.stage - 1]
    ended_on = stage.facts.responded_on or on
    command = EndStage(target, ended_on, "withdrawn", CONFIRMED, on, stage.internal_review)
    return await end_stage(transaction, setup, identity, command)


def letter_mail(profile: Profile, reference: str, to: str, pdf: bytes) -> Message:
    """The mail that brings a letter: it says whose reference, and nothing of what it is about. Raises `letter-not-mailable`."""
    intake, name = profile.complaints.intake, profile.organisation.name
    unit = say(intake.unit, "en")[0]
    call = f"Please call {unit} on {intake.phone}" if intake.phone else f"Please tell {unit}"
    body = (
        f"Hello,\n\nA letter from {name} comes with this e-mail as a PDF. Our reference is {reference}.\n\n"
        f"{call} if you cannot open it, or if you would like it on paper, in large print or in another language.\n\n{name}\n"
    )
    reply_to = intake.email if intake.email and is_address(intake.email) else None
    file_name = "letter-" + "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in reference) + ".pdf"
    try:
        attachment = Attachment(file_name, pdf)
        return Message(
            to, f"Letter from {name}, our reference {reference}"[:200].strip(), body, reply_to, attachment=attachment
        )
    except MessageError as error:
        detail = f"This letter cannot go by e-mail: {error}. Nothing was sent. Send it by post, or make it shorter."
        raise DomainError("letter-not-mailable", detail, Kind.MALFORMED, (FieldError("/way", detail),)) from None


def _check_recipient(about: About, content: Content) -> None:
    if not content.to_name.strip():
        raise letters.wrong("letter-recipient", "to_name", "Write whom the letter is for")
    if about.way == "email" and not is_address(content.to_email):
        raise letters.wrong("letter-recipient", "to_email", "Enter one mail address, like jo@example.org")
    if about.way == "post" and not content.to_address.strip():
        raise letters.wrong("letter-recipient", "to_address", "Enter the address to which it is posted")


def stale_complaint(**extra: Any) -> DomainError:
    """The complaint changed since the letter was looked at."""
    detail = "Somebody changed the complaint since you looked at the letter. Nothing was sent. Read it again, and decide anew."
    return DomainError("stale", detail, Kind.STALE, extra=extra)
