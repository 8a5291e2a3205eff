"""An organisation with records of every kind, as the demonstration makes them, each text and reference carrying a mark."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from chassis.days import british_today
from loop_cli.demo_api import Api
from loop_cli.demo_audits import begin_audits
from loop_cli.demo_credentials import load_or_issue
from loop_cli.demo_families import answer_all
from loop_cli.demo_feedback import ORGANISATION, begin_feedback
from loop_cli.demo_kpis import send_kpis
from loop_cli.demo_load import questions_of
from loop_cli.demo_plans import begin_plan
from loop_cli.demo_records import issue_links, send_complaints, send_outcomes, send_responses
from loop_cli.demo_reports import issue_reports
from loop_cli.operator import Operator
from loop_cli.profile_files import checkout
from loop_cli.stack.embedded import EmbeddedStack
from tests.conftest import ORGS, Outside, key
from tests.e2e.crawl.families import CODE, Links, issue
from tests.projected import wait_until_projected

MARK = "zqmark"
"""Stands in every reference and free text of the organisation that is looked for; too long to stand in a random token."""

OTHER = ORGS[1]
_MOST = {
    "audit-outcomes": 3,
    "complaints": 6,
    "compliments": 2,
    "families": 2,
    "kpi-observations": 30,
    "responses": 2,
    "stars": 6,
}
"""Lines of a file of the demonstration that are enough; of the others all are taken."""
_SHORT = 4  # a point's reference within its complaint is one digit, and no secret


def marked(value: Any, name: str = "") -> Any:
    """A record with the mark in every reference and in all that people wrote."""
    if isinstance(value, dict):
        return {each: marked(inner, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [marked(each, name) for each in value]
    if not isinstance(value, str):
        return value
    if name.endswith(("reference", "quotes")) and len(value) >= _SHORT:
        return f"{MARK}-{value}"
    return f"{value} {MARK}" if value.count(" ") > 1 else value


def write_records(folder: Path) -> None:
    """The records of the demonstration, marked, as files like its own."""
    source = checkout() / "demo" / "records" / ORGANISATION
    escalated = {
        json.loads(line)["case"]["complaint_reference"] for line in (source / "ombudsman-cases.jsonl").read_text().splitlines()
    }
    for path in source.glob("*.jsonl"):
        lines = path.read_text().splitlines()
        more = [
            line for line in lines[_MOST.get(path.stem, 0) :] if path.stem == "complaints" and _reference(line) in escalated
        ]
        lines = lines[: _MOST.get(path.stem)] + more
        (folder / path.name).write_text("".join(json.dumps(marked(json.loads(line))) + "\n" for line in lines))


def _reference(line: str) -> str:
    return str(json.loads(line)["complaint"]["reference"])


async def fill(stack: EmbeddedStack, operator: Operator, outside: Outside) -> Links:
    """Bring about records of every kind, through the pages and interfaces that people and systems use; gives links."""
    with tempfile.TemporaryDirectory() as name:
        records = Path(name)
        folder = records / ORGANISATION
        folder.mkdir()
        write_records(folder)
        systems = load_or_issue(operator, records, (ORGANISATION,))[ORGANISATION]
        async with aiohttp.ClientSession() as http:
            surveys = Api(http, stack.url, systems["surveys"])
            await send_outcomes(Api(http, stack.url, systems["case-management"]), folder, _tick)
            await send_complaints(Api(http, stack.url, systems["complaints"]), folder, _tick)
            await send_responses(surveys, folder, _tick)
            await send_kpis(Api(http, stack.url, systems["performance"]), folder, _tick)
            await answer_all(await issue_links(surveys, folder, _tick), questions_of(ORGANISATION), _tick)
        today = british_today()
        begin_audits(stack.url, records, today)
        begin_feedback(stack.url, systems["family-work"], records, today)
        begin_plan(stack.url, records, today)
        (records / OTHER).mkdir()
        (records / OTHER / "issued-reports.jsonl").write_text("")
        wait_until_projected(stack)
        issue_reports(stack.url, records)
    _raise(outside)
    _families(outside)
    return Links(*issue(outside, ORGANISATION, MARK), _begun(outside))


def _tick(_: int) -> None:
    """Nobody watches a bar."""


def _raise(outside: Outside) -> None:
    """A dispute and an acknowledgement, from the system that those write in who look after children's plans."""
    common = {"service_area": "send", "team": "send-north"}
    dispute = {
        "raised_on": "2026-11-16", "raised_by": "iro", "raised_person": "lee-walsh", "category": "drift-and-delay",
        "case_number": f"{MARK}-204418", "concern": f"No application after two reviews {MARK}.",
    }  # fmt: skip
    good = {
        "acknowledged_on": "2026-11-20", "raised_by": "cp-chair", "raised_person": "jo-bennett", "origin": "review",
        "worker": f"{MARK}-5120", "themes": ["voice-of-the-child"], "good": f"Read the child's own words {MARK}.",
    }  # fmt: skip
    with outside.client("audit:disputes:write", "audit:disputes:read", org=ORGANISATION) as client:
        for path, body in (("disputes", dispute), ("acknowledgements", good)):
            answer = client.post(f"/audit/v1/{path}", json={**common, **body}, headers=key())
            assert answer.status_code == 201, answer.text


