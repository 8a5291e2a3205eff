"""How agreement reads on a page: shares with what they are of, coefficients with their interval, or the reason for none."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from audit.adapters.agreement_reader import Disagreement
from audit.domain.agreement import MINIMUM, Coefficient, Reason, Share, Weights
from audit.domain.agreement_report import (
    Agreement,
    Compared,
    Comparison,
    Drift,
    SectionAgreement,
    Standing,
    ToolAgreement,
)
from audit.domain.judgement import OVERALL
from audit.pages.view import Words, day
from chassis.pages.figures import number

COMPARED = {
    Comparison.LEAD_PEER: ("Lead auditor", "Peer auditor"),
    Comparison.LEAD_MODERATOR: ("Lead auditor", "Moderator"),
    Comparison.PEER_MODERATOR: ("Peer auditor", "Moderator"),
    Comparison.SINGLE_MODERATOR: ("Single auditor", "Moderator"),
    Comparison.AUDITOR_MODERATOR: ("Auditor", "Moderator"),
    Comparison.AUDITOR_OTHER: ("Auditor", "Other auditor"),
}
WEIGHTS = {
    Weights.LINEAR: "Linear: two apart count twice",
    Weights.QUADRATIC: "Quadratic: two apart count four times",
}
_REASONS = {
    Reason.NO_PAIRS: "No pairs",
    Reason.TOO_FEW: f"Fewer than {MINIMUM} pairs",
    Reason.ONE_GRADE: "Not defined: only one grade was given",
    Reason.NO_SPREAD: "no range",
    Reason.TWO_GRADES: "Says nothing on a scale of two",
}
_LEFT_OUT = {
    Standing.NOT_APPLICABLE: "not applicable",
    Standing.UNGRADED: "not graded by one of them",
    Standing.OTHER_SCALE: "graded on another scale",
}
_QUARTERS = {1: "January to March", 4: "April to June", 7: "July to September", 10: "October to December"}
_SIGHTLY = 0.005  # what two decimals show as nought


def comparison_words(comparison: Comparison) -> str:
    """Who is compared with whom: Lead auditor and peer auditor."""
    first, second = COMPARED[comparison]
    return f"{first} and {second[0].lower()}{second[1:]}"


def section_words(words: Words, tool: str, section: str) -> str:
    """A section's name, or that it is the overall grade."""
    return "Overall grade" if section == OVERALL else words.section(tool, section)


def figures(name: str, agreement: Agreement, weights: Weights, href: str | None = None) -> dict[str, Any]:
    """One line of a table: each figure as (what is said, what stands small below it)."""
    return {
        "name": name,
        "href": href,
        "pairs": number(agreement.pairs),
        "cells": [
            share_words(agreement.exact),
            share_words(agreement.adjacent),
            coefficient_words(agreement.kappa(weights)),
            coefficient_words(agreement.ac2(weights)),
        ],
    }


def share_words(share: Share) -> tuple[str, str]:
    """73%, with its interval; 7 of 9 where there are too few for a share."""
    if share.fraction is None:
        few = share.reason is Reason.TOO_FEW
        return (f"{share.n} of {share.of}" if few else _REASONS[share.reason or Reason.NO_PAIRS]), ""
    low, high = (share.interval.low, share.interval.high) if share.interval else (0.0, 1.0)
    return _percent(share.fraction), f"{_percent(low)} to {_percent(high)}"


def coefficient_words(found: Coefficient) -> tuple[str, str]:
    """0.51, with its interval, or the reason why there is none."""
    if found.value is None:
        return _REASONS[found.reason or Reason.NO_PAIRS], ""
    if found.interval is None:
        return decimals(found.value), _REASONS[found.reason or Reason.NO_SPREAD]
    return decimals(found.value), f"{decimals(found.interval.low)} to {decimals(found.interval.high)}"


def decimals(value: float) -> str:
    """Two decimals, with a true minus sign, and no minus nought."""
    return number(0 if abs(value) < _SIGHTLY else value, 2).replace("-", "−")


def left_out(agreement: Agreement) -> str:
    """What made no pair, empty where everything did."""
    said = [f"{number(count)} {_LEFT_OUT[standing]}" for standing, count in sorted(agreement.left_out.items())]
    return ", ".join(said)


def matrix(agreement: Agreement, tool: ToolAgreement, comparison: Comparison, caption: str) -> dict[str, Any]:
    """The matrix as a table: a row for each grade of the first, a column for each of the second, and totals."""
    first, second = COMPARED[comparison]
    labels = [grade.label for grade in tool.scale.grades]
    by_row, by_column = agreement.matrix.margins
    rows = [
        {
            "name": labels[rank],
            "cells": [(number(count), column == rank) for column, count in enumerate(counts)],
            "total": number(by_row[rank]),
        }
        for rank, counts in enumerate(agreement.matrix.cells)
    ]
    return {
        "caption": caption,
        "first": first,
        "second": second,
        "columns": labels,
        "rows": rows,
        "totals": [number(each) for each in by_column],
        "total": number(agreement.pairs),
    }


def most_disagreement_first(compared: Compared) -> list[SectionAgreement]:
    """The sections, those first whose disagreement is surest; the overall grade last."""
    return sorted(compared.sections, key=lambda each: (each.section == OVERALL, -each.agreement.disagreement))


def to_discuss(
    sections: Iterable[SectionAgreement], found: Iterable[Disagreement], tool: ToolAgreement, words: Words
) -> list[dict[str, Any]]:
    """By section, the audits to look at; sections in which everybody agrees are left out."""
    by_section: defaultdict[str, list[Disagreement]] = defaultdict(list)
    for each in found:
        if each.tool == tool.tool:
            by_section[each.section].append(each)
    return [
        {
            "name": section_words(words, tool.tool, section.section),
            "differ": number(section.agreement.pairs - section.agreement.exact.n),
            "of": number(section.agreement.pairs),
            "audits": [_audit(each, tool) for each in by_section[section.section]],
        }
        for section in sections
        if by_section[section.section]
    ]


def drift(quarters: Iterable[Drift]) -> list[tuple[str, str, str]]:
    """A line a quarter, the latest first: its months, how the auditor graded beside the moderator, and over how many pairs."""
    return [
        (f"{_QUARTERS[each.quarter.month]} {each.quarter.year}", difference_words(each.mean), number(each.pairs))
        for each in reversed(list(quarters))
    ]


def difference_words(mean: float | None) -> str:
    """By how many grades the first graded better or worse than the second."""
    if mean is None:
        return "No pairs"
    if abs(mean) < _SIGHTLY:
        return "The same on average"
    size = decimals(abs(mean))
    return f"{size} {'grade' if size == '1.00' else 'grades'} {'better' if mean > 0 else 'worse'}"


def _audit(each: Disagreement, tool: ToolAgreement) -> dict[str, str]:
    place = "audits" if each.kind == "audit" else "outcomes"
    labels = {grade.code: grade.label for grade in tool.scale.grades}
    return {
        "reference": each.reference,
        "href": f"/audit/{place}/{each.id}",
        "grades": f"{labels[each.first]} and {labels[each.second]}",
        "on": day(each.moderated_on),
    }


def _percent(fraction: float) -> str:
    return f"{number(100 * fraction, 0)}%"
