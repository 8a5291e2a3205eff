"""How programmes, rounds and their cases read on a page: codes and figures become words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from audit.adapters.round_audits import AuditRow, Progress
from audit.adapters.rounds import CaseRow
from audit.domain.allocation import parts_of
from audit.domain.audit import PartState, State
from audit.domain.conflicts import REVIEW
from audit.domain.profile import Tool
from audit.domain.programme import Rhythm, StratifyBy
from audit.domain.round import WITHDRAWAL_REASONS, Round, RoundState
from audit.domain.sampling import EVERYTHING, Reason
from audit.pages.audit_view import PART_STATES, PARTS, STATES, part_name
from audit.pages.view import NOTHING, Words, day, moment
from audit.use_cases.read_rounds import Overview, RoundView

RHYTHMS: dict[Rhythm, str] = {"monthly": "Every month", "quarterly": "Every quarter"}
STRATA: dict[StratifyBy, str] = {"team": "by team", "service-area": "by service area", "none": "over all cases"}
ROUND_STATES: dict[RoundState, tuple[str, str]] = {
    RoundState.PREPARING: ("Being prepared", "grey"),
    RoundState.DRAWN: ("Drawn", "yellow"),
    RoundState.CIRCULATED: ("Circulated", "blue"),
    RoundState.CLOSED: ("Closed", "green"),
}
STANDINGS = {"picked": "Picked", "spare": "Spare", "excluded": "Left out", "listed": "Listed"}
STEPS = {
    "begun": "Begun",
    "listed": "List of cases loaded",
    "drawn": "Drawn",
    "draw-undone": "Draw taken back",
    "allocated": "Allocated",
    "circulated": "Circulated",
    "case-replaced": "Case replaced",
    "withdrawn": "Audit withdrawn",
    "reallocated": "Part given to somebody else",
    "findings": "Findings written",
    "closed": "Closed",
}
_FIGURES = {
    "size": "{} cases",
    "added": "{} added",
    "changed": "{} changed",
    "removed": "{} taken off",
    "listed": "{} on the list",
    "picked": "{} picked",
    "spare": "{} spare",
    "excluded": "{} left out",
    "audits": "{} audits",
    "reference": "{}",
    "seed": "seed {}",
    "place": "case {}",
    "moved_up": "case {} moved up",
}
COUNTS = (
    ("allocated", "Allocated"),
    ("submitted", "Submitted"),
    ("moderated", "Moderated"),
    ("reviewed", "Reviewed"),
    ("late", "Late"),
)
"""What progress is counted in."""


def period_words(of: Round) -> str:
    """The period of a round: November 2026, October to December 2026, or of one by itself 3 October 2026 to 4 December 2026."""
    if of.programme is not None:
        return span_words(of.period_from, of.period_to)
    return f"{day(of.period_from)} to {day(of.period_to)}"


def span_words(first: date, last: date) -> str:
    """A month or a quarter, whose whole months these are."""
    return f"{first:%B %Y}" if first.month == last.month else f"{first:%B} to {last:%B %Y}"


def title_of(of: Round) -> str:
    """What a round is called."""
    return f"{of.title}, {period_words(of)}"


def stratum_words(stratum: str, words: Words) -> str:
    """A team, a service area, or the whole list."""
    if stratum == EVERYTHING:
        return "the whole list"
    return words.team(stratum) if stratum in words.profile.teams else words.area(stratum)


def reason_words(text: str, words: Words) -> str:
    """Why a case stands where it does."""
    if not text:
        return NOTHING
    reason = Reason.parse(text)
    figures = dict(reason.figures)
    if "stratum" in figures:
        figures["stratum"] = stratum_words(figures["stratum"], words)
    for name in ("on", "first", "last", "since"):
        if name in figures:
            figures[name] = day(figures[name])
    figures["reason"] = WITHDRAWAL_REASONS.get(figures.get("reason", ""), "").lower()
    return _REASONS.get(reason.code, reason.code).format_map(figures)


_REASONS = {
    "picked": "Drawn as number {rank} of {of} in {stratum}, which gives {taken}",
    "spare": "Spare: number {rank} of {of} in {stratum}, which gives {taken}",
    "replaced": "Moved up for case {place} of the draw, in {stratum}",
    "taken-out": "Taken out of the draw: {reason}",
    "unknown-team": "Team {team} is not known in its service area, or no longer in use",
    "no-team": "Names no team, and its service area has teams",
    "no-practice-day": "Names no day of practice",
    "outside-practice": "Practice of {on}: not between {first} and {last}",
    "audited-lately": "Audited on {on}: not before {since}",
}


def overview_row(overview: Overview) -> dict[str, Any]:
    """One line of a programme's rounds."""
    of = overview.round
    words, colour = ROUND_STATES[of.state]
    totals = total(overview.progress)
    return {
        "href": f"/audit/rounds/{of.id}",
        "name": period_words(of) if of.programme is not None else of.title,
        "state": words,
        "colour": colour,
        "submit_by": day(of.submit_by),
        "counts": [totals[name] if overview.progress else NOTHING for name, _ in COUNTS[:-1]],
        "late": totals["late"],
    }


