"""What the worker does about families who ask to be contacted: tells whose they are, reminds of those that wait, deletes."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from chassis.calendar import WorkingDays
from chassis.days import british_day, british_time
from chassis.mail import is_address
from chassis.outbox import now as current_time
from chassis.repeating import repeat
from chassis.rounds import each_organisation, in_transaction
from chassis.unit_of_work import Transaction, UnitOfWork
from feedback.adapters import waiting_contacts
from feedback.adapters.held import CONTACT, held
from feedback.adapters.sealing import SEND_ADDRESS
from feedback.adapters.waiting_contacts import Waiting
from feedback.context import Context
from feedback.domain import contact_mails
from feedback.domain.contact import MOST_DAYS
from feedback.domain.profile import FeedbackProfile
from feedback.domain.worry_clock import reads_on
from feedback.domain.worry_mails import Words
from feedback.domain.worry_profile import ReadingHours
from feedback.use_cases.open_worry import tell

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600
"""New requests are told of in a batch: a mail a moment after the answers would tell whose they are."""

FROM_HOUR = 9
VISITS_KEPT = timedelta(days=8)
"""One more than a visit's cookie lives."""

_WORKING = ReadingHours()


class Contacts:
    """The worker's task: looks every ten minutes."""

    def __init__(self, uow: UnitOfWork, context: Context, now: Callable[[], datetime] = current_time) -> None:
        self._uow = uow
        self._context = context
        self._now = now

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails for one organisation is logged and tried again; the others are not kept waiting."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="contacts.put_off")

    async def once(self) -> int:
        """Do what is to be done now, each thing once however often this is called; answers how many mails it asked for."""
        return await each_organisation(self._uow, in_transaction(self._uow, self._serve), "contacts.organisation_put_off")

    async def _serve(self, transaction: Transaction) -> int:
        profile = (await self._context.profiles.current(transaction)).profile
        await self._delete(transaction, profile)
        asked = 0
        new = await waiting_contacts.not_told(transaction)
        for address, some in _by_address(profile, new):
            references = [each.reference for each in some]
            if not is_address(address):
                log.error("contacts.nobody_to_tell", org=transaction.org, number=len(some))
            key = f"contact:new:{_digest(each.id.hex for each in some)}"
            asked += await tell(transaction, self._context, key, address, contact_mails.new_words(references, self._link()))
        await waiting_contacts.mark_told(transaction, new)
        return asked + await self._remind(transaction, profile)

    async def _remind(self, transaction: Transaction, profile: FeedbackProfile) -> int:
        """Of those that are late, once each working day."""
        local = british_time(self._now())
        if local.hour < FROM_HOUR or not reads_on(local.date(), _WORKING, WorkingDays.load()):
            return 0
        asked = 0
        for address, some in _by_address(profile, await waiting_contacts.late(transaction, local.date())):
            words: Words = contact_mails.late_words([each.reference for each in some], self._link())
            # Keyed: by a plain hash the address of whoever calls could be searched for.
            to = self._context.secrets.pseudonym(transaction.org, SEND_ADDRESS, address.casefold())
            key = f"contact:late:{local:%Y%m%d}:{to}"
            if await tell(transaction, self._context, key, address, words):
                asked += 1
                log.warning("contacts.late", org=transaction.org, number=len(some))
        return asked

    async def _delete(self, transaction: Transaction, profile: FeedbackProfile) -> None:
        today = british_day(self._now())
        rules = profile.families.contact
        keep = rules.keep_days if rules else 0
        standing = await held(transaction, self._context.secrets, CONTACT)
        gone = await waiting_contacts.delete_old(transaction, today, keep_days=keep, most_days=MOST_DAYS, held=standing)
        await waiting_contacts.forget_visits(transaction, today - VISITS_KEPT)
        if gone:
            log.info("contacts.deleted", org=transaction.org, requests=gone)

    def _link(self) -> str:
        return f"{self._context.public_url}/feedback/contacts"


def _by_address(profile: FeedbackProfile, waiting: Sequence[Waiting]) -> Iterable[tuple[str, list[Waiting]]]:
    """Requests by the address that is told of them: that of whoever calls, else the duty address."""
    rules = profile.families.contact
    found: dict[str, list[Waiting]] = {}
    for each in waiting:
        caller = rules.caller(each.service_area, each.team) if rules else None
        address = (caller.email if caller else None) or profile.organisation.contacts.duty_email or ""
        found.setdefault(address, []).append(each)
    return found.items()


def _digest(texts: Iterable[str]) -> str:
    """What makes the key of a mail its own; nothing is to be read out of it."""
    return sha256("\n".join(texts).encode()).hexdigest()[:32]
