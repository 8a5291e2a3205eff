"""What the worker does about worries that wait: it calls people again, each call once. It decides and closes nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from chassis.outbox import now as current_time
from chassis.repeating import repeat
from chassis.rounds import each_organisation, in_transaction
from chassis.unit_of_work import Transaction, UnitOfWork
from feedback.adapters import waiting_worries
from feedback.adapters.waiting_worries import Waiting
from feedback.context import Context
from feedback.domain import worry_clock, worry_mails
from feedback.domain.profile import FeedbackProfile
from feedback.use_cases.open_worry import link, tell

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60


class Watch:
    """The worker's task: looks every minute, day and night."""

    def __init__(self, uow: UnitOfWork, context: Context, now: Callable[[], datetime] = current_time) -> None:
        self._uow = uow
        self._context = context
        self._now = now

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails for one organisation is logged and tried again; the others are not kept waiting."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="worries.put_off")

    async def once(self) -> int:
        """Make every call that is due and was not made yet; answers how many mails were asked for."""
        return await each_organisation(self._uow, in_transaction(self._uow, self._call), "worries.organisation_put_off")

    async def _call(self, transaction: Transaction) -> int:
        waiting = await waiting_worries.untriaged(transaction)
        if not waiting:
            return 0
        profile = (await self._context.profiles.current(transaction)).profile
        if len(waiting) > worry_clock.MOST_ALONE:
            return await self._call_about_many(transaction, profile, waiting)
        return sum([await self._call_about(transaction, profile, each) for each in waiting])

    async def _call_about_many(self, transaction: Transaction, profile: FeedbackProfile, waiting: Sequence[Waiting]) -> int:
        """Each call that is due about any of them, once an hour about all; when few are left, each is called about again."""
        now, asked = self._now(), 0
        due = Counter(
            call
            for each in waiting
            for call in worry_clock.calls(each.clock, now, acknowledged=each.acknowledged, triaged=False)
        )
        for call, number in due.items():
            words = worry_mails.many_words(number, link(self._context), call)
            for whom, address in _whom(call, profile):
                if await tell(transaction, self._context, f"worry:many:{call}:{whom}:{now:%Y%m%d%H}", address, words):
                    asked += 1
                    log.warning("worry.many_wait", org=transaction.org, number=number, call=call, told=whom)
        return asked

    async def _call_about(self, transaction: Transaction, profile: FeedbackProfile, each: Waiting) -> int:
        asked = 0
        calls = worry_clock.calls(each.clock, self._now(), acknowledged=each.acknowledged, triaged=False)
        for call in calls:
            words = worry_mails.call_words(
                call, each.number, each.clock, link(self._context, each.id), acknowledged=each.acknowledged
            )
            for whom, address in _whom(call, profile):
                if await tell(transaction, self._context, f"worry:{each.id}:{call}:{whom}", address, words):
                    asked += 1
                    log.warning("worry.waits", org=transaction.org, concern_id=str(each.id), call=call, told=whom)
        return asked


def _whom(call: worry_clock.Call, profile: FeedbackProfile) -> list[tuple[str, str | None]]:
    """The addresses to call. Where nobody is named to escalate to, the duty address is called again instead."""
    duty = profile.organisation.contacts.duty_email
    above = profile.worries.escalation_email or duty
    match call:
        case "reminder":
            return [("duty", duty)]
        case "escalation":
            return [("escalation", above)]
        case "late":
            return [("duty", duty)] if above == duty else [("duty", duty), ("escalation", above)]
