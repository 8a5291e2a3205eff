"""Everything is restarted in the middle of a load: every request gets its right answer at once, and none is sent twice."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Self

import httpx
import pytest

from loop_cli.operator import Operator
from loop_cli.stack import rolling
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.steady import FACTS, Load, facts, new_client
from tests.projected import wait_until_projected

LOOP = Path(sys.executable).with_name("loop")
PATIENCE = 300.0
PAUSE = 0.1


class Reading:
    """Asks in two ways for as long as it runs: on a connection that is kept, and on a new one for each request."""

    def __init__(self, url: str) -> None:
        self.answers: Counter[str] = Counter()
        self._url = url
        self._end = asyncio.Event()

    async def _ask(self, http: httpx.AsyncClient) -> None:
        try:
            answer = await http.get(f"{self._url}/audit/v1/openapi.json")
            self.answers[str(answer.status_code)] += 1
        except httpx.HTTPError as error:
            self.answers[repr(error)] += 1

    async def _kept(self) -> None:
        async with httpx.AsyncClient(timeout=60) as http:
            while not self._end.is_set():
                await self._ask(http)
                await asyncio.sleep(PAUSE)

    async def _anew(self) -> None:
        while not self._end.is_set():
            async with httpx.AsyncClient(timeout=60) as http:
                await self._ask(http)
            await asyncio.sleep(PAUSE)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._kept()), asyncio.create_task(self._anew())]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end.set()
        await asyncio.gather(*self._tasks)


async def restart(stack: EmbeddedStack) -> tuple[int, str]:
    """What `loop restart` says, and how it ends."""
    words = [str(LOOP), "restart", "--data", str(stack.layout.root)]
    job = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    async with asyncio.timeout(PATIENCE):
        said, _ = await job.communicate()
    return job.returncode or 0, said.decode()


@pytest.fixture
def load(stack: EmbeddedStack) -> Load:
    with Operator.of(stack.layout.root) as operator:
        # Not as much as it takes: a process that starts while everything is busy takes a minute.
        return Load(stack.url, new_client(operator), pause=PAUSE)


@pytest.mark.chaos
@pytest.mark.stack
class TestRollingRestart:
    async def test_every_request_is_answered_once_while_everything_is_replaced(self, stack: EmbeddedStack, load: Load) -> None:
        stack.wait_ready()
        before = {kind: set(facts(stack, kind)) for kind in FACTS}
        pids = {name: stack.process(name).pid for name in stack.names()}
        failures = len(stack.failures)
        async with Reading(stack.url) as reading, load.running():
            await load.until(10)
            code, said = await restart(stack)
            await load.until(10)
        assert code == 0, said
        assert "10 processes were replaced" in said
        same = {name for name in stack.names() if stack.process(name).pid == pids[name]}
        assert same == {"postgres", "nats"}
        assert (load.unexpected, load.repeated) == ([], 0)
        assert set(reading.answers) == {"200"}, reading.answers
        assert stack.failures[failures:] == []
        await asyncio.to_thread(wait_until_projected, stack)
        for kind in FACTS:
            found = [each for each in facts(stack, kind) if each not in before[kind]]
            assert sorted(found) == sorted(str(each) for each in load.accepted[kind]), f"{kind}: in the reports exactly once"

    async def test_the_one_before_ends_by_itself_when_its_callers_have_gone(self, stack: EmbeddedStack) -> None:
        async with asyncio.timeout(PATIENCE):
            while stack.programs.drained():  # noqa: ASYNC110 - processes tell nobody
                await asyncio.sleep(0.1)

    async def test_a_version_that_does_not_start_changes_nothing(self, stack: EmbeddedStack, tmp_path: Path) -> None:
        broken = tmp_path / "python"
        broken.write_text("#!/bin/sh\nexit 3\n")
        broken.chmod(0o755)
        pids = {name: stack.process(name).pid for name in stack.names()}
        order = rolling.ask(stack.layout, broken)
        async with asyncio.timeout(PATIENCE):
            while (found := rolling.answer(stack.layout, order)) is None:  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.1)
        assert found["failure"]
        assert found["restarted"] == []
        assert pids == {name: stack.process(name).pid for name in stack.names()}
        stack.wait_ready()
        assert not (stack.layout.root / rolling.ORDER).exists(), "the next order can be given"

    async def test_an_order_that_another_account_may_have_left_is_refused(self, stack: EmbeddedStack) -> None:
        root = stack.layout.root
        root.chmod(0o770)
        try:
            code, said = await restart(stack)
        finally:
            root.chmod(0o700)
        assert code == 1
        assert f"Other accounts can write in {root}" in said
        assert not (root / rolling.ORDER).exists()


def test_without_an_installation_it_says_so(tmp_path: Path) -> None:
    said = subprocess.run([LOOP, "restart", "--data", tmp_path / "none"], capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "Nothing runs" in said.stderr
