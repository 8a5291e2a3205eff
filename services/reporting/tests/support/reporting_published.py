"""A set of events that gives the published figures of 2022 (there are many such sets; demo/ has another)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from reporting_records import complaint, ident, outcome, responded, response

from contracts import complaints
from contracts.base import Event

Q1 = date(2022, 4, 4)  # the first quarter of 2022/23
QUARTERS = [date(2022, 4, 4), date(2022, 1, 4), date(2021, 10, 4), date(2021, 7, 5), date(2021, 4, 6)]

TEAMS = ["send-north"] * 6 + ["send-south"] * 3 + ["send-post-16"] * 4
NEEDS = ["semh"] * 4 + ["slcn"] + ["autism"] * 3 + ["physical-or-sensory"] * 3 + ["none-listed"] * 2
DAYS = [5, 8, 9, 10, 11, 12, 14, 16, 18, 20, 21, 25, 40]
FINDINGS = {
    "send-decision-making": [0, 0, 3, 0],
    "send-communication": [13, 8, 2, 2],
    "send-ehcp-not-implemented": [4, 2, 1, 0],
    "send-standard-of-service": [1, 1, 3, 0],
    "send-other": [0, 0, 0, 4],
}
WORDS = ["upheld", "partially-upheld", "not-upheld", "no-finding"]
INFORMAL = {
    "send-decision-making": 10,
    "send-communication": 12,
    "send-ehcp-not-implemented": 2,
    "send-standard-of-service": 9,
    "send-request": 1,
    "send-other": 4,
    "send-no-reason": 1,
}

COMPLAINTS = {
    "through-care": [14, 17, 6, 9, 5],
    "children-with-disabilities": [4, 2, 2, 4, 4],
    "family-front-door": [8, 18, 12, 11, 10],
    "fostering-and-kinship": [1, 0, 1, 2, 5],
    "safeguarding": [26, 23, 20, 25, 21],
    "targeted-family-support": [1, 4, 3, 1, 2],
    "qa-and-independent-review": [5, 0, 0, 0, 0],
}
COMPLIMENTS = {
    "through-care": [3, 0, 4, 2, 0],
    "children-with-disabilities": [1, 1, 0, 3, 0],
    "targeted-family-support": [1, 3, 3, 1, 2],
    "family-front-door": [1, 2, 8, 0, 5],
    "fostering-and-kinship": [0, 0, 0, 2, 0],
    "safeguarding": [8, 9, 4, 11, 9],
    "qa-and-independent-review": [2, 3, 2, 0, 3],
}
# Of each question, yes and answered, in Q4 21/22, Q1 and Q2 22/23; 19, 7 and 6 families.
EHCP = {
    "involved-in-assessment": [(8, 13), (6, 7), (6, 6)],
    "aspirations-in-plan": [(7, 10), (7, 7), (6, 6)],
    "child-shared-views": [(9, 16), (6, 7), (4, 6)],
    "needs-understood": [(12, 19), (6, 7), (6, 6)],
    "needs-met": [(13, 17), (5, 7), (4, 6)],
    "included-in-decisions": [(7, 10), (5, 7), (6, 6)],
    "easy-to-contact": [(7, 10), (5, 7), (3, 6)],
    "professionals-together": [(12, 19), (6, 7), (6, 6)],
}


def worcestershire() -> list[Event]:
    """Everything of Worcestershire's reports."""
    return [*_send(), *_informal(), *_social_care(), *_ehcp(), *_audits()]


def telford() -> list[Event]:
    """Everything of Telford & Wrekin's report."""
    events: list[Event] = []
    for tool, number in {"cared-for-children": 32, "child-protection": 28, "children-in-need": 38, "care-leavers": 16}.items():
        fields: dict[str, Any] = {"kind": "practice-evaluation", "tool": tool, "scale": "exceeds-good"}
        events += [
            outcome(f"{tool}-{n}", date(2022, 4, 5) + timedelta(days=n * 9), service_area="children-in-care", **fields)
            for n in range(number)
        ]
    for n in range(27):
        rag = "red" if n < 7 else "amber" if n < 15 else "green"
        findings = ("in-draft",) if n == 3 else ("urgent-update",) if n == 0 else ()
        kind: Any = "dip-sample"
        more = {"kind": kind, "tool": "cared-for-plans", "overall": None, "rag": rag, "findings": findings, "scale": None}
        events.append(outcome(f"plan-{n}", date(2022, 10, 3), service_area="children-in-care", **more))
    return events


