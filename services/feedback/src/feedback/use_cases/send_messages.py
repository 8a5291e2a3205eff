"""What the worker does about messages: sends what is due, reminds, asks what became of it, deletes addresses.

A message is claimed, and the claim committed, before it is handed over; then its fate and its event are written down together.
So a crash between the two repeats at most the messages that were under way. Each is repeated under the same reference: GOV.UK
Notify is asked first whether it has it; a mail server gets the same Message-ID, by which most mail programs show it once.
"""

import asyncio
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.calendar import WorkingDays
from chassis.days import british_day
from chassis.mail import MailPutOff, MailRefused, MessageError
from chassis.outbox import now as current_time
from chassis.pages.strings import Strings
from chassis.repeating import repeat
from chassis.rounds import organisations
from chassis.secrets import SealError
from chassis.unit_of_work import UnitOfWork
from contracts.base import Event
from contracts.feedback import InvitationReminded, InvitationSent, InvitationUndelivered, MessageChannel
from feedback.adapters import messages, sealing
from feedback.adapters.carriers import Carrier
from feedback.adapters.messages import Claimed
from feedback.context import Context
from feedback.domain import links, sending
from feedback.domain.message_words import Links, Words, message_words
from feedback.domain.profile import FeedbackProfile

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15
SEND_SECONDS = 60.0
LEASE = timedelta(seconds=3 * SEND_SECONDS)  # after which a claimed message was left behind: longer than any hand-over
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)

MESSAGES = Counter("loop_feedback_messages_total", "Messages with links, by what became of them.", ["channel", "outcome"])


@dataclass
class _Rest:
    """A channel that serves nobody for a while."""

    until: datetime
    wait: timedelta