def _families(outside: Outside) -> None:
    """One who tells a worry and asks to be called, and one who complains on the public page."""
    with outside.client("feedback:invitations:write", org=ORGANISATION) as client:
        body = {"questionnaire": "have-your-say", "service_area": "send", "channel": "letter", "reusable": False}
        issued = client.post("/feedback/v1/invitations", json={**body, "reference": f"{MARK}-letter"}, headers=key()).json()
    with outside.anybody() as family:
        family.headers["Accept"] = "text/html"
        onward = family.get(httpx.URL(issued["url"]).path).headers["location"]
        onward = re.findall(r'href="(/s/question/\d+)"', family.get(onward).text)[0]
        while onward.startswith("/s/question"):
            page = family.get(onward).text
            onward = _post(family, onward, page, **_given(page))
        _post(family, "/s/check", family.get("/s/check").text)
        told = {"name": f"Jo {MARK}", "phone": "01632 960 777", "best": "after four", "about": f"The plan of my son {MARK}"}
        _post(family, "/s/contact", family.get("/s/contact").text, **told)
    with outside.anybody() as family:
        family.headers["Accept"] = "text/html"
        home = f"/c/{ORGANISATION}"
        for step, fields in _SAID:
            _post(family, f"{home}/{step}", family.get(f"{home}/{step}").text, **fields)
        _post(family, f"{home}/check", family.get(f"{home}/check").text)


def _begun(outside: Outside) -> str:
    """The code of a complaint that somebody has begun to write."""
    with outside.anybody() as family:
        family.headers["Accept"] = "text/html"
        home = f"/c/{ORGANISATION}"
        for step, fields in _SAID[:3]:
            _post(family, f"{home}/{step}", family.get(f"{home}/{step}").text, **fields)
        found = CODE.search(family.get(f"{home}/want").text)
        assert found is not None
        return found[1]


_SAID: tuple[tuple[str, dict[str, str]], ...] = (
    ("kind", {"kind": "complaint"}),
    ("you", {"you": "care-leaver"}),
    ("what", {"what": f"Nobody asked me where I want to live {MARK}."}),
    ("want", {"want": f"Ask me {MARK}", "about": f"Ms Fox, in May {MARK}"}),
    ("reach", {"name": f"Sam {MARK}", "by": "e-mail", "email": f"{MARK}@example.org"}),
    ("advocate", {"advocate": "yes"}),
)


def _given(page: str) -> dict[str, str]:
    """A worry where words are asked for, else the first choice, or none."""
    if "<textarea" in page:
        return {"answer": f"He hits me and I want to die {MARK}"}
    fields = re.findall(r'<input[^>]*name="answer"[^>]*>', page)
    found = [value for field in fields for value in re.findall(r'value="([^"]+)"', field)]
    return {"answer": found[0]} if found else {"skip": "yes"}


def _post(family: httpx.Client, path: str, page: str, **fields: str) -> str:
    """Send the form of a page; gives where it leads."""
    token = re.findall(r'name="csrf" value="([^"]+)"', page)
    assert token, (path, page[:500])
    answer = family.post(path, data={"csrf": token[-1], **fields})
    assert answer.status_code == httpx.codes.SEE_OTHER, (path, answer.status_code, answer.text[-3000:])
    return str(answer.headers["location"])
