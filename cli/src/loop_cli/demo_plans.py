"""An improvement plan in the demonstration, opened by an officer on the pages. A second run finds it and adds nothing."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from loop_cli.compare_records import read_lines
from loop_cli.demo_api import DemoError
from loop_cli.demo_feedback import OFFICER, ORGANISATION, Person

LIST = "/reporting/plans"
_PLAN = re.compile(r'href="(/reporting/plans/[0-9a-f-]{36})"[^>]*>([^<]*)<')
_STREAM = re.compile(r'href="(/reporting/plans/[0-9a-f-]{36}/actions/new\?workstream=[0-9a-f-]{36})"')


def begin_plan(url: str, records: Path, today: date) -> bool:
    """Open the plans of the records; False where all of them are there already.

    One that a run was cut short in stays as far as it came: what is missing can be added on its pages.
    """
    with Person(url, OFFICER) as officer:
        there = {unescape(title) for _, title in _PLAN.findall(officer.open(LIST))}
        new = [each for each in read_lines(records / ORGANISATION / "plans.jsonl") if each["title"] not in there]
        for each in new:
            _open(officer, each, today)
    return bool(new)


def _open(officer: Person, each: Mapping[str, Any], today: date) -> None:
    head = {name: each[name] for name in ("title", "purpose", "service_area")}
    plan = officer.fill(f"{LIST}/new", LIST, **head)
    for place, stream in enumerate(each["workstreams"]):
        officer.fill(f"{plan}/workstreams/new", f"{plan}/workstreams/new", title=stream["title"], lead=stream["lead"])
        streams = [unescape(link) for link in _STREAM.findall(officer.open(plan))]
        if len(streams) <= place:
            raise DemoError(f"The plan {each['title']} does not show its workstream {place + 1}.")
        for action in stream["actions"]:
            _add(officer, plan, streams[place], action, today)


def _add(officer: Person, plan: str, form: str, action: Mapping[str, Any], today: date) -> None:
    due = today + timedelta(days=action["due_in_days"])
    fields: dict[str, Any] = {name: action[name] for name in ("what", "owner", "milestone")}
    fields |= {"due-day": due.day, "due-month": due.month, "due-year": due.year}
    made = officer.fill(form, f"{plan}/actions/new", **fields)
    if "measure" in action:
        quarter = (today.month - 4) % 12 // 3 + 1
        year = today.year - (today.month < 4)  # noqa: PLR2004 - the financial year begins in April
        measure = {**action["measure"], "start": f"{year}-{(year + 1) % 100:02}-q{quarter}"}
        officer.fill(f"{made}/measure", f"{made}/measure", **measure)
    if "says" in action:
        officer.fill(made, made, step="rag", **action["says"])
