"""How what evidence says of a theme is told on pages."""

from typing import Any

from reporting.domain import dimensions
from reporting.domain.before_after import first_told
from reporting.domain.day_words import day_words
from reporting.domain.profile import Profile
from reporting.domain.statistics import Evidence, evidence, percent_half_up
from reporting.domain.tallies import Count
from reporting.domain.themes import ANSWERS, POINTS, SECTIONS, UPHELD, Row
from reporting.domain.tracker import SOURCES, TrackedAction
from reporting.domain.triangulation import Finding, Judgement, Kind, Movement, Standing, Together
from reporting.use_cases.look_back import LookedBack
from reporting.use_cases.read_themes import OneTheme

KINDS = {
    Kind.AUDITS: "What audits found",
    Kind.FEEDBACK: "What families and children say",
    Kind.COMPLAINTS: "What people complain about",
}
_TOGETHER = {
    Together.DISAGREE: "They disagree",
    Together.MET: "They agree: good enough",
    Together.MISSED: "They agree: not good enough",
    Together.UNTOLD: "Too little to say",
}
_TONES = {Standing.MET: "green", Standing.MISSED: "red"}


def standing(finding: Finding, standard: int) -> str:
    """What a finding says beside the standard."""
    complaints = finding.kind is Kind.COMPLAINTS
    return {
        Standing.MET: "Most not upheld" if complaints else f"At or above {standard}%",
        Standing.MISSED: "Most upheld" if complaints else f"Below {standard}%",
        Standing.OPEN: "Not clear",
        Standing.TOO_FEW: "Too few to say",
        Standing.NOTHING: "None decided" if complaints else "Nothing recorded",
    }[finding.standing]


def movement(finding: Finding) -> str:
    """What may be said of it beside a year before, where there is something."""
    complaints = finding.kind is Kind.COMPLAINTS
    return {
        Movement.BETTER: "Fewer complaints than a year before" if complaints else "Up on a year before",
        Movement.WORSE: "More complaints than a year before" if complaints else "Down on a year before",
    }.get(finding.movement, "")


def judged(judgement: Judgement) -> str:
    """What the evidence says together."""
    words = _TOGETHER[judgement.together]
    if judgement.opposed:
        words += ", and moved in opposite directions"
    if judgement.together is not Together.UNTOLD and not judgement.firm:
        words += ". Some of it is of fewer than 30: a pointer, not a comparison"
    return words


def row(found: Row) -> dict[str, Any]:
    """A row for the templates."""
    return {
        "code": found.theme.code,
        "name": found.theme.name,
        "standard": found.theme.standard,
        "area": found.area,
        "area_name": found.area_name,
        "together": judged(found.judgement),
        "disagree": found.judgement.together is Together.DISAGREE,
        "findings": [
            {
                "kind": each.kind.value,
                "title": KINDS[each.kind],
                "figure": each.figure,
                "note": each.note,
                "since": each.since,
                "standing": standing(each, found.theme.standard),
                "tone": _TONES.get(each.standing, "grey"),
                "movement": movement(each),
            }
            for each in found.findings
        ],
    }


def quarters(found: OneTheme) -> dict[str, Any]:
    """The counts by quarter as a table for `data_table`."""
    columns = (
        (SECTIONS, "Sections good or better", "%"),
        (ANSWERS, "Answers favourable", "%"),
        (POINTS, "Complaint points", "points"),
        (UPHELD, "Points upheld at stage 1", "%"),
    )
    return {
        "code": "quarters",
        "title": "Quarter by quarter",
        "rows_label": "Quarter",
        "columns": [{"code": code.replace("_", "-"), "label": label, "unit": unit} for code, label, unit in columns],
        "rows": [
            {"code": period.code, "label": period.short, "cells": [_cell(counts[code], unit) for code, _, unit in columns]}
            for period, counts in found.quarters
        ],
        "notes": ["Where a share is of fewer than 10 surveys, audits or complaints, the numbers are given and no percentage."],
    }


def _cell(count: Count, unit: str) -> dict[str, Any]:
    if unit != "%":
        return {"state": "value" if count.n else "zero", "value": count.n, "n": None, "of": None}
    if not count.of:
        return {"state": "not-collected", "value": None, "n": None, "of": None}
    cell: dict[str, Any] = {"state": "value", "value": percent_half_up(count.n, count.of), "n": count.n, "of": count.of}
    if evidence(count.sources) is Evidence.TOO_FEW_TO_REPORT:
        cell["text"] = f"{count.n} of {count.of}"
    return cell


def action(found: TrackedAction, profile: Profile) -> dict[str, Any]:
    """A completed action for the templates."""
    done_on = found.done_on or found.set_on
    return {
        "key": found.key,
        "name": found.name,
        "href": found.href,
        "source": SOURCES[found.source],
        "area": dimensions.label(profile, "service_area", found.service_area, done_on, {}),
        "done_on": day_words(done_on),
        "found": found.found,
    }


def spans(found: LookedBack) -> dict[str, str]:
    """The days before and after; or the day from which something can be said."""
    if found.spans is None:
        return {"from": day_words(first_told(found.action.done_on or found.action.set_on))}
    (a, b), (c, d) = found.spans.before, found.spans.after
    return {"before": f"{day_words(a)} to {day_words(b)}", "after": f"{day_words(c)} to {day_words(d)}"}
