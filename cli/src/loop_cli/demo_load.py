"""The records of demo/ on their way in: each system with its own credentials, all at once, with a bar for each kind."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loop_cli.compare_records import read_lines
from loop_cli.demo_api import Api
from loop_cli.demo_credentials import Credentials
from loop_cli.demo_events import Written, wait_for_all, written
from loop_cli.demo_families import answer_all
from loop_cli.demo_kpis import send_kpis
from loop_cli.demo_records import Tick, issue_links, send_complaints, send_outcomes, send_responses
from loop_cli.profile_files import SHIPPED, checkout, read_profile
from loop_cli.stack import EmbeddedStack

KINDS: Mapping[str, tuple[str, ...]] = {
    "Audit outcomes, in batches": ("audit-outcomes.jsonl", "audit-corrections.jsonl"),
    "Complaints and compliments": ("complaints.jsonl", "compliments.jsonl", "ombudsman-cases.jsonl"),
    "Answers entered by staff": ("responses.jsonl",),
    "Families, page by page": ("families.jsonl",),
    "Figures of KPIs": ("kpi-observations.jsonl",),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The event logs when everything had been projected, and how many events this run added."""

    logs: Mapping[str, Written]
    added: int


async def load(stack: EmbeddedStack, credentials: Credentials, console: Console) -> Loaded:
    """Sends everything and waits until it is in the reports."""
    before = written(stack)
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=64)) as http:
        with Progress(*columns, console=console) as progress:
            ticks = _bars(progress)
            async with asyncio.TaskGroup() as group:
                for code in SHIPPED:
                    for work in _work(http, stack.url, credentials[code], code, ticks):
                        group.create_task(work)
            bar = progress.add_task("Events in the reports", total=None)
            api = Api(http, stack.url, credentials[SHIPPED[0]]["bi"])
            logs = await wait_for_all(stack, api, lambda done, total: progress.update(bar, completed=done, total=total))
    return Loaded(logs, sum(log.rows - before[source].rows for source, log in logs.items()))


def _bars(progress: Progress) -> dict[str, Tick]:
    """A bar for each kind of record; what is dealt with is told to its tick."""
    ticks: dict[str, Tick] = {}
    for kind, files in KINDS.items():
        total = sum(len(read_lines(_folder(code) / name)) for code in SHIPPED for name in files)
        bar = progress.add_task(kind, total=total)

        def tick(number: int, bar: Any = bar) -> None:
            progress.advance(bar, number)

        ticks[kind] = tick
    return ticks


def _folder(code: str) -> Path:
    return checkout() / "demo" / "records" / code


def _work(http: aiohttp.ClientSession, url: str, systems: Mapping[str, Any], code: str, ticks: Mapping[str, Tick]) -> list[Any]:
    """What the systems of one organisation do, each on its own."""
    audits, complaints, responses, families, kpis = (ticks[kind] for kind in KINDS)
    folder = _folder(code)
    surveys = Api(http, url, systems["surveys"])
    return [
        send_outcomes(Api(http, url, systems["case-management"], use_oauth=True), folder, audits),
        send_complaints(Api(http, url, systems["complaints"]), folder, complaints),
        send_responses(surveys, folder, responses),
        _answer(surveys, folder, code, families),
        send_kpis(Api(http, url, systems["performance"]), folder, kpis),
    ]


async def _answer(api: Api, folder: Path, code: str, tick: Callable[[int], None]) -> None:
    families = await issue_links(api, folder, tick)
    await answer_all(families, questions_of(code), tick)


def questions_of(code: str) -> dict[str, list[str]]:
    """Codes of each questionnaire's questions in order, in its newest version."""
    document: dict[str, Any] = read_profile(checkout() / "profiles" / code).document(["questionnaires"])
    return {
        each["code"]: [question["code"] for question in each["versions"][-1]["questions"]]
        for each in document["questionnaires"]
    }
