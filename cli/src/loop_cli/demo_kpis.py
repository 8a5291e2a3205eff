"""Posting the figures of KPIs of demo/records as a performance system would: in batches, over the public interface."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from chassis.days import british_today
from loop_cli.compare_records import read_lines
from loop_cli.demo_api import Api
from loop_cli.demo_records import Tick, expect

FILE = "kpi-observations.jsonl"
PATH = "/reporting/v1/kpis/observations"
BATCH = 500
_MONTHS = 12
_QUARTER = 3

Record = dict[str, Any]


async def send_kpis(api: Api, folder: Path, tick: Tick) -> None:
    """Those with a month, as often as it runs; those of the last months only where there are none yet.

    They move with the day, and a later run would correct what stands; so they go as one batch, which is there or not.
    """
    lines = read_lines(folder / FILE)
    fixed = [each for each in lines if "month" in each]
    for start in range(0, len(fixed), BATCH):
        await _post(api, fixed[start : start + BATCH])
        tick(len(fixed[start : start + BATCH]))
    today = british_today()
    recent = [each for each in lines if "months_ago" in each]
    first = max((each["months_ago"] for each in recent), default=0)
    asked: dict[str, str | int] = {"from": month_ago(today, first), "limit": 1}
    if not (await api.get(PATH, **asked))["items"]:
        await _post(api, of_today(recent, today))
    tick(len(recent))


def of_today(recent: Sequence[Record], today: date) -> list[Record]:
    """Figures of so many months ago with their months; of quarterly KPIs those that end a quarter."""
    found = []
    for each in recent:
        month = month_ago(today, each["months_ago"])
        if each["every"] == "month" or int(month[-2:]) % _QUARTER == 0:
            found.append(
                {**{name: value for name, value in each.items() if name not in {"months_ago", "every"}}, "month": month}
            )
    return found


def month_ago(today: date, months: int) -> str:
    """The month that many months before today's: 2026-10."""
    index = today.year * _MONTHS + today.month - 1 - months
    return f"{index // _MONTHS}-{index % _MONTHS + 1:02}"


async def _post(api: Api, observations: Sequence[Record]) -> None:
    if not observations:
        return
    answer = await api.post(PATH, {"observations": list(observations)})
    if answer.slug != "observations-conflict":  # what somebody has corrected since stands
        expect(answer, PATH)
