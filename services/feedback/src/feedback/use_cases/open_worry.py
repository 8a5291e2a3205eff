"""Open a worry: with the answers that show it, and with the mail that tells of it, in their transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.calendar import WorkingDays
from chassis.mail.message import Message, MessageError, is_address
from chassis.mail_queue import enqueue
from chassis.secrets import SealError
from chassis.unit_of_work import Transaction
from feedback.adapters import contacts, sealing, worries, worry_history
from feedback.adapters.contacts import NewRequest
from feedback.context import Context
from feedback.domain import worry_clock, worry_mails
from feedback.domain.answers import Answer
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Version
from feedback.domain.response import Response
from feedback.domain.worry_signs import Signs, signs

HOUR = timedelta(hours=1)
ASKED = "asked-to-be-contacted"
"""What stands in the place of a question where a request to be contacted opened a worry."""


@dataclass(frozen=True, slots=True)
class Concern:
    """A worry that was opened. `told`: a mail was asked for; False where the profile has no duty address that works."""

    id: UUID
    questionnaire: str
    service_area: str
    questions: tuple[str, ...]
    told: bool


def look(context: Context, org: str, profile: FeedbackProfile, version: Version, settled: Mapping[str, Answer]) -> Signs:
    """The signs of a worry in answers whose texts are sealed."""
    listed = profile.worries.listed
    sealed = {code: answer.sealed for code, answer in settled.items() if answer.sealed is not None} if listed else {}
    return signs(version, settled, {code: _opened(context, org, text) for code, text in sealed.items()}, listed)


async def open_worry(
    transaction: Transaction, context: Context, profile: FeedbackProfile, response: Response, found: Signs, now: datetime
) -> Concern | None:
    """Open a worry about a response that was just stored, and tell the duty address; None where it shows none.

    A mail that cannot be written stops nothing: the worry stands in the queue, and is said not to have been told of.
    """
    if not found:
        return None
    clock = worry_clock.start(now, profile.worries.read, WorkingDays.load())
    ident, number = await worries.open_one(transaction, response.id, found, clock)
    await worry_history.add(transaction, context.secrets, ident, worry_history.Entry(now, "opened"))
    told = await _tell_of(transaction, context, profile.organisation.contacts.duty_email, ident, number, clock)
    return Concern(ident, response.questionnaire, response.service_area, found.questions, told)


async def open_asked(
    transaction: Transaction, context: Context, profile: FeedbackProfile, request: NewRequest, now: datetime
) -> Concern | None:
    """Open a worry where words of the profile's list stand in a request to be contacted; None where none do.

    The worry keeps what was written, with the name and how to reach them: whoever must keep somebody safe needs that, also when
    the request has been deleted.
    """
    listed = profile.worries.listed
    if not listed or not listed.find(request.details.words):
        return None
    clock = worry_clock.start(now, profile.worries.read, WorkingDays.load())
    asked = worries.Asked(
        contacts.seal(context.secrets, transaction.org, request.details),
        request.questionnaire, request.service_area, request.team, request.language,
    )  # fmt: skip
    ident, number = await worries.open_one(transaction, asked, Signs((ASKED,), (ASKED,)), clock)
    await worry_history.add(transaction, context.secrets, ident, worry_history.Entry(now, "opened"))
    told = await _tell_of(transaction, context, profile.organisation.contacts.duty_email, ident, number, clock)
    return Concern(ident, request.questionnaire, request.service_area, (ASKED,), told)


def link(context: Context, ident: UUID | None = None) -> str:
    """The address of a worry's page, or of the queue."""
    queue = f"{context.public_url.rstrip('/')}/feedback/worries"
    return f"{queue}/{ident}" if ident else queue


async def _tell_of(
    transaction: Transaction, context: Context, address: str | None, ident: UUID, number: int, clock: worry_clock.Clock
) -> bool:
    """Tell the duty address of a worry, or once an hour of many; answers whether there is an address to tell."""
    if await worries.opened_since(transaction, clock.opened_at - HOUR) > worry_clock.MOST_ALONE:
        words = worry_mails.many_words(worry_clock.MOST_ALONE + 1, link(context))
        await tell(transaction, context, f"worry:many:opened:{clock.opened_at:%Y%m%d%H}", address, words)
        return is_address(address or "")
    words = worry_mails.opened_words(number, clock, link(context, ident))
    return await tell(transaction, context, f"worry:{ident}:opened", address, words)


async def tell(transaction: Transaction, context: Context, key: str, address: str | None, words: worry_mails.Words) -> bool:
    """Ask for a mail, once for each key; answers False where it was asked for before or there is no address that works."""
    try:
        message = Message(address or "", words.subject, words.body)
    except MessageError:
        return False
    return await enqueue(transaction, context.secrets, key, message)


def _opened(context: Context, org: str, sealed: str) -> str | None:
    try:
        return sealing.open_text(context.secrets, org, sealed)
    except SealError:  # pragma: no cover - a key was lost
        return None
