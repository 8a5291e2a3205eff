"""Whatever is sent: a problem document that says what is wrong, nothing stored, and never a 500."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from services.complaints.tests.support import Desk, complaint

NUL, SURROGATE, HUGE = "a\0b", "\ud800", "x" * 3000

COMPLAINTS: list[tuple[str, Any]] = [
    ("not JSON", b"{"),
    ("no body", b""),
    ("not UTF-8", b'{"reference": "\xff"}'),
    ("a list", []),
    ("a number", 7),
    ("null", None),
    ("NaN", b'{"reference": NaN}'),
    ("deep", b"[" * 100_000),
    ("a number of 5,000 digits", b'{"reference": ' + b"9" * 5000 + b"}"),
    ("nothing in it", {}),
    ("an unknown field", complaint(surname="Smith")),
    ("a wrong type", complaint(reference=7)),
    ("no points", complaint(points=[])),
    ("too many points", complaint(points=[{"reference": str(n), "category": "send-other"} for n in range(101)])),
    ("points that are none", complaint(points=["1"])),
    ("a point with narrative", complaint(points=[{"reference": "1", "category": "send-other", "text": "…"}])),
    ("NUL in a reference", complaint(reference=NUL)),
    ("half a surrogate in a reference", complaint(reference=SURROGATE)),
    ("words for a reference", complaint(reference="Mrs Smith of Elm Road")),
    ("a long reference", complaint(reference=HUGE)),
    ("an empty reference", complaint(reference="")),
    ("NUL in a code", complaint(need=NUL)),
    ("upper case in a code", complaint(need="AUTISM")),
    ("a line end behind a code", complaint(need="autism\n")),
    ("a code of 81 letters", complaint(need="a" * 81)),
    ("a day that is none", complaint(received_on="2022-02-30")),
    ("a day of another form", complaint(received_on="28/04/2022")),
    ("a day with other digits", complaint(received_on="٢٠٢٢-٠٤-٢٨")),
    ("a moment for a day", complaint(received_on="2022-04-28T10:00:00Z")),
    ("a number for a day", complaint(received_on=20220428)),
    ("a day of the year 1", complaint(received_on="0001-01-01")),
    ("a day of the year 9999", complaint(received_on="9999-12-31")),
    ("a needed day left out", {key: value for key, value in complaint().items() if key != "received_on"}),
    ("a needed day of null", complaint(received_on=None)),
]
STEPS: list[tuple[str, str, Any]] = [
    ("extension", "no reason", {"extended_on": "2022-05-11"}),
    ("extension", "an empty reason", {"extended_on": "2022-05-11", "reason": "  "}),
    ("extension", "NUL in the reason", {"extended_on": "2022-05-11", "reason": NUL}),
    ("extension", "half a surrogate in the reason", {"extended_on": "2022-05-11", "reason": SURROGATE}),
    ("extension", "a long reason", {"extended_on": "2022-05-11", "reason": HUGE}),
    ("extension", "tomorrow", {"extended_on": "2022-07-30", "reason": "x"}),
    ("extension", "before it began", {"extended_on": "2022-04-27", "reason": "x"}),
    ("acknowledgement", "a day that is none", {"acknowledged_on": "soon"}),
    ("response", "an unknown finding", {"responded_on": "2022-05-11", "findings": [{"point": "1", "finding": "maybe"}]}),
    ("response", "an unknown point", {"responded_on": "2022-05-11", "findings": [{"point": "9", "finding": "upheld"}]}),
    ("response", "no findings", {"responded_on": "2022-05-11", "findings": []}),
    ("response", "findings of null", {"responded_on": "2022-05-11", "findings": None}),
    ("response", "findings by point", {"responded_on": "2022-05-11", "findings": {"1": "upheld"}}),
]
QUERIES = [
    {"after": "x"},
    {"after": "bm90IG91cnM"},
    {"after": "WzEsMl0"},  # [1,2]
    {"after": "WyIyMDIyLTA0LTI4IiwibnVsbCJd"},  # ["2022-04-28","null"]
    {"after": "\0"},
    {"after": "x" * 300},
    {"limit": "0"},
    {"limit": "501"},
    {"limit": "many"},
    {"on": "yesterday"},
    {"on": "20220428"},
    {"on": "2050-01-01"},
    {"service_area": NUL},
    {"procedure": "'; drop table complaint"},
    {"state": "lost"},
    {"overdue": "maybe"},
]
Events = Callable[[], list[tuple[str, dict[str, Any]]]]


def problem(answer: Any, *statuses: int) -> None:
    """The answer is a problem document of one of the statuses, and repeats nothing of what was sent."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"].startswith("urn:learning-loop:problem:")
    assert body["detail"]
    assert body["request_id"]
    assert "Smith" not in answer.text


