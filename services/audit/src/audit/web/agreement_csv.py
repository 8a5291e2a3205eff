"""Agreement as one table: a line for each tool, comparison and section, and for each auditor."""

import csv
import io
from collections.abc import Iterable, Iterator

from audit.domain.agreement import Coefficient, Share
from audit.domain.agreement_report import Agreement, Comparison, Standing, ToolAgreement
from audit.web.agreement_schemas import AC2_WEIGHTS, KAPPA_WEIGHTS

_GROUP = ("tool", "comparison", "section", "auditor", "pairs")
_LEFT_OUT = (Standing.NOT_APPLICABLE, Standing.UNGRADED, Standing.OTHER_SCALE)
ALL = "all-sections"


def heads() -> list[str]:
    """The first line. Grades are best first; `matrix` has its rows separated by slashes."""
    shares = [f"{name}_{part}" for name in ("exact", "adjacent") for part in ("n", "share", "low", "high")]
    named = [*(f"kappa_{each}" for each in KAPPA_WEIGHTS), *(f"ac2_{each}" for each in AC2_WEIGHTS)]
    coefficients = [f"{name}{part}" for name in named for part in ("", "_error", "_low", "_high", "_reason")]
    left_out = [each.replace("-", "_") for each in _LEFT_OUT]
    return [*_GROUP, *left_out, *shares, "mean_difference", *coefficients, "grades", "matrix"]


def render(tools: Iterable[ToolAgreement]) -> bytes:
    """UTF-8, RFC 4180. Everything is a code or a number, so nothing can be taken for a formula; a negative number is one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads())
    for tool in tools:
        grades = " ".join(grade.code for grade in tool.scale.grades)
        for comparison, section, auditor, agreement in _groups(tool):
            writer.writerow([tool.tool, comparison.value, section, auditor, *_figures(agreement), grades, _matrix(agreement)])
    return out.getvalue().encode()


def _groups(tool: ToolAgreement) -> Iterator[tuple[Comparison, str, str, Agreement]]:
    for compared in tool.compared:
        yield compared.comparison, ALL, "", compared.together
        for each in compared.sections:
            yield compared.comparison, each.section, "", each.agreement
    for auditor in tool.auditors:
        yield Comparison.AUDITOR_MODERATOR, ALL, auditor.auditor, auditor.moderator
        yield Comparison.AUDITOR_OTHER, ALL, auditor.auditor, auditor.other


def _figures(agreement: Agreement) -> Iterator[str]:
    yield str(agreement.pairs)
    yield from (str(agreement.left_out.get(each, 0)) for each in _LEFT_OUT)
    yield from _share(agreement.exact)
    yield from _share(agreement.adjacent)
    yield _number(agreement.matrix.mean_difference)
    for kappa in KAPPA_WEIGHTS:
        yield from _coefficient(agreement.kappa(kappa))
    for ac2 in AC2_WEIGHTS:
        yield from _coefficient(agreement.ac2(ac2))


def _share(share: Share) -> Iterator[str]:
    yield str(share.n)
    yield _number(share.fraction)
    yield _number(share.interval.low if share.interval else None)
    yield _number(share.interval.high if share.interval else None)


def _coefficient(found: Coefficient) -> Iterator[str]:
    yield _number(found.value)
    yield _number(found.error)
    yield _number(found.interval.low if found.interval else None)
    yield _number(found.interval.high if found.interval else None)
    yield found.reason or ""


def _matrix(agreement: Agreement) -> str:
    return " / ".join(" ".join(map(str, row)) for row in agreement.matrix.cells)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
