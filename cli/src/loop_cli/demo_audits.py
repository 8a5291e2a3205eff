"""Audits at work in the demonstration: the staff, and one round that its QA officer draws, allocates and circulates.

Through the gateway as the made-up QA officer, so that whoever signs in as one of the people afterwards finds work. Nothing of
it is finished, so no figure of the reports moves. A second run finds the round and begins no other.
"""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from loop_cli.compare_records import read_lines
from loop_cli.demo_api import DemoError

ORGANISATION = "worcestershire"
OFFICER = "alex-morgan"
PROGRAMME = "send-new-ehcp"
SIZE = 2
SEED = 2026


class Desk:
    """The QA officer's browser: signed in, and calling the API from the installation's own address."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Origin": url}, timeout=30)

    def __enter__(self) -> Self:
        self._http.__enter__()
        answer = self._http.post("/sign-in", data={"organisation": ORGANISATION, "person": OFFICER, "next": "/audit/"})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise DemoError(f"Nobody could sign in as {OFFICER}: {answer.status_code}.")
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of the audit service. Raises DemoError with what it said where it refuses."""
        answer = self._http.request(method, f"/audit/v1/{path}", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        if answer.is_error:
            raise DemoError(f"{method} /audit/v1/{path} was answered {answer.status_code}: {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found


def begin_audits(url: str, records: Path, today: date) -> bool:
    """List the staff, and circulate a round of this month's new plans; False where a round was begun before."""
    folder = records / ORGANISATION
    with Desk(url) as desk:
        desk.call("PUT", "people", {"people": read_lines(folder / "staff.jsonl")})
        if desk.call("GET", f"rounds?programme={PROGRAMME}")["items"]:
            return False
        begun = desk.call("POST", f"programmes/{PROGRAMME}/rounds", {"period": f"{today:%Y-%m}", "size": SIZE})
        steps = f"rounds/{begun['round_id']}"
        desk.call("POST", f"{steps}/cases", {"cases": _cases(folder, today.replace(day=1)), "replace": True})
        desk.call("POST", f"{steps}/draw", {"seed": SEED})
        desk.call("POST", f"{steps}/allocation")
        desk.call("POST", f"{steps}/circulation")
    return True


def _cases(folder: Path, first: date) -> list[dict[str, Any]]:
    """The case list; its days are told in days before the month, so that they are recent whenever somebody looks."""
    return [
        {name: value for name, value in each.items() if name != "days_ago"}
        | {"practice_on": (first - timedelta(days=each["days_ago"])).isoformat()}
        for each in read_lines(folder / "case-list.jsonl")
    ]