def total(progress: Iterable[Progress]) -> dict[str, int]:
    """Progress over all teams."""
    rows = list(progress)
    return {name: sum(getattr(row, name) for row in rows) for name, _ in COUNTS}


def progress_table(progress: Sequence[Progress], words: Words) -> dict[str, Any]:
    """Progress by team, in the shape of the reports' tables."""
    rows: list[dict[str, Any]] = [
        {
            "code": f"{row.service_area}-{row.team or 'all'}",
            "label": words.team(row.team) if row.team else words.area(row.service_area),
            "cells": [_cell(getattr(row, name)) for name, _ in COUNTS],
        }
        for row in sorted(progress, key=lambda row: (row.service_area, row.team or ""))
    ]
    totals = total(progress)
    rows.append({"code": "total", "label": "All", "total": True, "cells": [_cell(totals[name]) for name, _ in COUNTS]})
    return {
        "code": "progress",
        "title": "How far it is, by team",
        "rows_label": "Team",
        "columns": [{"code": name, "label": label, "unit": "count"} for name, label in COUNTS],
        "rows": rows,
        "notes": ["Withdrawn audits are not counted. Late: past the day of submission, moderation or review."],
    }


def _cell(value: int) -> dict[str, Any]:
    return {"state": "value" if value else "zero", "value": value, "n": None, "of": None}


