"""Audit outcomes that give the printed figures, as a case-management system would post them."""

# ruff: noqa: S311 - made-up records need a seed, not secrecy
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from generators.days import add_working_days, pick, quarter

Record = dict[str, Any]

LOOPED = {"lead": 1, "peer": 1, "moderation": 1, "single": 0}
SINGLE = {"lead": 0, "peer": 0, "moderation": 0, "single": 1}

SOCIAL_CARE_SECTIONS = (
    "voice-of-the-child",
    "assessments",
    "plans",
    "management-oversight",
    "partnership-working",
    "strengths-and-relationship-based-practice",
    "embracing-diversity",
)
SEND_SECTIONS = {
    "send-annual-review": (
        "childs-needs-and-voice",
        "parental-consultation",
        "quality-of-the-annual-review",
        "partnership-working",
        "management-oversight",
    ),
    "send-new-ehcp": (
        "childs-needs-and-voice",
        "parental-consultation",
        "quality-of-the-plan",
        "quality-of-the-outcomes",
        "partnership-working",
        "management-oversight",
    ),
}
EVALUATION_SECTIONS = (
    "child-at-the-centre",
    "quality-of-assessments",
    "collaboration-between-agencies",
    "families-involvement",
    "management-oversight",
)
AREAS = (
    "safeguarding",
    "safeguarding",
    "through-care",
    "family-front-door",
    "children-with-disabilities",
    "targeted-family-support",
)

SOCIAL_CARE_GRADES = {"good": 9, "requires-improvement": 12, "inadequate": 1}
TARGETED_AUDITS, TARGETED_CHILDREN = 14, 258
# Audits of each quarter, and how many of them were judged inadequate overall.
SEND_AUDITS = {"2021-22-q4": (12, 1), "2022-23-q1": (8, 1), "2022-23-q2": (6, 0)}
# Service area of each practice evaluation and how many there were.
EVALUATIONS = {
    "cared-for-children": ("children-in-care", 32),
    "child-protection": ("family-safeguarding", 28),
    "children-in-need": ("family-safeguarding", 38),
    "care-leavers": ("children-in-care", 16),
}
PLANS = {"green": 12, "amber": 8, "red": 7}

BEST_FIRST = ("outstanding", "good", "requires-improvement", "inadequate")
EVALUATION_GRADES = ("exceeds-good", "good", "requires-improvement", "inadequate")


# What each section tells of, as the profiles map it; the first of several.
THEMES = {
    "voice-of-the-child": "voice-of-the-child",
    "childs-needs-and-voice": "voice-of-the-child",
    "child-at-the-centre": "voice-of-the-child",
    "parental-consultation": "voice-of-the-child",
    "assessments": "assessments",
    "quality-of-assessments": "assessments",
    "plans": "plans-and-outcomes",
    "quality-of-the-plan": "plans-and-outcomes",
    "quality-of-the-outcomes": "plans-and-outcomes",
    "quality-of-the-annual-review": "plans-and-outcomes",
    "management-oversight": "management-oversight",
    "iro-challenge": "management-oversight",
    "partnership-working": "partnership-working",
    "collaboration-between-agencies": "partnership-working",
    "strengths-and-relationship-based-practice": "strengths-and-relationships",
    "families-involvement": "strengths-and-relationships",
    "embracing-diversity": "diversity-and-identity",
}


def outcome(reference: str, tool: str, kind: str, area: str, completed: date, **more: Any) -> Record:
    """The body of one outcome; what `more` does not say is empty."""
    blank: Record = {
        "reference": reference,
        "version": 1,
        "kind": kind,
        "tool": tool,
        "service_area": area,
        "team": None,
        "case_reference": None,
        "completed_on": str(completed),
        "allocated_on": None,
        "submitted_on": None,
        "moderated_on": None,
        "overall": None,
        "rag": None,
        "findings": [],
        "sections": [],
        "activity": SINGLE,
        "cases": 1,
        "themes": [],
        "actions": [],
    }
    return about_the_weakest({**blank, **more})


def about_the_weakest(body: Record) -> Record:
    """An outcome whose actions are about what was found weakest: the themes of the sections with its worst grade."""
    order = {grade: place for scale in (EVALUATION_GRADES, BEST_FIRST) for place, grade in enumerate(scale)}
    grades = {each["section"]: order[each["grade"]] for each in body["sections"] if each["grade"]}
    if not body["actions"] or not grades:
        return body
    worst = max(grades.values())
    return {**body, "themes": list(dict.fromkeys(THEMES[section] for section, place in grades.items() if place == worst))}


def looped(
    reference: str, tool: str, area: str, month: date, overall: str, sections: tuple[str, ...], random: Random
) -> Record:
    """A lead, a peer and a moderated audit: allocated on the 1st of the month before, moderated within five working days."""
    allocated = (month - timedelta(days=1)).replace(day=1)
    submitted = add_working_days(month, -1)
    moderated = add_working_days(submitted, random.randint(1, 5))
    return outcome(
        reference,
        tool,
        "looped",
        area,
        moderated,
        case_reference=f"CASE-{random.randint(100000, 999999)}",
        allocated_on=str(allocated),
        submitted_on=str(submitted),
        moderated_on=str(moderated),
        overall=overall,
        sections=[graded(section, overall, BEST_FIRST, random, accounts=True) for section in sections],
        activity=LOOPED,
        actions=actions(reference, moderated, random),
    )


