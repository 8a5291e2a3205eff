"""Complaints of SEND, compliments and Ombudsman cases that give the printed figures.

What is printed stands here as tables; everything that is not printed (days, order, who complained) is drawn with a fixed seed.
"""

# ruff: noqa: S311 - made-up records need a seed, not secrecy
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from generators.days import add_working_days, pick, quarter

Record = dict[str, Any]

QUARTERS = ("2022-23-q1", "2021-22-q4", "2021-22-q3", "2021-22-q2", "2021-22-q1")

COMPLIMENTS = {
    "through-care": (3, 0, 4, 2, 0),
    "children-with-disabilities": (1, 1, 0, 3, 0),
    "targeted-family-support": (1, 3, 3, 1, 2),
    "family-front-door": (1, 2, 8, 0, 5),
    "fostering-and-kinship": (0, 0, 0, 2, 0),
    "safeguarding": (8, 9, 4, 11, 9),
    "qa-and-independent-review": (2, 3, 2, 0, 3),
}
SEND_COMPLIMENTS = {"parent-or-carer": 11, "other-professional": 10}

SEND_TEAMS = {"send-north": 6, "send-south": 3, "send-post-16": 4}
SEND_NEEDS = {"semh": 4, "slcn": 1, "autism": 3, "physical-or-sensory": 3, "none-listed": 2}
SEND_POINTS = {
    ("send-decision-making", "not-upheld"): 3,
    ("send-communication", "upheld"): 13,
    ("send-communication", "partially-upheld"): 8,
    ("send-communication", "not-upheld"): 2,
    ("send-communication", "no-finding"): 2,
    ("send-ehcp-not-implemented", "upheld"): 4,
    ("send-ehcp-not-implemented", "partially-upheld"): 2,
    ("send-ehcp-not-implemented", "not-upheld"): 1,
    ("send-standard-of-service", "upheld"): 1,
    ("send-standard-of-service", "partially-upheld"): 1,
    ("send-standard-of-service", "not-upheld"): 3,
    ("send-other", "no-finding"): 4,
}
SEND_POINTS_A_COMPLAINT = (5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2)
# Working days to the answer: 4 of 0-10, 6 of 11-20, 3 of 21 and more, with the days on both sides of each edge.
SEND_DAYS = (6, 9, 10, 10, 11, 12, 14, 17, 20, 20, 21, 24, 29)

INFORMAL_ROUTES = {"director": 17, "mp-or-councillor": 12, "direct": 10}
INFORMAL_CATEGORIES = {
    "send-decision-making": 10,
    "send-communication": 12,
    "send-ehcp-not-implemented": 2,
    "send-standard-of-service": 9,
    "send-request": 1,
    "send-other": 4,
    "send-no-reason": 1,
}
ANSWERED_LATER, NEVER_ANSWERED = -1, -2
# 24 of 0-5, 9 of 6-10, 4 of more than 10, and 2 that were open at the end of the quarter.
INFORMAL_DAYS = (*(0, 1, 2, 3, 4, 5) * 4, 6, 6, 7, 7, 8, 8, 9, 10, 10, 11, 13, 16, 22, ANSWERED_LATER, NEVER_ANSWERED)

STAGE_1, STAGE_2 = 10, 25


def spread(table: dict[Any, int], random: Random) -> list[Any]:
    """Each key as often as the table says, shuffled."""
    keys = [key for key, number in table.items() for _ in range(number)]
    random.shuffle(keys)
    return keys


def step(path: str, **body: object) -> Record:
    """A step of a complaint: the path below the complaint, and the body that is posted."""
    return {"path": path, "body": {key: str(value) if isinstance(value, date) else value for key, value in body.items()}}


def answered(received: date, days: int, findings: list[str]) -> Iterator[Record]:
    """Stage 1: extended on day 8 where it took more than ten working days, and answered."""
    if days > STAGE_1:
        extended = add_working_days(received, 8)
        yield step("stages/1/extension", extended_on=extended, reason="More than one agency has to answer.")
    yield response(1, add_working_days(received, days), findings)


def response(stage: int, responded: date, findings: list[str]) -> Record:
    """The answer of a stage, with a finding on each point in order."""
    points = [{"point": str(number), "finding": finding} for number, finding in enumerate(findings, 1)]
    return step(f"stages/{stage}/response", responded_on=responded, findings=points)


def complaint(reference: str, procedure: str, received: date, categories: list[str], **more: str | None) -> Record:
    """The body that is posted when a complaint comes in; each point is of the complaint's own service area."""
    return {
        "reference": reference,
        "procedure": procedure,
        "received_on": str(received),
        "service_area": more.pop("service_area"),
        "team": more.pop("team", None),
        "need": more.pop("need", None),
        "route": more.pop("route", None),
        "raised_by": more.pop("raised_by", None),
        "points": [
            {"reference": str(number), "category": category, "service_area": None}
            for number, category in enumerate(categories, 1)
        ],
    }


