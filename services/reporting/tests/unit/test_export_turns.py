"""How many exports are made at once, and what those are told who come too many."""

import asyncio
from typing import Any

import pytest

from chassis.errors import DomainError
from reporting.use_cases.export_rows import Turns


async def refused(turns: Turns, org: str) -> tuple[str, int]:
    with pytest.raises(DomainError) as caught:
        async with turns.take(org):
            pass
    return caught.value.slug, caught.value.retry_after


class TestTurns:
    async def test_one_organisation_takes_no_more_than_its_own(self) -> None:
        engine: Any = None
        turns = Turns(engine, at_once=3, of_one=2, patience=0)
        async with turns.take("a"), turns.take("a"):
            assert await refused(turns, "a") == ("too-many-exports", 20)
            async with turns.take("b"):
                assert await refused(turns, "c") == ("exports-busy", 20)
            async with turns.take("c"):
                pass
        async with turns.take("a"), turns.take("a"):
            pass
        assert turns._own == {}

    async def test_who_waits_is_served_as_soon_as_one_has_ended(self) -> None:
        engine: Any = None
        turns = Turns(engine, at_once=1, of_one=1, patience=60)
        served = []

        async def export(name: str) -> None:
            async with turns.take("a"):
                served.append(name)
                await asyncio.sleep(0)

        await asyncio.gather(*(export(name) for name in "xyz"))
        assert served == ["x", "y", "z"]
