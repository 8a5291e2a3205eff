"""Complaints, compliments and Ombudsman cases of social care, in both organisations.

What is printed stands as tables: how many came in, by service area and quarter. All else is drawn with a fixed seed, so that
every table of the reports has something to show: procedures, suspensions, withdrawals, later stages and panels, and learning.
"""

# ruff: noqa: S311 - made-up records need a seed, not secrecy
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from random import Random

from generators.complaints import (
    COMPLIMENTS,
    QUARTERS,
    SEND_COMPLIMENTS,
    Record,
    answered,
    complaint,
    decision,
    investigated,
    response,
    spread,
    step,
)
from generators.days import add_working_days, pick, quarter

COMPLAINTS = {
    "through-care": (14, 17, 6, 9, 5),
    "children-with-disabilities": (4, 2, 2, 4, 4),
    "family-front-door": (8, 18, 12, 11, 10),
    "fostering-and-kinship": (1, 0, 1, 2, 5),
    "safeguarding": (26, 23, 20, 25, 21),
    "targeted-family-support": (1, 4, 3, 1, 2),
    "qa-and-independent-review": (5, 0, 0, 0, 0),
}
# Of Telford & Wrekin no figures of complaints are printed; these are made up, in the order of QUARTERS.
TELFORD_COMPLAINTS = {
    "family-safeguarding": (9, 11, 8, 7, 6),
    "children-in-care": (6, 5, 7, 4, 5),
    "fostering": (1, 0, 2, 0, 1),
}
TELFORD_COMPLIMENTS = {
    "family-safeguarding": (5, 3, 4, 2, 6),
    "children-in-care": (2, 4, 0, 3, 1),
    "fostering": (1, 2, 0, 1, 3),
}
NATURES = (
    "staff-attitude-and-behaviour",
    "decision-making",
    "communication",
    "quality-or-timeliness-of-assessment",
    "practice-not-compliant",
    "lack-of-or-delay-in-service",
    "discrimination",
)
COMPLAINANTS = (
    "parent",
    "parent",
    "parent",
    "parental-responsibility",
    "carer",
    "child-or-young-person",
    "care-leaver",
    "advocate",
)
FINDINGS = (
    "upheld",
    "partially-upheld",
    "partially-upheld",
    "not-upheld",
    "not-upheld",
    "not-upheld",
    "no-finding",
    "withdrawn",
)
SOURCES = ("child-or-young-person", "parent-or-carer", "parent-or-carer", "other-professional")
DAYS = (4, 6, 7, 8, 9, 9, 10, 10, 12, 13, 15, 18, 19, 20, 23, 31)
UPHELD = {"upheld", "partially-upheld"}
ACTIONS = (
    "Say at the first visit how and when the family will hear from us.",
    "Give the child's plan to the family within five working days of the meeting.",
    "Talk in supervision about how decisions are explained.",
    "Check each month that assessments are shared before they are signed off.",
)
REASONS = ("The procedure had changed already.", "What went wrong was put right while the complaint was looked into.")


def complaints(prefix: str, table: Mapping[str, Sequence[int]]) -> Iterator[Record]:
    """Five quarters by service area."""
    random = Random(f"complaints {prefix}")
    numbers = count(1)
    for position, code in reversed(list(enumerate(QUARTERS))):
        first, last = quarter(code)
        for area, received_by_quarter in table.items():
            for _ in range(received_by_quarter[position]):
                number = next(numbers)
                yield one(f"{prefix}-{number:04}", number, area, pick(random, first, last), random)


def one(reference: str, number: int, area: str, received: date, random: Random) -> Record:
    """A complaint with one to three points; one in seven by the corporate procedure, one in twenty-three withdrawn."""
    categories = random.sample(NATURES, random.choice((1, 1, 2, 2, 3)))
    findings = [random.choice(FINDINGS) for _ in categories]
    days = random.choice(DAYS)
    procedure = "corporate" if number % 7 == 3 else "childrens-statutory"  # noqa: PLR2004 - one in seven
    if area == "fostering-and-kinship" and number % 2:
        procedure = "fostering"
    body = complaint(reference, procedure, received, categories, service_area=area, raised_by=random.choice(COMPLAINANTS))
    if number % 23 == 5:  # noqa: PLR2004 - one in twenty-three
        ended = add_working_days(received, 5)
        steps = [step("stages/1/ending", ended_on=ended, ending="withdrawn", reason="Settled by talking about it.")]
        return {"complaint": body, "steps": steps}
    steps = list(first_stage(procedure, number, received, days, findings))
    sent = date.fromisoformat(steps[-1]["body"]["responded_on"])
    if procedure == "childrens-statutory" and number % 12 == 1:
        findings = list(later_stages(steps, sent, findings, random, panel=number % 24 == 1))
    elif procedure == "corporate" and number % 28 == 3:  # noqa: PLR2004 - every fourth of these
        steps.append(step("stages/2/request", requested_on=add_working_days(sent, 6)))
        steps.append(decision(add_working_days(sent, 9), declined=True))
    learning = list(learned(findings, number, area))
    return {"complaint": body, "steps": steps, **({"learning": learning} if learning else {})}


