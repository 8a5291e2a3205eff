"""Idempotency keys in the transaction of the work."""

import asyncio

import pytest
from sqlalchemy import text

from chassis.errors import DomainError, Kind
from chassis.idempotency import Answer, fingerprint, once
from chassis.unit_of_work import UnitOfWork


class Work:
    def __init__(self, status: int = 201) -> None:
        self.times = 0
        self.status = status

    async def __call__(self) -> Answer:
        self.times += 1
        return Answer(self.status, {"times": self.times})


async def send(
    uow: UnitOfWork, work: Work, *, payload: str = "{}", key: str = "k1", client: str = "c", org: str = "north"
) -> Answer:
    async with uow.begin(org) as transaction:
        return await once(transaction, client, key, fingerprint("POST /things", payload), work)


class TestOnce:
    async def test_a_repetition_gets_the_first_answer_and_does_nothing(self, uow: UnitOfWork) -> None:
        work = Work()
        assert await send(uow, work) == Answer(201, {"times": 1})
        assert await send(uow, work) == Answer(201, {"times": 1}, replayed=True)
        assert work.times == 1

    async def test_the_same_key_with_another_payload_is_refused(self, uow: UnitOfWork) -> None:
        work = Work()
        await send(uow, work)
        with pytest.raises(DomainError) as caught:
            await send(uow, work, payload='{"a": 1}')
        assert (caught.value.slug, caught.value.kind) == ("idempotency-key-reused", Kind.MALFORMED)
        assert work.times == 1

    async def test_keys_of_another_client_or_organisation_are_other_keys(self, uow: UnitOfWork) -> None:
        work = Work()
        await send(uow, work)
        await send(uow, work, client="d")
        await send(uow, work, org="south")
        assert work.times == 3

    async def test_work_that_fails_leaves_the_key_free(self, uow: UnitOfWork) -> None:
        async def fail() -> Answer:
            raise DomainError("no", "No.")

        with pytest.raises(DomainError):
            async with uow.begin("north") as transaction:
                await once(transaction, "c", "k1", fingerprint("POST /things", "{}"), fail)
        work = Work()
        assert (await send(uow, work)).replayed is False

    async def test_a_request_in_flight_is_said_so(self, uow: UnitOfWork) -> None:
        begun, finish = asyncio.Event(), asyncio.Event()

        async def slow() -> Answer:
            begun.set()
            await finish.wait()
            return Answer(201, {})

        async def first() -> Answer:
            async with uow.begin("north") as transaction:
                return await once(transaction, "c", "k1", fingerprint("POST /things", "{}"), slow)

        task = asyncio.create_task(first())
        await begun.wait()
        with pytest.raises(DomainError) as caught:
            await send(uow, Work())
        assert caught.value.slug == "request-in-flight"
        finish.set()
        await task
        assert (await send(uow, Work())).replayed is True

    async def test_twenty_at_once_do_it_once(self, uow: UnitOfWork) -> None:
        work = Work()
        results = await asyncio.gather(*(send(uow, work) for _ in range(20)), return_exceptions=True)
        assert work.times == 1
        assert all(
            isinstance(each, Answer) or (isinstance(each, DomainError) and each.slug == "request-in-flight") for each in results
        )


class TestKeyedFingerprints:
    async def test_what_is_kept_cannot_be_guessed_and_what_was_kept_before_still_counts(self, uow: UnitOfWork) -> None:
        keyed = UnitOfWork(uow.engine, lambda org: org.encode() * 8)
        await send(uow, Work())  # as before they were keyed
        assert (await send(keyed, Work())).replayed is True
        with pytest.raises(DomainError):
            await send(keyed, Work(), payload='{"a": 1}')
        await send(keyed, Work(), key="k2")
        assert (await send(keyed, Work(), key="k2")).replayed is True
        async with uow.begin("north") as transaction:
            stored = (
                await transaction.connection.execute(text("select fingerprint from idempotency where key = 'k2'"))
            ).scalar_one()
        assert bytes(stored) != fingerprint("POST /things", "{}")
        with pytest.raises(DomainError):
            await send(keyed, Work(), key="k2", payload='{"a": 1}')
