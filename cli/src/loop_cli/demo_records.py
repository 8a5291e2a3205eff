"""Sending the records of demo/records as other systems would: audit outcomes in batches, complaints step by step, links."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from chassis.days import british_today
from loop_cli.compare_records import read_lines
from loop_cli.demo_api import Answer, Api, refused

BATCH = 50
AT_ONCE = 16
"""Requests under way at the same time for one kind of record."""

Record = dict[str, Any]
Tick = Callable[[int], None]
"""Called with the number of records that were dealt with."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Family:
    """A family with a link that nobody has answered yet."""

    url: str
    questionnaire: str
    language: str
    answers: dict[str, Record]


async def many(work: Callable[[_T], Awaitable[None]], items: Iterable[_T], at_once: int = AT_ONCE) -> None:
    """Does the work for every item, some at once; the first error ends all."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: _T) -> None:
        async with gate:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))


def chunks(items: Sequence[_T], size: int) -> Iterable[Sequence[_T]]:
    """The items in pieces of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


async def send_outcomes(api: Api, folder: Path, tick: Tick) -> None:
    """Audit outcomes in batches, then the corrections, as a case-management system would at night."""
    for name in ("audit-outcomes.jsonl", "audit-corrections.jsonl"):

        async def batch(outcomes: Sequence[Record]) -> None:
            path = "/audit/v1/outcomes/batch"
            answer = await api.post(path, {"outcomes": list(outcomes)})
            expect(answer, path)
            for result in answer.body["results"]:
                if result["status"] == "refused" and not _is_superseded(result["problem"]):
                    raise refused("POST", f"{path} (item {result['index']})", Answer(409, result["problem"]))
            tick(len(outcomes))

        await many(batch, chunks(read_lines(folder / name), BATCH))


def _is_superseded(problem: Record) -> bool:
    # The first version of an outcome, sent again after its correction.
    return str(problem["type"]).endswith(":version-superseded")


async def send_complaints(api: Api, folder: Path, tick: Tick) -> None:
    """Complaints, each followed by its steps in order; then what was learned, what the Ombudsman did, and compliments."""
    base = "/complaints/v1/complaints"
    to_learn: list[tuple[str, Record]] = []

    async def complaint(record: Record) -> None:
        answer = await api.post(base, record["complaint"])
        expect(answer, base)
        for step in record["steps"]:
            path = f"{base}/{answer.body['complaint_id']}/{step['path']}"
            expect(await api.post(path, step["body"]), path)
        points = {each["reference"]: each["point_id"] for each in answer.body["points"]}
        at = f"{base}/{answer.body['complaint_id']}/points"
        to_learn.extend((f"{at}/{points[each['point']]}", each) for each in record.get("learning", ()))
        tick(1)

    async def case(record: Record) -> None:
        path = "/complaints/v1/ombudsman-cases"
        answer = await api.post(path, record["case"])
        expect(answer, path)
        if record["outcome"]:
            path = f"{path}/{answer.body['case_id']}/outcome"
            expect(await api.post(path, record["outcome"]), path)
        tick(1)

    async def compliment(record: Record) -> None:
        path = "/complaints/v1/compliments"
        expect(await api.post(path, record), path)
        tick(1)

    await many(complaint, read_lines(folder / "complaints.jsonl"))
    await _learn(api, to_learn)
    await many(case, read_lines(folder / "ombudsman-cases.jsonl"))
    await many(compliment, read_lines(folder / "compliments.jsonl"))


async def _learn(api: Api, to_learn: Sequence[tuple[str, Record]]) -> None:
    """Actions and reasons of the points that still ask for one: they are recorded and due on days that depend on today."""
    asking = {each["point_id"] async for each in api.pages("/complaints/v1/points-that-ask-for-learning", limit=100)}
    today = british_today()

    async def one(item: tuple[str, Record]) -> None:
        path, learning = item
        if path.rpartition("/")[2] not in asking:
            return
        if "reason" in learning:
            expect(await api.post(f"{path}/no-learning-action", {"reason": learning["reason"]}), path)
            return
        due_on = today + timedelta(days=10 + len(learning["what"]))
        plan = {"what": learning["what"], "owner": {"name": "Team manager"}, "service_area": learning["service_area"]}
        action = {**plan, "team": None, "themes": learning["themes"], "due_on": str(due_on)}
        answer = await api.post(f"{path}/learning-actions", action)
        expect(answer, path)
        for step in learning["steps"]:
            told = {"step": step, "note": "Seen in the file and talked about in the team."}
            told |= {"difference": learning["difference"]} if step == "review" else {}
            steps = f"/complaints/v1/learning-actions/{answer.body['action_id']}/steps"
            answer = await api.post(steps, told, seen=answer.body["revision"])
            expect(answer, steps)

    await many(one, to_learn)


async def send_responses(api: Api, folder: Path, tick: Tick) -> None:
    """Answers that staff entered for families."""

    async def response(record: Record) -> None:
        path = "/feedback/v1/responses"
        expect(await api.post(path, record), path)
        tick(1)

    await many(response, read_lines(folder / "responses.jsonl"))


async def issue_links(api: Api, folder: Path, tick: Tick) -> list[Family]:
    """Links for the families that have not answered; the installation is asked who has.

    A link is told once. Where an earlier run issued one and ended before it was answered, it is withdrawn and a new one is sent
    under the reference of the letter that takes its place (`EHCP-...-2`).
    """
    states = {each["reference"]: each async for each in _invitations(api)}
    waiting: dict[str, Record] = {}
    for family in read_lines(folder / "families.jsonl"):
        reference, answered = family["invitation"]["reference"], False
        for number in range(1, 100):
            letter = reference if number == 1 else f"{reference}-{number}"
            state = states.get(letter)
            if state is None:
                waiting[letter] = family
                break
            if answered := state["state"] == "answered":
                break
            if state["state"] == "open":
                path = f"/feedback/v1/invitations/{state['invitation_id']}/withdrawal"
                expect(await api.post(path, {}), path)
        if answered:
            tick(1)
    return await _issue(api, waiting)


async def _invitations(api: Api) -> AsyncIterator[Record]:
    async for each in api.pages("/feedback/v1/invitations"):
        yield each


async def _issue(api: Api, waiting: dict[str, Record]) -> list[Family]:
    families: list[Family] = []
    path = "/feedback/v1/invitations/batch"
    for letters in chunks(list(waiting), BATCH):
        invitations = [{**waiting[letter]["invitation"], "reference": letter} for letter in letters]
        answer = await api.post(path, {"invitations": invitations})
        expect(answer, path)
        for letter, result in zip(letters, answer.body["results"], strict=True):
            if result["status"] != "issued":
                raise refused("POST", f"{path} ({letter})", Answer(409, result["problem"] or result))
            family = waiting[letter]
            questionnaire = family["invitation"]["questionnaire"]
            families.append(Family(result["url"], questionnaire, family["language"], family["answers"]))
    return families


def expect(answer: Answer, path: str) -> None:
    """Raises DemoError for anything but success."""
    if answer.status not in {200, 201}:
        raise refused("POST", path, answer)