def _send() -> Iterator[Event]:
    points = [(c, WORDS[i]) for c, row in FINDINGS.items() for i, number in enumerate(row) for _ in range(number)]
    for n in range(13):
        mine = points[n::13]
        reference, received = f"send-{n}", Q1 + timedelta(days=n * 6)
        yield complaint(reference, received, categories=[c for c, _ in mine], team=TEAMS[n], need=NEEDS[n])
        yield responded(reference, received, DAYS[n], [finding for _, finding in mine])
        if n < 5:
            yield from _stage2(reference, received + timedelta(days=30), accepted=n == 0)
    # Received in the quarter before; its stage 2 was accepted in this one and answered in it.
    earlier = date(2022, 2, 1)
    yield complaint("send-earlier", earlier, categories=["send-transport"], team="send-north", need="autism")
    yield responded("send-earlier", earlier, 10, ["not-upheld"])
    yield from _stage2("send-earlier", date(2022, 4, 11), accepted=True)
    yield responded("send-earlier", date(2022, 4, 11), 25, stage=2, on=date(2022, 5, 20))
    for n, (accepted, outcome_on) in enumerate([(date(2022, 5, 3), None), (date(2021, 9, 1), date(2022, 4, 20))]):
        case = ident("case", n)
        yield complaints.OmbudsmanCaseAccepted(case_id=case, service_area="send", accepted_on=accepted)
        if outcome_on:
            yield complaints.OmbudsmanOutcomeReceived(case_id=case, outcome_on=outcome_on, outcome="upheld", actions=4)
    for n, source in enumerate(["parent-or-carer"] * 11 + ["other-professional"] * 10):
        yield _compliment(f"send-{n}", Q1, "send", source)


def _stage2(reference: str, on: date, *, accepted: bool) -> Iterator[Event]:
    complaint_id = ident("complaint", reference)
    yield complaints.StageRequested(complaint_id=complaint_id, stage=2, requested_on=on)
    decided = on + timedelta(days=3)
    yield complaints.StageDecided(
        complaint_id=complaint_id, stage=2, decided_on=decided, decision="accepted" if accepted else "declined"
    )
    if accepted:
        yield complaints.StageStarted(
            complaint_id=complaint_id,
            stage=2,
            started_on=on,
            due_on=on + timedelta(days=35),
            limit=25,
            calendar="2026-11-23-fa8aa550",
        )


def _informal() -> Iterator[Event]:
    categories = [category for category, number in INFORMAL.items() for _ in range(number)]
    routes = ["director"] * 17 + ["mp-or-councillor"] * 12 + ["direct"] * 10
    days = [3] * 24 + [8] * 9 + [15] * 4 + [None, None]
    for n, (category, route, took) in enumerate(zip(categories, routes, days, strict=True)):
        reference, received = f"informal-{n}", Q1 + timedelta(days=n)
        yield complaint(
            reference, received, procedure="send-informal", formality="informal", categories=[category], route=route
        )
        if took is not None:
            yield responded(reference, received, took)
        elif n == 38:
            # Answered, but after the quarter: open at its end.
            yield responded(reference, received, 40, on=date(2022, 7, 20))


def _compliment(reference: str, on: date, area: str, source: str, *, external: bool = True) -> Event:
    return complaints.ComplimentReceived(
        compliment_id=ident("compliment", reference), received_on=on, service_area=area, source=source, external=external
    )


def _social_care() -> Iterator[Event]:
    for area, numbers in COMPLAINTS.items():
        for quarter, number in zip(QUARTERS, numbers, strict=True):
            for n in range(number):
                procedure = ("childrens-statutory", "corporate")[n % 2]
                day = quarter + timedelta(days=n)
                yield complaint(f"{area}-{quarter}-{n}", day, procedure=procedure, area=area, categories=["communication"])
    for area, numbers in COMPLIMENTS.items():
        for quarter, number in zip(QUARTERS, numbers, strict=True):
            for n in range(number):
                yield _compliment(f"{area}-{quarter}-{n}", quarter + timedelta(days=n), area, "parent-or-carer")
        yield _compliment(f"{area}-internal", Q1, area, "colleague", external=False)


def _ehcp() -> Iterator[Event]:
    for index, (day, families) in enumerate([(date(2022, 1, 10), 19), (date(2022, 4, 11), 7), (date(2022, 7, 11), 6)]):
        for n in range(families):
            answers = {}
            for question, counts in EHCP.items():
                yes, answered = counts[index]
                answers[question] = "yes" if n < yes else ("partly", "no")[n % 2] if n < answered else "skipped"
            yield response(f"ehcp-{index}-{n}", day + timedelta(days=n), answers)


def _audits() -> Iterator[Event]:
    grades = ["good"] * 9 + ["requires-improvement"] * 12 + ["inadequate"]
    for n, grade in enumerate(grades):
        yield outcome(f"social-care-{n}", date(2022, 6, 1) + timedelta(days=n * 2), overall=grade)
    for n, cases in enumerate([18] * 13 + [24]):
        kind: Any = "targeted"
        more = {"kind": kind, "tool": "targeted", "cases": cases, "overall": None, "scale": None}
        yield outcome(f"targeted-{n}", date(2022, 6, 10), **more)
    for quarter, number, inadequate in ((date(2022, 1, 10), 12, 1), (date(2022, 4, 11), 8, 1), (date(2022, 7, 11), 6, 0)):
        for n in range(number):
            tool = ("send-annual-review", "send-new-ehcp")[n % 2]
            grade = "inadequate" if n < inadequate else "good"
            yield outcome(f"send-{quarter}-{n}", quarter + timedelta(days=n), tool=tool, service_area="send", overall=grade)
