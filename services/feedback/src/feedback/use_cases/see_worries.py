"""Look at worries: the queue without a word, one worry with its words, which is logged, and counts for those who read none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.mail.message import is_address
from chassis.secrets import SealError
from chassis.unit_of_work import Transaction
from feedback.adapters import contacts, worries, worry_counts, worry_history
from feedback.adapters.sealing import TEXT
from feedback.adapters.worries import Record
from feedback.adapters.worry_counts import Month, Standing, Told
from feedback.adapters.worry_history import Entry
from feedback.context import Context
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Question

CLOSED_SHOWN = 50
LOST = "These words cannot be opened: the key that sealed them is not here. Ask the operator, and act on the rest."


@dataclass(frozen=True, slots=True)
class Queue:
    """Worries to be done, the first due first, and those closed last. `told` is whether there is a duty address to tell."""

    profile: FeedbackProfile
    to_do: Sequence[Record]
    closed: Sequence[Record]
    standing: Standing
    told: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A question and what was answered to it, as the person chose or wrote it. `sign`: it shows the worry."""

    question: str
    answer: str = field(repr=False)
    sign: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose link it was. `looked_up`: somebody has asked for it, and who did stands in the history."""

    kind: str
    reference: str | None
    looked_up: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One worry with all that the duty team may see."""

    profile: FeedbackProfile
    record: Record
    said: Sequence[Said]
    history: Sequence[Entry]
    mails: Sequence[Told]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts and lateness."""

    profile: FeedbackProfile
    standing: Standing
    months: Sequence[Month]


async def queue(transaction: Transaction, context: Context, identity: Identity, now: datetime) -> Queue:
    """The queue of the caller's service areas."""
    profile = (await context.profiles.current(transaction)).profile
    return Queue(
        profile,
        await worries.to_do(transaction, identity.areas),
        await worries.closed(transaction, identity.areas, CLOSED_SHOWN),
        await worry_counts.standing(transaction, identity.areas, now),
        is_address(profile.organisation.contacts.duty_email or ""),
    )


async def count_worries(transaction: Transaction, context: Context, identity: Identity, now: datetime) -> Counted:
    """Counts and lateness of the caller's service areas."""
    profile = (await context.profiles.current(transaction)).profile
    standing = await worry_counts.standing(transaction, identity.areas, now)
    return Counted(profile, standing, await worry_counts.by_month(transaction, identity.areas, now))


async def held(transaction: Transaction, identity: Identity, ident: UUID, *, lock: bool = False) -> Record:
    """A worry of the caller's service areas, without its words. Raises `not-found`."""
    record = await worries.one(transaction, ident, identity.areas, lock=lock)
    if record is None:
        raise not_found("worry")
    return record


async def read_worry(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> Seen:
    """A worry with its words. That the caller read it is logged in the same transaction. Raises `not-found`."""
    record = await held(transaction, identity, ident)
    await worry_history.add_look(transaction, context.secrets, ident, identity, now)
    profile = (await context.profiles.current(transaction)).profile
    return Seen(
        profile,
        record,
        await _said(transaction, context, profile, record),
        await worry_history.of(transaction, context.secrets, ident),
        await worry_counts.told(transaction, ident),
        await _origin(transaction, record),
    )


async def look_up_origin(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> None:
    """Let the duty team see whose link it was, and log who asked. Raises `not-found`."""
    await held(transaction, identity, ident, lock=True)
    if not await worry_history.identified(transaction, ident):
        await worry_history.add(transaction, context.secrets, ident, Entry(now, "identified"), identity)


async def _origin(transaction: Transaction, record: Record) -> Origin:
    if record.asked is not None:
        return Origin("asked", None, looked_up=True)
    looked_up = await worry_history.identified(transaction, record.id)
    if record.invitation_id is None:
        return Origin("entered", record.entered_as if looked_up else None, looked_up)
    reference, reusable = await worries.origin(transaction, record.invitation_id)
    if reusable:
        return Origin("poster", None, looked_up)
    return Origin("letter", reference if looked_up else None, looked_up)


async def _said(transaction: Transaction, context: Context, profile: FeedbackProfile, record: Record) -> list[Said]:
    """Every question that was answered: one who reads of a worry needs to know what else was said."""
    if record.response_id is None:
        return _written(context, transaction.org, record)
    texts = await worries.words(transaction, record.response_id)
    questionnaire = profile.questionnaire(record.questionnaire)
    version = questionnaire.version(record.version) if questionnaire else None
    known = {question.code: question for question in version.questions} if version else {}
    said = []
    # In the order of the survey; a question that has left it comes last.
    for code in [*(each for each in known if each in record.answers), *(each for each in record.answers if each not in known)]:
        answer = record.answers[code]
        words = _opened(context, transaction.org, texts.get(code)) if code in texts else _chosen(known.get(code), answer)
        if words:
            question = known[code].text["en"] if code in known else code
            said.append(Said(question, words, code in record.signs.questions))
    return said


def _written(context: Context, org: str, record: Record) -> list[Said]:
    """What somebody wrote who asked to be contacted, with how to reach them."""
    try:
        details = contacts.unseal(context.secrets, org, record.asked or b"")
    except SealError:
        return [Said("A request to be contacted", LOST, sign=True)]
    written = (
        ("Name", details.name), ("Telephone", details.phone), ("E-mail", details.email),
        ("A good time", details.best), ("What it is about", details.about),
    )  # fmt: skip
    return [Said(label, words, sign=label == "What it is about") for label, words in written if words]


def _opened(context: Context, org: str, sealed: bytes | None) -> str:
    try:
        return context.secrets.open(org, TEXT, sealed or b"")
    except SealError:
        return LOST


def _chosen(question: Question | None, answer: Mapping[str, object]) -> str:
    choices = answer.get("choices")
    if isinstance(choices, list):
        labels = {option.code: option.label["en"] for option in question.options} if question else {}
        return "; ".join(labels.get(str(code), str(code)) for code in choices)
    if "score" in answer:
        highest = question.scale.max if question and question.scale else None
        return f"{answer['score']} of {highest}" if highest else str(answer["score"])
    return str(answer.get("date", ""))