def graded(section: str, overall: str, scale: tuple[str, ...], random: Random, *, accounts: bool) -> Record:
    """A section's grade around the overall one; in looped audits with those of lead and peer, who mostly agree."""
    worst = scale.index(overall)
    best = max(0, worst - 1)
    grade = scale[random.choice((best, worst, worst))]
    near = scale[min(len(scale) - 1, scale.index(grade) + 1)]
    state: Record = {"section": section, "grade": grade, "lead": None, "peer": None, "not_applicable": False}
    if section == "embracing-diversity" and random.random() < 0.2:  # noqa: PLR2004
        return {**state, "grade": None, "not_applicable": True}
    if accounts:
        state |= {"lead": random.choice((grade, grade, grade, near)), "peer": random.choice((grade, grade, near))}
    return state


def actions(reference: str, moderated: date, random: Random) -> list[Record]:
    """None to two actions, due within eight weeks and mostly done by then."""
    due = moderated + timedelta(weeks=8)
    return [
        {
            "reference": f"{reference.lower()}-a{number}",
            "due_on": str(due),
            "done_on": str(due - timedelta(days=random.randint(1, 30))) if random.random() < 0.8 else None,  # noqa: PLR2004
        }
        for number in range(1, random.randint(0, 2) + 1)
    ]


def spread(table: dict[str, int], random: Random) -> list[str]:
    """Each key as often as the table says, shuffled."""
    keys = [key for key, number in table.items() for _ in range(number)]
    random.shuffle(keys)
    return keys


def social_care() -> Iterator[Record]:
    """Case file audits of June and July 2022, and the targeted audits of the quarter before."""
    random = Random("social care audits")
    for number, overall in enumerate(spread(SOCIAL_CARE_GRADES, random), 1):
        month = date(2022, 6 + number % 2, 1)
        reference, area = f"AUD-22-{number:03}", random.choice(AREAS)
        yield looped(reference, "social-care-case-file", area, month, overall, SOCIAL_CARE_SECTIONS, random)
    # Sizes between 10 and 27 that add up to what was printed.
    sizes = [10 + position for position in range(TARGETED_AUDITS)]
    sizes[-1] += TARGETED_CHILDREN - sum(sizes)
    for number, size in enumerate(sizes, 1):
        day = pick(random, *quarter("2022-23-q1"))
        findings = random.choice(([], ["good-practice"], ["area-for-development"], ["good-practice", "area-for-development"]))
        area = random.choice(AREAS)
        yield outcome(f"TGT-22-{number:02}", "targeted", "targeted", area, day, cases=size, findings=findings)


def send() -> Iterator[Record]:
    """Case file audits of three quarters."""
    random = Random("SEND audits")
    number = 0
    for code, (audits, inadequate) in SEND_AUDITS.items():
        first, _ = quarter(code)
        better = spread({"good": audits // 2, "requires-improvement": audits - inadequate - audits // 2}, random)
        for position, overall in enumerate(["inadequate"] * inadequate + better):
            number += 1
            month = date(first.year, first.month + position % 3, 1)
            tool = "send-new-ehcp" if number % 3 else "send-annual-review"
            audit = looped(f"SENDAUD-{number:03}", tool, "send", month, overall, SEND_SECTIONS[tool], random)
            yield {**audit, "team": random.choice(("send-north", "send-south", "send-post-16"))}


def corrections(outcomes: list[Record]) -> Iterator[Record]:
    """Higher versions of two outcomes that were posted with slips, in the order in which a system would send them.

    The slips, wrong overall grades, are put into `outcomes` here. Only the corrections count.
    """
    for reference, slip in (("SENDAUD-023", {"overall": "inadequate"}), ("AUD-22-007", {"overall": "outstanding"})):
        index = next(index for index, each in enumerate(outcomes) if each["reference"] == reference)
        yield {**outcomes[index], "version": 2}
        outcomes[index] = {**outcomes[index], **slip}


def evaluations() -> Iterator[Record]:
    """Practice evaluations of 2022-23, done together with the worker; some are moderated."""
    random = Random("practice evaluations")
    for tool, (area, audits) in EVALUATIONS.items():
        sections = (*EVALUATION_SECTIONS, "iro-challenge") if tool == "cared-for-children" else EVALUATION_SECTIONS
        for number in range(1, audits + 1):
            overall = random.choice(
                ("exceeds-good", "good", "good", "good", "requires-improvement", "requires-improvement", "inadequate")
            )
            completed = pick(random, date(2022, 4, 1), date(2023, 3, 31))
            moderated = random.random() < 0.4  # noqa: PLR2004
            reference = f"PE-{tool}-{number:02}"
            yield outcome(
                reference,
                tool,
                "practice-evaluation",
                area,
                completed,
                case_reference=f"LCS-{random.randint(100000, 999999)}",
                submitted_on=str(completed),
                moderated_on=str(completed) if moderated else None,
                overall=overall,
                sections=[graded(section, overall, EVALUATION_GRADES, random, accounts=False) for section in sections],
                activity={**SINGLE, "moderation": 1 if moderated else 0},
                actions=actions(reference, completed, random),
            )


def plans() -> Iterator[Record]:
    """The dip sample of cared-for children's plans: one outcome a plan."""
    random = Random("plans")
    for number, rag in enumerate(spread(PLANS, random), 1):
        findings = {3: ["in-draft"], 11: ["urgent-update"]}.get(number, [])
        yield outcome(
            f"PLAN-22-{number:02}",
            "cared-for-plans",
            "dip-sample",
            "children-in-care",
            pick(random, date(2022, 10, 3), date(2022, 11, 30)),
            case_reference=f"LCS-{random.randint(100000, 999999)}",
            rag=rag,
            findings=findings,
        )