def facts(view: RoundView, words: Words, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is known of a round besides its cases and audits."""
    of = view.round
    sample = of.rules.sample
    rules = [f"{of.size} {'case' if of.size == 1 else 'cases'}, {STRATA[sample.stratify_by]}"]
    if of.programme is None:
        rules.append(f"practice of {day(of.period_from)} to {day(of.period_to)}")
    elif sample.practice_months is not None:
        rules.append(f"practice of the {sample.practice_months} months before it is circulated")
    if sample.not_audited_within_months is not None:
        rules.append(f"not audited for {sample.not_audited_within_months} months")
    return [
        ("Tool", f"{words.tool(of.tool)}, version {of.tool_version}"),
        ("Service areas", ", ".join(words.area(area) for area in of.rules.service_areas)),
        ("Sample", "; ".join(rules)),
        *([("Seed of the draw", f"{of.seed}, drawn {moment(of.drawn_at)}")] if of.drawn_at is not None else []),
        ("To be circulated", day(of.circulate_on)),
        *([("Circulated", moment(of.circulated_at))] if of.circulated_at is not None else []),
        ("Submit by", day(of.submit_by)),
        ("Moderate by", day(of.moderate_by)),
        ("Begun by", names.get(of.created_by, of.created_by)),
    ]


def part_codes(audits: Sequence[AuditRow], tool: Tool | None) -> list[str]:
    """The parts that the audits of a round have, in the tool's order, and the review where somebody holds it."""
    found = {part for audit in audits for part in audit.people}
    order = [*(parts_of(tool) if tool else ()), REVIEW]
    return [*(part for part in order if part in found), *sorted(found - set(order))]


def heading(part: str, tool: Tool | None) -> str:
    """What a part is called in a heading."""
    return "Reviewer" if part == REVIEW else part_name(part, tool)


def audit_row(
    audit: AuditRow, parts: Sequence[str], words: Words, names: Mapping[str, str], case: str | None, today: date
) -> dict[str, Any]:
    """One line of the allocation."""
    state, colour = STATES[State(audit.state)]
    return {
        "href": f"/audit/audits/{audit.id}",
        "id": audit.id,
        "reference": audit.reference,
        "case": case,
        "team": words.team(audit.team) if audit.team else words.area(audit.service_area),
        "worker": names.get(audit.worker or ""),
        "state": state,
        "colour": colour,
        "late": late_words(audit, today),
        "reason": WITHDRAWAL_REASONS.get(audit.withdrawal_reason or "", audit.withdrawal_reason),
        "parts": [_part(audit, part, names) for part in parts],
        "withdrawable": State(audit.state) in {State.PLANNED, State.AUDITING, State.SUBMITTED},
    }


def _part(audit: AuditRow, part: str, names: Mapping[str, str]) -> dict[str, Any]:
    person = audit.people.get(part)
    if person is None:
        return {"person": NOTHING, "state": "", "href": None}
    running = audit.state not in {State.CLOSED.value, State.WITHDRAWN.value}
    row = audit.parts.get(part)
    open_ = running and (row is None or row.state != PartState.SUBMITTED.value)
    if part != REVIEW and audit.state == State.MODERATED.value:
        open_ = False
    state = PART_STATES[PartState(row.state)][0] if row is not None and row.state != PartState.OPEN.value else ""
    return {
        "person": names.get(person, person),
        "state": state,
        "href": f"/audit/audits/{audit.id}/people/{part}" if open_ else None,
        "label": f"{PARTS.get(part, part)} of {audit.reference}",
    }


def late_words(audit: AuditRow, today: date) -> str | None:
    """Since when an audit is late; None where it is not."""
    due = {
        State.AUDITING.value: audit.submit_by,
        State.SUBMITTED.value: audit.moderate_by,
        State.MODERATED.value: audit.review_due_on,
    }.get(audit.state)
    return f"Late since {day(due)}" if due is not None and due < today else None


def case_row(case: CaseRow, words: Words, names: Mapping[str, str], number: str | None) -> dict[str, Any]:
    """One line of the list of cases."""
    return {
        "place": case.place or NOTHING,
        "case": number,
        "area": words.area(case.service_area),
        "team": words.team(case.team),
        "worker": names.get(case.worker or "", NOTHING),
        "practice": day(case.practice_on),
        "standing": STANDINGS[case.standing],
        "reason": reason_words(case.reason, words),
    }


def history(view: RoundView, names: Mapping[str, str]) -> list[dict[str, str]]:
    """What was done to a round, the newest first."""
    return [
        {
            "at": moment(step.at),
            "step": STEPS.get(step.step, step.step),
            "by": names.get(step.by, step.by),
            "figures": ", ".join(_figures(step.detail)) or NOTHING,
        }
        for step in reversed(view.steps)
    ]


def _figures(detail: Mapping[str, Any]) -> list[str]:
    """Figures of a step in a fixed order; what is none is not said."""
    said = (words.format(detail[name]) for name, words in _FIGURES.items() if detail.get(name) not in {None, 0})
    return [each.removesuffix("s") if each in {"1 audits", "1 cases"} else each for each in said]
