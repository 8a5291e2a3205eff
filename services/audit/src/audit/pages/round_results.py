"""The page of what a round came to, beside the earlier round that it repeats; and its conclusion in words."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from audit.adapters.round_results import NOT_APPLICABLE, Results
from audit.domain.audit import SINGLE
from audit.domain.judgement import Form, forms_of
from audit.pages.desk import Desk, Errors, Officer, Overseer, desk, errors_of, posted
from audit.use_cases.conclude_round import Conclusion, conclude_round, see_results
from audit.use_cases.take_round import Target
from chassis.errors import DomainError, Kind
from chassis.pages import redirect
from chassis.storable import whole

router = APIRouter(prefix="/audit/rounds/{round_id}/results", include_in_schema=False)

FEWEST = 10
"""Below this a percentage says more than it knows: counts only (the reports' rule for small numbers)."""


@router.get("")
async def results_page(request: Request, identity: Overseer, round_id: UUID) -> HTMLResponse:
    """What the finished audits of a round came to."""
    async with desk(request, identity) as at:
        return await _show(at, round_id)


@router.post("")
async def conclusion_form(request: Request, identity: Officer, round_id: UUID) -> Response:
    """Write down what it found."""
    form = await posted(request, identity)
    revision = form.text("revision")
    target = Target(round_id, whole(revision))
    try:
        async with desk(request, identity) as at:
            await conclude_round(at.transaction, at.context, identity, target, form.text("words"))
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        async with desk(request, identity) as at:
            return await _show(at, round_id, errors_of(error), form.text("words"))
    return redirect(f"/audit/rounds/{round_id}/results")


async def _show(at: Desk, round_id: UUID, errors: Errors = (), words: str | None = None) -> HTMLResponse:
    found = await see_results(at.transaction, at.context, at.identity, Target(round_id))
    columns = [found.results, *([found.earlier_results] if found.earlier_results else [])]
    return at.show(
        "round-results.html",
        422 if errors else 200,
        title=f"Results of {found.round.title}",
        found=found,
        headings=[found.round.title, *([found.earlier.title] if found.earlier else [])],
        tables=list(_tables(found, columns, at.words.finding_names)),
        words=found.words if words is None else words,
        may_write=at.viewer.is_officer,
        errors=errors,
    )


def _tables(found: Conclusion, columns: list[Results], findings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One table an entry: a row for each grade or answer, a column for each round."""
    for form in forms_of(SINGLE, found.tool):
        options = _options(form, found)
        if options:
            said = [results.said.get(form.code, {}) for results in columns]
            rows = [(label, [_share(each.get(code, 0), sum(each.values())) for each in said]) for code, label in options]
            yield {"name": form.name, "rows": rows}
    if found.tool.findings:
        rows = [
            (findings.get(code, code), [_share(each.findings.get(code, 0), each.finished) for each in columns])
            for code in found.tool.findings
        ]
        yield {"name": "Findings", "rows": rows}


def _options(form: Form, found: Conclusion) -> list[tuple[str, str]]:
    if form.kind in {"section", "overall"} and found.scale is not None:
        grades = [(grade.code, grade.label) for grade in found.scale.grades]
        return [*grades, (NOT_APPLICABLE, "Not applicable")] if form.kind == "section" else grades
    return list(form.options) if form.kind in {"question", "overall"} else []


def _share(number: int, of: int) -> str:
    """A count of a total, with a percentage (half up) where there are enough."""
    if not of:
        return "–"
    counted = f"{number} of {of}"
    return counted if of < FEWEST else f"{counted} ({(200 * number + of) // (2 * of)}%)"
