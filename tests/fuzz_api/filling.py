"""Records of every kind, sent as other systems and staff send them, so that there is something to be found and changed."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx

RECORDS = Path(__file__).resolve().parents[2] / "demo" / "records" / "worcestershire"


class Kept(Protocol):
    """What is kept of it: bodies that were taken, by the template of their path, and answers with theirs."""

    url: str
    bodies: dict[str, Any]
    answers: list[tuple[str, Any]]


def fill(kept: Kept, system: Mapping[str, str], officer: Mapping[str, str]) -> None:
    """Send everything: what systems send with the headers of one, what staff do with those of an officer."""
    today = date.today()  # noqa: DTZ011 - any day near today will do
    with httpx.Client(base_url=kept.url, headers=dict(officer), timeout=60) as http:
        _staff_and_round(_Sender(kept, http), today)
    with httpx.Client(base_url=kept.url, headers=dict(system), timeout=60) as http:
        send = _Sender(kept, http)
        _feedback(send, today)
        _complaints(send, today)
        _audit(send, today)
        for each in _lines("kpi-observations.jsonl", 5):
            send("POST", "/reporting/v1/kpis/observations", {"observations": [each]})


def _lines(name: str, most: int) -> list[Any]:
    return [json.loads(line) for line in (RECORDS / name).read_text().splitlines()[:most]]


class _Sender:
    """Sends records as one caller, and keeps what was taken and answered."""

    def __init__(self, kept: Kept, http: httpx.Client) -> None:
        self._kept = kept
        self._http = http

    def __call__(self, method: str, path: str, body: Any, template: str = "") -> Any:
        answer = self._http.request(method, path, json=body, headers={"Idempotency-Key": uuid4().hex})
        if answer.is_error:
            raise RuntimeError(f"{method} {path} was answered {answer.status_code}: {answer.text[:800]}")
        self._kept.bodies.setdefault(template or path, body)
        found = answer.json() if answer.content else None
        self._kept.answers.append((path, found))
        return found

    def file(self, path: str, content: bytes) -> None:
        """A file of a record."""
        headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/octet-stream"}
        headers["Content-Disposition"] = 'attachment; filename="note.txt"'
        answer = self._http.post(path, content=content, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"POST {path} was answered {answer.status_code}: {answer.text[:800]}")
        self._kept.answers.append((path, answer.json()))


def _feedback(send: _Sender, today: date) -> None:
    for each in _lines("families.jsonl", 3):
        send("POST", "/feedback/v1/invitations", each["invitation"])
    for each in _lines("responses.jsonl", 3):
        send("POST", "/feedback/v1/responses", each)
    due = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    for each in _lines("calls.jsonl", 3):
        body = {"programme": each["programme"], "reference": each["reference"], "due_on": due.isoformat()}
        send("POST", "/feedback/v1/calls", body)
    for each in _lines("stars.jsonl", 3):
        for point in each["points"][:2]:
            common = {name: each[name] for name in ("person", "star", "service_area", "worker")}
            taken = (today - timedelta(days=point["days_ago"])).isoformat()
            body = {**common, "point": point["point"], "taken_on": taken, "scores": point["scores"], "answered_by": "self"}
            send("POST", "/feedback/v1/stars", body)


def _complaints(send: _Sender, today: date) -> None:
    base, template = "/complaints/v1/complaints", "/complaints/v1/complaints/{complaint_id}"
    for record in _lines("complaints.jsonl", 4):
        found = send("POST", base, record["complaint"])
        for step in record["steps"]:
            general = "/".join("{number}" if part.isdigit() else part for part in step["path"].split("/"))
            send("POST", f"{base}/{found['complaint_id']}/{step['path']}", step["body"], f"{template}/{general}")
        send.file(f"{base}/{found['complaint_id']}/files", b"What was said on the telephone.\n")
    # One that is open, with everything still before it.
    fresh = {**_lines("complaints.jsonl", 1)[0]["complaint"], "reference": "CSC-9001", "received_on": today.isoformat()}
    send("POST", base, fresh)
    for each in _lines("compliments.jsonl", 2):
        send("POST", "/complaints/v1/compliments", each)
    for each in [each for each in _lines("ombudsman-cases.jsonl", 9) if each["case"]["complaint_reference"] is None][:2]:
        case = send("POST", "/complaints/v1/ombudsman-cases", each["case"])
        path = "/complaints/v1/ombudsman-cases/{}/outcome"
        send("POST", path.format(case["case_id"]), each["outcome"], path.format("{case_id}"))
    for number in (1, 2):
        body = {
            "reference": f"CRM-{number}",
            "received_on": today.isoformat(),
            "said": "complaint",
            "narrative": "Nobody came.",
        }
        send("POST", "/complaints/v1/representations", body)


def _audit(send: _Sender, today: date) -> None:
    outcomes = _lines("audit-outcomes.jsonl", 6)
    for outcome in outcomes:
        send("POST", "/audit/v1/outcomes", outcome)
    send("POST", "/audit/v1/outcomes/batch", {"outcomes": outcomes})
    for number in (1, 2):
        dispute = {
            "reference": f"ESC-{number}", "raised_on": (today - timedelta(days=7)).isoformat(), "raised_by": "iro",
            "raised_person": "lee-walsh", "category": "drift-and-delay", "service_area": "through-care",
            "case_number": f"LCS-{number}", "concern": "No order was applied for after two reviews.", "role": "Team manager",
        }  # fmt: skip
        raised = send("POST", "/audit/v1/disputes", dispute)
        if number == 1:
            answer = {"answered_on": today.isoformat(), "answer": "It is being applied for."}
            send("POST", f"/audit/v1/disputes/{raised['dispute_id']}/answer", answer, "/audit/v1/disputes/{dispute_id}/answer")
        good = {
            "reference": f"PA-{number}", "acknowledged_on": today.isoformat(), "raised_by": "iro", "origin": "review",
            "worker": "lee-walsh", "service_area": "send", "team": "send-north", "good": "The child's own words led the plan.",
        }  # fmt: skip
        send("POST", "/audit/v1/acknowledgements", good)


def _staff_and_round(send: _Sender, today: date) -> None:
    """A round of audits that was circulated, as the demonstration begins one."""
    first = today.replace(day=1)
    send("PUT", "/audit/v1/people", {"people": _lines("staff.jsonl", 100)})
    programme = "/audit/v1/programmes/{programme}/rounds"
    begun = send("POST", programme.format(programme="send-new-ehcp"), {"period": f"{today:%Y-%m}", "size": 2}, programme)
    cases = [
        {name: value for name, value in each.items() if name != "days_ago"}
        | {"practice_on": (first - timedelta(days=each["days_ago"])).isoformat()}
        for each in _lines("case-list.jsonl", 100)
    ]
    steps, template = f"/audit/v1/rounds/{begun['round_id']}", "/audit/v1/rounds/{round_id}"
    send("POST", f"{steps}/cases", {"cases": cases, "replace": True}, f"{template}/cases")
    send("POST", f"{steps}/draw", {"seed": 2026}, f"{template}/draw")
    send("POST", f"{steps}/allocation", None, f"{template}/allocation")
    send("POST", f"{steps}/circulation", None, f"{template}/circulation")
