"""The operator's page before ten real processes: an event that is put aside is seen there, mended, applied again, and gone."""

import asyncio
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.async_api import Page

from chassis.testing.browser import DESK, PHONE, Chromium, chromium, looked_at
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.services import PRODUCERS, PROGRAMS, READERS
from tests.chaos.load import first_record
from tests.conftest import Outside, key
from tests.e2e.test_privacy import found_in

__all__ = ["chromium"]

pytestmark = [pytest.mark.stack, pytest.mark.browser]
PATIENCE = 120.0
POISONED = "2021-06-11"
"""Day of an extension that reporting's table refuses while it is poisoned: of no record of the demonstration."""

BREAK = f"alter table reporting.fact_stage add constraint poisoned check (extended_on is distinct from '{POISONED}') not valid"
MEND = "alter table reporting.fact_stage drop constraint if exists poisoned"


@pytest.fixture
def poisoned(stack: EmbeddedStack) -> Iterator[EmbeddedStack]:
    """A read model that cannot take one event, and can again afterwards."""
    stack.wait_ready()
    stack.postgres.run_sql(BREAK, database="loop")
    try:
        yield stack
    finally:
        stack.postgres.run_sql(MEND, database="loop")


async def until(stack: EmbeddedStack, query: str) -> None:
    """Wait until a query of the superuser finds something."""
    deadline = time.monotonic() + PATIENCE
    while not stack.postgres.run_sql(query, database="loop").strip():
        assert time.monotonic() < deadline, query
        await asyncio.sleep(0.2)


def extended(outside: Outside, marks: dict[str, str]) -> str:
    """Record a complaint and extend it, with words that can be recognised; gives its identifier."""
    complaint = first_record("complaints")["complaint"] | {"reference": marks["reference"]}
    with outside.client("complaints:write") as client:
        answer = client.post("/complaints/v1/complaints", json=complaint, headers=key())
        assert answer.status_code == 201, answer.text
        ident = str(answer.json()["complaint_id"])
        extension = {"extended_on": POISONED, "reason": marks["words"]}
        path = f"/complaints/v1/complaints/{ident}/stages/1/extension"
        answer = client.post(path, json=extension, headers=key())
        assert answer.status_code == 201, answer.text
    return ident


async def come_in(page: Page, outside: Outside) -> None:
    await page.get_by_label("Code").fill(outside.operator.call("POST", "/gateway/v1/operator-keys/own/page")["code"])
    await page.get_by_role("button", name="Come in").click()
    await page.get_by_role("heading", name="How the installation runs").wait_for()


async def table(page: Page, name: str) -> str:
    """The words of the table with this caption or heading."""
    found = page.get_by_role("table", name=name)
    await found.wait_for()
    return " ".join((await found.inner_text()).split())


class TestDeadLetter:
    async def test_is_seen_without_words_and_applied_again_once_it_is_mended(
        self, poisoned: EmbeddedStack, outside: Outside, chromium: Chromium
    ) -> None:
        run = uuid4().hex[:8]
        marks = {"reference": f"zq-reference-{run}", "words": f"zq words of a parent {run}"}
        ident = extended(outside, marks)
        await until(poisoned, "select id from reporting.dead_letter where redriven_at is null")

        seen: list[bytes] = []
        twins = {width: await chromium.open(f"{poisoned.url}/health", width=width) for width in (PHONE, DESK)}

        async def looked(name: str) -> None:
            seen.append((await page.content()).encode())
            await looked_at(page, twins, f"stack-{name}")

        page = await chromium.open(f"{poisoned.url}/operating", width=PHONE, script=False)
        await come_in(page, outside)
        await looked("operating")
        assert await page.get_by_text("Reporting worker: 1 event put aside.").count() == 1
        processes = await table(page, "Processes")
        assert processes.count(" ready ") == len(PROGRAMS), processes
        consumers, streams = await table(page, "Consumers"), await table(page, "Streams")
        assert all(f"{reader} of {source}" in consumers for reader, sources in READERS.items() for source in sources), consumers
        assert all(f"loop-{source}" in streams for source in PRODUCERS), streams
        assert "ot known" not in processes + consumers + streams

        await page.get_by_role("link", name="reporting of complaints").click()
        await looked("dead-letters")
        await page.get_by_role("link", name="Open number").click()
        await looked("dead-letter")
        assert ident in await page.content()
        assert "stage_extended" in await page.content()
        assert "poisoned" in await page.content()
        await page.get_by_role("button", name="Apply it again").click()
        await looked("check")

        poisoned.postgres.run_sql(MEND, database="loop")
        await page.get_by_role("button", name="Apply again").click()
        await until(poisoned, "select id from reporting.consumer_command where done_at is not null and letters is not null")
        await page.goto(page.url)
        await page.get_by_text("1 applied, 0 still dead").wait_for()
        await looked("redriven")
        applied = f"select 1 from reporting.fact_stage where complaint_id = '{ident}' and extended_on = '{POISONED}'"
        assert poisoned.postgres.run_sql(applied, database="loop").strip() == "1"
        await page.goto(f"{poisoned.url}/operating/dead-letters/reporting")
        await page.get_by_text("No event waits here.").wait_for()
        await page.goto(f"{poisoned.url}/operating")
        assert await page.get_by_text("Reporting worker: 1 event put aside.").count() == 0
        await looked("operating-again")

        everything = b"\n".join(seen)
        assert found_in(marks["reference"].encode(), marks) == {"reference"}
        assert found_in(everything, marks) == set()
        assert all(word not in everything for word in (b"postgresql://", b"Traceback", b"line 1"))
