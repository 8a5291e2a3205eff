"""Issued reports in the demonstration: written, prepared and issued by one officer and checked by another, on the pages.

One of each organisation, of the quarter whose figures were printed. A second run finds them issued and adds nothing; one that
was cut short goes on from where it came to.
"""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from loop_cli.compare_records import read_lines
from loop_cli.demo_feedback import OFFICER, SECOND_OFFICER, Person
from loop_cli.profile_files import SHIPPED

_STEP = "/reporting/issued/[0-9a-f-]{36}"
_AT_WORK = re.compile(rf'href="({_STEP})">Read what was prepared')
_ISSUED = re.compile(rf'href="{_STEP}">Version \d')


def issue_reports(url: str, records: Path) -> int:
    """Issue the reports of the records that are not issued yet; how many were."""
    return sum(_issue(url, org, each) for org in SHIPPED for each in read_lines(records / org / "issued-reports.jsonl"))


def _issue(url: str, org: str, each: Mapping[str, Any]) -> bool:
    desk, where = f"/reporting/reports/{each['report']}/desk", f"?period={each['period']}"
    with Person(url, OFFICER, org) as officer:
        shown = officer.open(desk + where)
        if _ISSUED.search(shown):
            return False
        version = _at_work(shown)
        if version is None:
            for section, words in each["texts"].items():
                _write(officer, f"{desk}/words/{section}{where}", words)
            version = officer.fill(desk + where, f"{desk}/prepare{where}")
        # Who prepared it cannot check it. One that a run was cut short in may be checked already.
        with Person(url, SECOND_OFFICER, org) as second:
            if f'action="{version}/check"' in second.open(version):
                second.fill(version, f"{version}/check")
        officer.fill(version, f"{version}/issue")
    return True


def _at_work(shown: str) -> str | None:
    found = _AT_WORK.search(shown)
    return found[1] if found else None


def _write(officer: Person, page: str, words: str) -> None:
    """Save a text; one that stands there already, from a run that was cut short, is left as it is."""
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", officer.open(page), re.DOTALL)
    if area is not None and unescape(area[1]).strip() == words.strip():
        return
    officer.fill(page, page, words=words)