def first_stage(procedure: str, number: int, received: date, days: int, findings: list[str]) -> Iterator[Record]:
    """Stage 1; every ninth that takes long enough is suspended for four working days."""
    day_zero = received
    if procedure == "corporate":
        day_zero = add_working_days(received, 2)
        yield step("stages/1/acknowledgement", acknowledged_on=day_zero)
    if days > 12 and number % 9 in {0, 4}:  # noqa: PLR2004 - see above
        yield step("stages/1/suspension", suspended_on=add_working_days(day_zero, 2), code="police", reason=None)
        yield step("stages/1/resumption", resumed_on=add_working_days(day_zero, 6))
    yield from answered(day_zero, days, findings)


def later_stages(steps: list[Record], sent: date, findings: list[str], random: Random, *, panel: bool) -> Iterator[str]:
    """Stage 2, which finds otherwise on some points, and a review panel; the last findings."""
    requested = add_working_days(sent, random.randint(2, 15))
    second = ["upheld" if each == "partially-upheld" else each for each in findings]
    second = ["no-finding" if each == "withdrawn" else each for each in second]
    taken = random.choice((25, 40, 62, 70))
    steps.append(step("stages/2/request", requested_on=requested))
    steps.append(decision(add_working_days(requested, 2), declined=False))
    steps.extend(investigated(requested, taken, second))
    if panel:
        asked = add_working_days(add_working_days(requested, taken), random.randint(3, 18))
        met = add_working_days(asked, random.choice((24, 29, 30, 34)))
        reported = add_working_days(met, random.choice((4, 5, 8)))
        steps.append(step("stages/3/request", requested_on=asked))
        steps.append(decision(add_working_days(asked, 1), declined=False, stage=3))
        steps.append(step("stages/3/panel", panel_on=met))
        steps.append(step("stages/3/report", reported_on=reported))
        second = ["partially-upheld" if each == "no-finding" else each for each in second]
        steps.append(response(3, add_working_days(reported, random.choice((11, 15, 17))), second))
    yield from second


def learned(findings: list[str], number: int, area: str) -> Iterator[Record]:
    """What was learned of points that were upheld: mostly an action, sometimes a reason for none, and of some nothing yet."""
    for place, finding in enumerate(findings, 1):
        if finding not in UPHELD or (number + place) % 5 == 0:
            continue
        point = {"point": str(place)}
        if (number + place) % 11 == 0:
            yield {**point, "reason": REASONS[number % len(REASONS)]}
            continue
        themes = [("communication",), ("assessments", "timeliness"), ("plans-and-outcomes",), ("management-oversight",)]
        done = ["done"] if (number + place) % 3 == 0 else []
        review = ["review"] if done and (number + place) % 2 == 0 else []
        yield {
            **point,
            "what": ACTIONS[number % len(ACTIONS)],
            "service_area": area,
            "themes": list(themes[number % len(themes)]),
            "steps": [*done, *review],
            "difference": ("yes", "partly", "no")[number % 3],
        }


def compliments(prefix: str, table: Mapping[str, Sequence[int]]) -> Iterator[Record]:
    """Compliments of five quarters, with internal ones, which are kept and not counted."""
    random = Random("compliments" if prefix == "COMP" else f"compliments {prefix}")
    numbers = count(1)

    def received(code: str, area: str, source: str, *, external: bool) -> Record:
        return {
            "reference": f"{prefix}-{next(numbers):04}",
            "received_on": str(pick(random, *quarter(code))),
            "service_area": area,
            "team": None,
            "source": source,
            "external": external,
        }

    for position, code in reversed(list(enumerate(QUARTERS))):
        for area, by_quarter in table.items():
            for _ in range(by_quarter[position]):
                yield received(code, area, random.choice(SOURCES), external=True)
        for area in random.sample(tuple(table), 2):
            yield received(code, area, "colleague", external=False)
    if table is not COMPLIMENTS:
        return
    for source in spread(SEND_COMPLIMENTS, random):
        yield received("2022-23-q1", "send", source, external=True)
    yield received("2022-23-q1", "send", "colleague", external=False)


def ombudsman_cases(prefix: str, areas: Sequence[str]) -> Iterator[Record]:
    """One upheld with two actions, one closed, and one that is still investigated."""
    for number, (area, accepted, outcome_on, outcome, actions) in enumerate(
        (
            (areas[0], "2021-06-14", "2021-12-07", "upheld", 2),
            (areas[1], "2021-10-04", "2022-02-21", "closed", 0),
            (areas[0], "2022-05-17", "2022-06-28", "not-upheld", 0),
        ),
        1,
    ):
        yield {
            "case": {
                "reference": f"{prefix}-{number:02}",
                "complaint_reference": None,
                "service_area": area,
                "accepted_on": accepted,
            },
            "outcome": {"outcome_on": outcome_on, "outcome": outcome, "actions": actions},
        }