class Sending:
    """The worker's task. Any number of workers may run: a message is claimed by one of them."""

    def __init__(
        self,
        uow: UnitOfWork,
        context: Context,
        carriers: Mapping[MessageChannel, Carrier],
        strings: Strings,
        now: Callable[[], datetime] = current_time,
    ) -> None:
        self._uow = uow
        self._context = context
        self._carriers = carriers
        self._strings = strings
        self._now = now
        self._rests: dict[MessageChannel, _Rest] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails for one organisation is logged and tried again; the others are not kept waiting."""
        await repeat(partial(self.once, stopping), EVERY_SECONDS, stopping, put_off="messages.put_off")

    async def once(self, stopping: asyncio.Event | None = None) -> int:
        """Do all that is due; answers how many messages were handed over."""
        handed_over = 0
        try:
            for org in await organisations(self._uow):
                try:
                    handed_over += await self._serve(org, stopping)
                except Exception as error:  # noqa: BLE001 - one organisation's trouble is not the others'; its words may hold anything
                    log.warning("messages.organisation_put_off", org=org, reason=type(error).__name__, place=_place(error))
        finally:
            for carrier in self._carriers.values():
                await carrier.close()
        return handed_over

    async def _serve(self, org: str, stopping: asyncio.Event | None) -> int:
        now = self._now()
        async with self._uow.begin(org) as transaction:
            profile = (await self._context.profiles.current(transaction)).profile
        rules = profile.families.messages
        last = sending.last_number(rules.remind_after)
        await self._tidy(org, last, now)
        handed_over = 0
        if self._may_send(profile):
            await self._plan(org, profile, last, now)
            handed_over = await self._send_due(org, profile, stopping)
        await self._look(org)
        return handed_over

    def _may_send(self, profile: FeedbackProfile) -> bool:
        return profile.families.messages.may_send(self._now(), WorkingDays.load())

    async def _tidy(self, org: str, last: int, now: datetime) -> None:
        """Forget addresses that are of no more use, give up what is old, and say why the rest waits."""
        async with self._uow.begin(org) as transaction:
            for channel, carrier in self._carriers.items():
                if reason := carrier.closed_because:
                    await messages.hold(transaction, channel, reason)
            for told in await messages.give_up(transaction, now - sending.GIVE_UP_AFTER, now):
                transaction.record(_undelivered(told.invitation_id, told.channel, told.number, now), occurred_at=now)
                MESSAGES.labels(told.channel, "given up").inc()
                log.warning("message.given_up", org=org, message=str(told.id), channel=told.channel)
            gone = await messages.forget(transaction, last, now - sending.KEPT_AFTER_LAST, british_day(now))
        if gone:
            log.info("messages.addresses_deleted", org=org, addresses=gone)

    async def _plan(self, org: str, profile: FeedbackProfile, last: int, now: datetime) -> None:
        """Let reminders go out that are due."""
        after = profile.families.messages.remind_after
        if not last:
            return
        today = british_day(now)
        async with self._uow.begin(org) as transaction:
            for each in await messages.to_remind(transaction, last, now - timedelta(days=after[0] - 1), today):
                days = british_day(each.first_at), british_day(each.last_at)
                number = sending.due_reminder(*days, each.number, after, today)
                if number is not None:
                    await messages.remind(transaction, each.invitation_id, number, now)

    def _open(self) -> list[str]:
        """The channels that carry something now."""
        now = self._now()
        return [
            channel
            for channel, carrier in self._carriers.items()
            if carrier.closed_because is None and (channel not in self._rests or self._rests[channel].until <= now)
        ]

    async def _send_due(self, org: str, profile: FeedbackProfile, stopping: asyncio.Event | None) -> int:
        handed_over = 0
        while channels := self._open():
            async with self._uow.begin(org) as transaction:
                due = await messages.due(transaction, channels, self._now())
            for ident, channel in due:
                # A large list that was begun before the evening goes on in the morning.
                if (stopping is not None and stopping.is_set()) or not self._may_send(profile):
                    return handed_over
                if channel in self._open():
                    handed_over += await self._one(org, profile, ident)
            if len(due) < messages.BATCH:
                break
        return handed_over

    async def _one(self, org: str, profile: FeedbackProfile, ident: UUID) -> int:
        """Claim, hand over, write down what came of it; 0 where it may not go out, or somebody else has it."""
        now = self._now()
        async with self._uow.begin(org) as transaction:
            claimed = await messages.claim(transaction, ident, now, LEASE, british_day(now))
        if claimed is None:
            return 0
        about = {"org": org, "message": str(ident), "channel": claimed.channel, "number": claimed.number}
        try:
            carrier_id = await self._hand_over(org, profile, claimed)
        except MailRefused as error:
            await self._failed(org, claimed, error.reason)
            log.warning("message.failed", reason=error.reason, **about)
        except MailPutOff as error:
            wait = min(FIRST_WAIT * (1 << min(claimed.attempts - 1, 20)), LONGEST_WAIT)
            async with self._uow.begin(org) as transaction:
                doubtful = claimed.doubtful or error.doubtful
                await messages.put_off(transaction, claimed, error.reason, self._now(), wait, doubtful=doubtful)
            if error.for_all:
                self._rest(claimed.channel)
            log.warning("message.put_off", reason=error.reason, **about)
        else:
            self._rests.pop(claimed.channel, None)
            await self._sent(org, claimed, carrier_id)
            log.info("message.sent", **about)
        return 1

    def _rest(self, channel: MessageChannel) -> None:
        """Nobody's message goes through: the next one is tried after a while, longer each time."""
        before = self._rests.get(channel)
        wait = min(before.wait * 2, LONGEST_WAIT) if before else FIRST_WAIT
        self._rests[channel] = _Rest(self._now() + wait, wait)

    async def _hand_over(self, org: str, profile: FeedbackProfile, claimed: Claimed) -> str | None:
        """Raises `MailRefused` or `MailPutOff`, whatever goes wrong."""
        secrets = self._context.secrets
        try:
            to = secrets.open(org, sealing.SEND_ADDRESS, claimed.address)
            where = self._links(claimed, secrets.open(org, sealing.SEND_TOKEN, claimed.token))
        except SealError:
            raise MailRefused("its address does not open with this installation's key") from None
        words = self.words(profile, claimed, where)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._carriers[claimed.channel].send(
                    to, words, str(claimed.id), where.no, doubtful=claimed.doubtful
                )
        except (MailPutOff, MailRefused):
            raise
        except MessageError as error:
            raise MailRefused(f"it cannot be a message: {error}") from None
        except TimeoutError:
            raise MailPutOff("the carrier did not answer in time", for_all=True, doubtful=True) from None
        except Exception as error:  # noqa: BLE001 - one message's trouble must not end the others; its words may hold an address
            raise MailPutOff(f"unexpected: {type(error).__name__}", doubtful=True) from None

    def _links(self, claimed: Claimed, token: str) -> Links:
        url = self._context.public_url
        no = links.no_token(sealing.say_no_key(self._context.secrets), claimed.invitation_id)
        return Links(f"{url}/s/{token}", f"{url}/s/no/{no}")

    def words(self, profile: FeedbackProfile, claimed: Claimed, where: Links) -> Words:
        """The words of a message, in its invitation's language or, where that has none, in English."""
        questionnaire = profile.questionnaire(claimed.questionnaire)
        wanted = questionnaire.language(claimed.language) if questionnaire else claimed.language or "en"
        language = self._strings.spoken(wanted, "message.email.first")
        return message_words(
            partial(self._strings.say, language),
            claimed.channel,
            claimed.number,
            where,
            organisation=profile.organisation.name,
            signed=profile.families.messages.signed,
            until=claimed.expires_on,
        )

    async def _sent(self, org: str, claimed: Claimed, carrier_id: str | None) -> None:
        now = self._now()
        tells = self._carriers[claimed.channel].tells
        async with self._uow.begin(org) as transaction:
            look_at = now + sending.next_look(0) if tells else None
            if await messages.mark_sent(transaction, claimed, now, carrier_id, look_at):
                transaction.record(_told(claimed, now), occurred_at=now)
        MESSAGES.labels(claimed.channel, "sent").inc()

    async def _failed(self, org: str, claimed: Claimed, reason: str) -> None:
        now = self._now()
        async with self._uow.begin(org) as transaction:
            if await messages.mark_failed(transaction, claimed, reason):
                event = _undelivered(claimed.invitation_id, claimed.channel, claimed.number, now)
                transaction.record(event, occurred_at=now)
        MESSAGES.labels(claimed.channel, "failed").inc()

    async def _look(self, org: str) -> None:
        """Ask carriers what became of what they took."""
        channels = self._open()
        async with self._uow.begin(org) as transaction:
            pending = await messages.to_look_at(transaction, channels, self._now()) if channels else []
        for each in pending:
            channel = each.told.channel
            if channel not in self._open():
                continue
            try:
                await self._look_at(org, each)
            except MailPutOff as error:
                self._rest(channel)
                log.warning("message.not_looked_at", org=org, channel=channel, reason=error.reason)

    async def _look_at(self, org: str, pending: messages.Pending) -> None:
        carrier, told = self._carriers[pending.told.channel], pending.told
        ident = pending.carrier_id or await carrier.find(str(told.id))
        fate = await carrier.fate(ident) if ident else None
        now = self._now()
        if fate == "pending" and now < pending.sent_at + sending.LOOK_FOR:
            async with self._uow.begin(org) as transaction:
                await messages.looked(transaction, pending, "pending", now + sending.next_look(pending.looks + 1), ident, None)
            return
        dead = fate in {"unreachable", "failed"}
        delivery: sending.Delivery = "delivered" if fate == "delivered" else "failed" if dead else "unknown"
        async with self._uow.begin(org) as transaction:
            if await messages.looked(transaction, pending, delivery, None, ident, fate if dead else None) and dead:
                event = _undelivered(told.invitation_id, told.channel, told.number, now)
                transaction.record(event, occurred_at=now)
                if fate == "unreachable":
                    await messages.forget_one(transaction, told.invitation_id)
        MESSAGES.labels(told.channel, delivery).inc()


def _told(claimed: Claimed, now: datetime) -> Event:
    day = british_day(now)
    about = {"invitation_id": claimed.invitation_id, "channel": claimed.channel}
    if claimed.number == 0:
        return InvitationSent.model_validate({**about, "sent_on": day})
    return InvitationReminded.model_validate({**about, "reminder": claimed.number, "reminded_on": day})


def _undelivered(invitation: UUID, channel: MessageChannel, number: int, now: datetime) -> InvitationUndelivered:
    return InvitationUndelivered.model_validate(
        {"invitation_id": invitation, "channel": channel, "message": number, "found_on": british_day(now)}
    )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