class TestBadInput:
    async def test_no_bad_complaint_is_stored(self, desk: Desk, events: Events) -> None:
        for name, body in COMPLAINTS:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {"Idempotency-Key": f"bad/{name}".replace(" ", "-"), "Content-Type": "application/json"}
            answer = await desk.client.post("/complaints/v1/complaints", content=content, headers=headers)
            assert answer.status_code == 422, (name, answer.text)
            problem(answer, 422)
        assert events() == []
        assert await desk.references() == []

    async def test_no_bad_step_is_stored(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        for step, name, body in STEPS:
            content = json.dumps(body).encode()
            headers = {"Idempotency-Key": f"bad/{step}/{name}".replace(" ", "-"), "Content-Type": "application/json"}
            path = f"/complaints/v1/complaints/{ident}/stages/1/{step}"
            answer = await desk.client.post(path, content=content, headers=headers)
            assert answer.status_code == 422, (step, name, answer.text)
            problem(answer, 422)
        assert len(events()) == 2
        assert (await desk.read(ident))["version"] == 1

    @pytest.mark.parametrize("parameters", QUERIES)
    async def test_no_bad_query_is_answered(self, desk: Desk, parameters: dict[str, str]) -> None:
        await desk.receive()
        problem(await desk.client.get("/complaints/v1/complaints", params=parameters), 422)

    @pytest.mark.parametrize("ident", ["x", "00000000-0000-0000-0000-00000000000g", "%00"])
    async def test_no_bad_id_is_looked_for(self, desk: Desk, ident: str) -> None:
        problem(await desk.client.get(f"/complaints/v1/complaints/{ident}"), 422)

    @pytest.mark.parametrize("key", [None, "", "with space", "x" * 256])
    async def test_a_key_is_needed_and_has_a_form(self, desk: Desk, key: str | None) -> None:
        headers = {} if key is None else {"Idempotency-Key": key}
        problem(await desk.client.post("/complaints/v1/complaints", json=complaint(), headers=headers), 422)

    async def test_a_body_of_50_megabytes_is_not_read(self, desk: Desk) -> None:
        answer = await desk.client.post(
            "/complaints/v1/complaints", content=b" " * 50_000_000, headers={"Idempotency-Key": "big"}
        )
        problem(answer, 413)

    async def test_a_body_of_no_declared_length_is_not_read_to_its_end(self, desk: Desk) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 65_536

        headers = {"Idempotency-Key": "endless", "Content-Type": "application/json"}
        problem(await desk.client.post("/complaints/v1/complaints", content=endless(), headers=headers), 413)

    async def test_outcomes_and_compliments_are_as_strict(self, desk: Desk) -> None:
        case = {"reference": "L-1", "service_area": "send", "accepted_on": "2022-06-22"}
        ident = (await desk.post("ombudsman-cases", case)).json()["case_id"]
        for actions in (-1, 1001, "4", 4.5, True, None, 10**30):
            body = {"outcome_on": "2022-07-20", "outcome": "upheld", "actions": actions}
            problem(await desk.post(f"ombudsman-cases/{ident}/outcome", body), 422)
        for external in ("true", 1, None):
            body = {"reference": "C-1", "received_on": "2022-05-01", "service_area": "send", "source": "colleague"}
            problem(await desk.post("compliments", {**body, "external": external}), 422)