def send_complaints() -> Iterator[Record]:
    """Stage 1 of Q1 22/23 with what became of it, and one complaint of the quarter before whose stage 2 was accepted in Q1."""
    random = Random("send stage 1")
    first, last = quarter("2022-23-q1")
    teams, needs, points = spread(SEND_TEAMS, random), spread(SEND_NEEDS, random), spread(SEND_POINTS, random)
    # Those that took long first, so that all answers, and what follows some of them, are inside the quarter.
    for number, (size, days) in enumerate(zip(SEND_POINTS_A_COMPLAINT, reversed(SEND_DAYS), strict=True)):
        dealt, points = points[:size], points[size:]
        escalates = number < 5  # noqa: PLR2004 - five asked for stage 2
        received = pick(random, first, add_working_days(last, -days - (25 if escalates else 1)))
        findings = [finding for _, finding in dealt]
        steps = list(answered(received, days, findings))
        if escalates:
            requested = add_working_days(add_working_days(received, days), random.randint(3, 12))
            steps.append(step("stages/2/request", requested_on=requested))
            steps.append(decision(add_working_days(requested, random.randint(3, 9)), declined=number > 0))
            if number == 0:
                # Accepted, and still in progress when the quarter ended.
                second = ["upheld" if finding == "upheld" else "not-upheld" for finding in findings]
                steps.extend(investigated(requested, 58, second))
        yield {
            "complaint": complaint(
                f"SEND-22-{number + 1:03}",
                "send",
                received,
                [category for category, _ in dealt],
                service_area="send",
                team=teams[number],
                need=needs[number],
                route="direct",
                raised_by="parent",
            ),
            "steps": steps,
        }
    yield earlier_send_complaint()


def decision(decided: date, *, declined: bool, stage: int = 2) -> Record:
    """Whether a request for a later stage is followed."""
    return step(
        f"stages/{stage}/decision",
        decided_on=decided,
        decision="declined" if declined else "accepted",
        reason="Every point was answered at stage 1, and an investigation could add nothing." if declined else None,
    )


def investigated(requested: date, days: int, findings: list[str]) -> Iterator[Record]:
    """Stage 2, counted from the request: extended on day 20 where it took more than 25 working days, and answered."""
    if days > STAGE_2:
        yield step("stages/2/extension", extended_on=add_working_days(requested, 20), reason="Many people have to be seen.")
    yield response(2, add_working_days(requested, days), findings)


def earlier_send_complaint() -> Record:
    """Received and answered in Q4 21/22; stage 2 was accepted and answered in Q1 22/23."""
    received = date(2022, 2, 14)
    requested = add_working_days(received, 28)
    return {
        "complaint": complaint(
            "SEND-21-118",
            "send",
            received,
            ["send-communication", "send-ehcp-not-implemented"],
            service_area="send",
            team="send-south",
            need="autism",
            route="direct",
            raised_by="parent",
        ),
        "steps": [
            *answered(received, 16, ["partially-upheld", "not-upheld"]),
            step("stages/2/request", requested_on=requested),
            decision(date(2022, 4, 6), declined=False),
            *investigated(requested, 51, ["upheld", "partially-upheld"]),
        ],
    }


def send_informal() -> Iterator[Record]:
    """Informal complaints and enquiries of Q1 22/23, one point each."""
    random = Random("send informal")
    first, last = quarter("2022-23-q1")
    routes, categories = spread(INFORMAL_ROUTES, random), spread(INFORMAL_CATEGORIES, random)
    days = list(INFORMAL_DAYS)
    random.shuffle(days)
    for number, (route, category, taken) in enumerate(zip(routes, categories, days, strict=True), 1):
        open_at_end = taken in {ANSWERED_LATER, NEVER_ANSWERED}
        earliest = add_working_days(last, -7) if open_at_end else first
        received = pick(random, earliest, last if open_at_end else add_working_days(last, -taken))
        answer = response(1, add_working_days(received, 9 if open_at_end else taken), ["no-finding"])
        yield {
            "complaint": complaint(
                f"SENDINF-22-{number:03}",
                "send-informal",
                received,
                [category],
                service_area="send",
                team=random.choice(tuple(SEND_TEAMS)),
                route=route,
                raised_by="mp-or-councillor" if route == "mp-or-councillor" else "parent",
            ),
            "steps": [] if taken == NEVER_ANSWERED else [answer],
        }


def ombudsman_cases() -> Iterator[Record]:
    """One case whose outcome came in Q1 22/23, with four actions, and one that was accepted in it."""
    yield {
        "case": {"reference": "LGSCO-21-07", "complaint_reference": None, "service_area": "send", "accepted_on": "2021-11-16"},
        "outcome": {"outcome_on": "2022-05-24", "outcome": "upheld", "actions": 4},
    }
    yield {
        "case": {
            "reference": "LGSCO-22-02",
            "complaint_reference": "SEND-21-118",
            "service_area": "send",
            "accepted_on": "2022-06-22",
        },
        "outcome": None,
    }
