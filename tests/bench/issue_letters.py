"""Letters issued: links a second over the API, a sheet of 500 from upload to printed inserts, and one of 5,000.

The real web process on a PostgreSQL with durable settings. Run it with `python -m tests.bench issue_letters`.
"""

import asyncio
import re
import statistics
import time
from uuid import uuid4

import httpx

from chassis.identity import HEADER, Identity
from chassis.profiles import load_folder
from loop_cli.profile_files import LAYOUT
from tests.bench.survey_submissions import ORG, ROOT, Stack, installation

BATCH, BATCHES = 1000, 5
ROUNDS = 5
BATCH_PAGE = "/feedback/links/batch"

SECONDS_TAKEN = 40
AIMS = {"links a second, in batches of 1,000": "2,000 or more", "500 inserts as one PDF, seconds": "under 5"}


def run() -> dict[str, float]:
    """Measure once."""
    with installation() as stack:
        return asyncio.run(_measure(stack))


async def _measure(stack: Stack) -> dict[str, float]:
    async with httpx.AsyncClient(base_url=stack.feedback, timeout=60) as client:
        await _apply(client, stack)
        rates = [await _batch(client, stack) for _ in range(BATCHES)]
        small = [await _letters(client, stack, 500, turn) for turn in range(ROUNDS)]
        large = await _letters(client, stack, 5000, ROUNDS)
    return {
        "links a second, in batches of 1,000": BATCH / statistics.median(rates),
        "500 letters checked, seconds": statistics.median(each[0] for each in small),
        "500 letters issued, seconds": statistics.median(each[1] for each in small),
        "500 inserts as one PDF, seconds": statistics.median(each[2] for each in small),
        "5,000 letters checked, seconds": large[0],
        "5,000 letters issued, seconds": large[1],
    }


def _headers(stack: Stack, *grants: str) -> dict[str, str]:
    kind = "operator" if "operator" in grants else "staff"
    identity = Identity(ORG, "staff:bench", kind, frozenset(grants))  # type: ignore[arg-type] # one of two
    return {HEADER: stack.signer.sign(identity, "feedback"), "accept": "text/html"}


async def _apply(client: httpx.AsyncClient, stack: Stack) -> None:
    document = load_folder(ROOT / "profiles" / ORG, LAYOUT).document(("organisation", "questionnaires"))
    answer = await client.put("/feedback/v1/profile", json=document, headers=_headers(stack, "operator"))
    answer.raise_for_status()


async def _batch(client: httpx.AsyncClient, stack: Stack) -> float:
    """Seconds of a batch of links."""
    letter = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter"}
    wanted = {"invitations": [{**letter, "reference": str(uuid4())} for _ in range(BATCH)]}
    headers = {**_headers(stack, "operator"), "Idempotency-Key": str(uuid4())}
    began = time.perf_counter()
    (await client.post("/feedback/v1/invitations/batch", json=wanted, headers=headers)).raise_for_status()
    return time.perf_counter() - began


async def _letters(client: httpx.AsyncClient, stack: Stack, count: int, turn: int) -> tuple[float, float, float]:
    """Seconds until a sheet is checked, until its letters are issued, and until the first 500 inserts are there."""
    headers = _headers(stack, "role:qa-officer")
    token = re.findall('name="csrf" value="([^"]+)"', (await client.get(BATCH_PAGE, headers=headers)).text)[-1]
    sheet = "\n".join(["reference", *(f"{turn}-{number}" for number in range(count))]).encode()
    choice = {"csrf": token, "questionnaire": "new-ehcp", "service_area": "send", "channel": "letter"}
    began = time.perf_counter()
    sent = await client.post(BATCH_PAGE, data=choice, files={"file": ("letters.csv", sheet)}, headers=headers)
    checked = time.perf_counter()
    done = await client.post(sent.headers["location"], data={"csrf": token, "do": "issue"}, headers=headers)
    issued = time.perf_counter()
    inserts = await client.get(f"{done.headers['location']}/inserts-1.pdf", headers=headers)
    inserts.raise_for_status()
    return checked - began, issued - checked, time.perf_counter() - issued
