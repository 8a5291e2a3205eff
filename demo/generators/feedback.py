"""Families whose answers give the printed percentages: who answered a link, and for whom staff entered the answers.

The numbers of families are not printed. 19, 7 and 6 are 32 families in all; in Q4 21/22 no single number fits the eight
percentages, so questions were skipped, and each has a number of its own of those who answered it.
"""

# ruff: noqa: S311 - made-up records need a seed, not secrecy
from collections.abc import Iterator
from random import Random
from typing import Any

from generators.days import add_working_days, pick, quarter

Record = dict[str, Any]

QUESTIONS = (
    "involved-in-assessment",
    "aspirations-in-plan",
    "child-shared-views",
    "needs-understood",
    "needs-met",
    "included-in-decisions",
    "easy-to-contact",
    "professionals-together",
)
FAMILIES = {"2021-22-q4": 19, "2022-23-q1": 7, "2022-23-q2": 6}
# (answering yes, answering at all) by question.
YES = {
    "2021-22-q4": ((8, 13), (7, 10), (9, 16), (12, 19), (13, 17), (7, 10), (7, 10), (12, 19)),
    "2022-23-q1": ((6, 7), (7, 7), (6, 7), (6, 7), (5, 7), (5, 7), (5, 7), (6, 7)),
    "2022-23-q2": ((6, 6), (6, 6), (4, 6), (6, 6), (4, 6), (6, 6), (3, 6), (6, 6)),
}
# For these families of a quarter, staff entered the answers: numbers from 0, and how it came about.
ASSISTED = {"2021-22-q4": {3: "audit", 11: "audit"}, "2022-23-q1": {2: "call"}, "2022-23-q2": {0: "visit", 4: "call"}}
WELSH = {("2021-22-q4", 7), ("2022-23-q2", 2)}
TEAMS = ("send-assessment", "send-north", "send-south", "send-post-16")


def answers(code: str, random: Random) -> list[dict[str, Record]]:
    """The answers of each family of a quarter by question, so that yes and answered come out as in `YES`."""
    families: list[dict[str, Record]] = [{} for _ in range(FAMILIES[code])]
    for question, (yes, answered) in zip(QUESTIONS, YES[code], strict=True):
        skipped = len(families) - answered
        given = ["yes"] * yes + [random.choice(("partly", "partly", "no")) for _ in range(answered - yes)] + [""] * skipped
        random.shuffle(given)
        for family, choice in zip(families, given, strict=True):
            family[question] = {"choice": choice} if choice else {"skipped": True}
    return families


def new_ehcp() -> tuple[list[Record], list[Record]]:
    """The families of three quarters: those with a link, and those for whom the answers were entered."""
    linked: list[Record] = []
    entered: list[Record] = []
    for code in FAMILIES:
        random = Random(f"new EHCP {code}")
        first, last = quarter(code)
        for number, given in enumerate(answers(code, random)):
            reference, about, team = f"EHCP-{code}-{number + 1:02}", pick(random, first, last), random.choice(TEAMS)
            common = {
                "reference": reference,
                "questionnaire": "new-ehcp",
                "service_area": "send",
                "team": team,
                "about_on": str(about),
            }
            if channel := ASSISTED[code].get(number):
                day = add_working_days(about, random.randint(3, 15))
                entered.append({**common, "channel": channel, "language": "en", "answered_on": str(day), "answers": given})
            else:
                letter = {**common, "channel": random.choice(("letter", "letter", "email", "text")), "reusable": False}
                linked.append(
                    {
                        "invitation": {**letter, "expires_on": None},
                        "language": "cy" if (code, number) in WELSH else "en",
                        "answers": given,
                    }
                )
    return linked, entered


def telford() -> Iterator[Record]:
    """Foster carers and children of Telford & Wrekin; no figure of theirs is printed."""
    random = Random("telford families")
    first, last = quarter("2022-23-q3")
    words = "Somebody to ring in the evening."
    for number in range(1, 7):
        communication = random.choice(("very-good", "good", "poor"))
        given: dict[str, Record] = {
            "supported": {"choice": random.choice(("very-well", "well", "not-well"))},
            "communication": {"choice": communication},
        }
        if communication == "poor":
            given["what-would-help"] = {"text": words}
        yield family(f"FC-22-{number:02}", "foster-carers", "fostering", str(pick(random, first, last)), given)
    for number in range(1, 5):
        given = {"get-on": {"score": random.choice((3, 4, 5))}, "feel-unsafe": {"choice": "no"}}
        if number == 4:  # noqa: PLR2004 - one child
            given["get-on"] = {"does_not_apply": True}
        yield family(f"MSW-22-{number:02}", "my-social-worker", "children-in-care", str(pick(random, first, last)), given)


def family(reference: str, questionnaire: str, area: str, about_on: str, given: dict[str, Record]) -> Record:
    """A family with a link that was handed over."""
    return {
        "invitation": {
            "reference": reference,
            "questionnaire": questionnaire,
            "service_area": area,
            "team": None,
            "about_on": about_on,
            "channel": "handed-over",
            "reusable": False,
            "expires_on": None,
        },
        "language": "en",
        "answers": given,
    }
