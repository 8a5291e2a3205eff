"""Audits filled in by the use cases themselves, and two people who do something with one at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from services.audit.tests.support import Office

from audit.adapters.audits import AuditRepository
from audit.domain.audit import MODERATION
from audit.domain.judgement import Entry, Form, forms_of
from audit.use_cases.moderate_audit import moderate_audit
from audit.use_cases.save_entry import save_entry
from audit.use_cases.submit_part import submit_part
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.testing.fixtures import Database, caller
from chassis.unit_of_work import Transaction

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WAIT = 60.0
"""Seconds after which a test gives up waiting for a lock; the application itself gives up after 5."""


class Clock:
    """What the service takes for now."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def set_clock(office: Office) -> Clock:
    """Let a test say what time it is."""
    clock = Clock()
    object.__setattr__(office.context, "now", clock)
    return clock


def signed_in(person: str, *roles: str) -> Identity:
    """Somebody of the directory."""
    return caller(*(roles or ("role:manager",)), subject=f"demo-{person}")


def filled_in(form: Form, grade: str | None) -> Entry:
    """An entry with everything that it asks for."""
    answer = ("given" if form.kind == "feedback" else form.options[-1][0]) if form.options else None
    words = {words.name: f"{words.label} of {form.code}" for words in form.words}
    return Entry(form.code, grade if form.kind in {"section", "overall"} else None, answer=answer, words=words)


async def judged(office: Office, audit_id: UUID, part: str, person: str, grade: str | None = "good") -> None:
    """Fill in a part; it is not submitted."""
    async with office.app.state.uow.begin(office.org) as transaction:
        record = await AuditRepository(transaction).read(audit_id)
        assert record is not None
        tool, _ = await office.context.tool_of(transaction, record)
        for form in forms_of(part, tool):
            entry = filled_in(form, grade)
            await save_entry(transaction, office.context, signed_in(person), audit_id, part, entry)


async def submitted(office: Office, audit_id: UUID, part: str, person: str, grade: str | None = "good") -> None:
    """Fill in a part and submit it."""
    await judged(office, audit_id, part, person, grade)
    async with office.app.state.uow.begin(office.org) as transaction:
        await submit_part(transaction, office.context, signed_in(person), audit_id, part)


async def moderated(office: Office, audit_id: UUID) -> None:
    """A looped audit of Sam Okafor and Priya Shah, moderated by Jo Bennett."""
    for part, person in (("lead", "sam-okafor"), ("peer", "priya-shah")):
        await submitted(office, audit_id, part, person)
    await moderate(office, audit_id)


async def moderate(office: Office, audit_id: UUID) -> None:
    """Jo Bennett fixes the grades of an audit that is submitted."""
    await judged(office, audit_id, MODERATION, "jo-bennett")
    async with office.app.state.uow.begin(office.org) as transaction:
        await moderate_audit(transaction, office.context, signed_in("jo-bennett"), audit_id)


Act = Callable[[Transaction], Awaitable[Any]]


@dataclass
class Race:
    """Two who do something at the same moment: the second begins before the first has committed."""

    office: Office
    database: Database

    async def run(self, first: Act, second: Act) -> tuple[Any, Any]:
        """What each got, or the `DomainError` that refused it. Fails unless the second had to wait for the first."""
        begin = self.office.app.state.uow.begin
        task: asyncio.Task[Any] | None = None

        async def follow() -> Any:
            async with begin(self.office.org) as transaction:
                return await second(transaction)

        async def lead() -> Any:
            nonlocal task
            async with begin(self.office.org) as transaction:
                got = await first(transaction)
                task = asyncio.create_task(tried(follow()))
                await self._until_it_waits(task)
                return got

        one = await tried(lead())
        assert task is not None, one
        return one, await task

    async def _until_it_waits(self, task: asyncio.Task[Any]) -> None:
        watcher = await asyncpg.connect(self.database.url("admin"))
        waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        try:
            async with asyncio.timeout(WAIT):
                while not await watcher.fetchval(waiting):
                    assert not task.done(), f"the second did not wait for the first, and got {task.result()!r}"
                    await asyncio.sleep(0.01)
        finally:
            await watcher.close()


async def tried(work: Awaitable[Any]) -> Any:
    """What work gives, or the refusal."""
    try:
        return await work
    except DomainError as refusal:
        return refusal
