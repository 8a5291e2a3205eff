"""From the rows of a sheet to outcomes, and from what is wrong with an outcome back to the column where a person can mend it.

Pure: the day is an argument. A row is held against the same rules as a posted outcome (`audit.domain.rules`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from audit.domain.outcome import DATES, Outcome
from audit.domain.profile import AuditProfile, Tool
from audit.domain.rules import violations
from audit.domain.sheet_layout import ACTIVITY, MOST_ACTIONS, NOT_APPLICABLE, action_column, section_column
from chassis.errors import DomainError
from chassis.spreadsheet.layout import CellError, Sheet, SheetRow

# What a person can do where the form of a value is wrong; the JSON interface speaks of patterns there.
_WORDS = {
    "reference": "Letters, digits and . _ : / - are taken, up to 100 and without spaces. Never a name.",
    "case reference": "Up to 200 characters are taken.",
    "version": "Expected a whole number from 1 to 1,000,000.",
    "cases": "Expected a whole number from 1 to 100,000.",
    "findings": "Up to 50 are taken.",
    "themes": "Up to 50 are taken.",
    **dict.fromkeys(ACTIVITY.values(), "Expected a whole number from 0 to 100."),
}
_COLUMN_OF_PROBLEM = {
    "service-area-not-allowed": "service area",
    "version-conflict": "version",
    "version-superseded": "version",
}


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row as an outcome, None where it cannot be one; `numbered` says that the row has a version of its own."""

    row: int
    reference: str
    outcome: Outcome | None
    numbered: bool
    errors: tuple[CellError, ...]
    texts: tuple[str, ...]

    @property
    def postable(self) -> Outcome | None:
        """The outcome of a row without errors."""
        return None if self.errors else self.outcome


def outcomes_of(sheet: Sheet, profile: AuditProfile, tool: Tool, today: date) -> Iterator[RowOutcome]:
    """The rows as outcomes of a tool, in their order; a second one of a reference is an error unless both have versions."""
    seen: dict[str, tuple[int, bool]] = {}
    for row in sheet.rows:
        read = _read(row, sheet, profile, tool, today)
        reference = row.text("reference")
        first, first_numbered = seen.setdefault(reference, (row.number, read.numbered))
        if reference and first != row.number and not (read.numbered and first_numbered):
            detail = f"This reference stands in row {first} too. Take out one of the two."
            errors = (*read.errors, sheet.error(row.number, "reference", detail))
            read = replace(read, errors=errors)
        yield read


def errors_of(problem: DomainError, outcome: Outcome, row: int, letters: Mapping[str, str]) -> tuple[CellError, ...]:
    """What a refusal says, at the columns of its row."""
    if problem.errors:
        found = [(_column_of(error.pointer, outcome), _plain(error.detail)) for error in problem.errors]
    else:
        found = [(_COLUMN_OF_PROBLEM.get(problem.slug, "reference"), problem.detail)]
    return tuple(CellError(row, column, letters.get(column, ""), detail) for column, detail in found)


def _read(row: SheetRow, sheet: Sheet, profile: AuditProfile, tool: Tool, today: date) -> RowOutcome:
    numbered = row.whole("version") is not None
    errors = [*row.errors, *_actions_without_day(row, sheet)]
    wrong = {error.column for error in errors}
    body = _body(row, tool)
    if "reference" in wrong:
        body["reference"] = "unknown"
    if wrong & {"service area", "completed on"}:
        return RowOutcome(row.number, row.text("reference"), None, numbered, tuple(errors), row.texts)
    try:
        outcome = Outcome.model_validate(body)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False, include_context=False):
            column = _column_of("".join(f"/{part}" for part in each["loc"]), body)
            if column not in wrong:
                errors.append(sheet.error(row.number, column, _WORDS.get(column, str(each["msg"]))))
                wrong.add(column)
        return RowOutcome(row.number, row.text("reference"), None, numbered, tuple(errors), row.texts)
    if errors:
        # A row that is refused anyhow says all that is wrong with it at once.
        for violation in violations(outcome, profile, today):
            column = _column_of(violation.pointer, outcome)
            if column not in wrong:
                errors.append(sheet.error(row.number, column, _plain(violation.detail)))
    return RowOutcome(row.number, row.text("reference"), outcome, numbered, tuple(errors), row.texts)


def _actions_without_day(row: SheetRow, sheet: Sheet) -> Iterator[CellError]:
    broken = {error.column for error in row.errors}
    for number in range(1, MOST_ACTIONS + 1):
        due, done = (action_column(number, part) for part in ("due", "done"))
        if row.day(done) is not None and row.day(due) is None and due not in broken:
            yield sheet.error(row.number, due, "An action that was done was due on a day too. Fill it in.")


def _body(row: SheetRow, tool: Tool) -> dict[str, Any]:
    version, cases = row.whole("version"), row.whole("cases")
    return {
        "reference": row.text("reference"),
        "version": 1 if version is None else version,
        "kind": tool.kind,
        "tool": tool.code,
        "service_area": row.text("service area"),
        "team": row.text("team") or None,
        "case_reference": row.text("case reference") or None,
        **{name: row.day(name.replace("_", " ")) for name in DATES},
        "overall": row.text("overall") or None,
        "rag": row.text("rag") or None,
        "findings": list(row.several("findings")),
        "sections": list(_sections(row, tool)),
        "activity": dict(_activity(row, tool)),
        "cases": 1 if cases is None else cases,
        "themes": list(row.several("themes")),
        "actions": list(_actions(row)),
    }


def _sections(row: SheetRow, tool: Tool) -> Iterator[dict[str, Any]]:
    for code in tool.section_codes:
        grade, lead, peer = (row.text(section_column(code, part)) for part in ("grade", "lead", "peer"))
        if grade or lead or peer:
            left_out = grade == NOT_APPLICABLE
            yield {
                "section": code,
                "grade": None if left_out else grade or None,
                "lead": lead or None,
                "peer": peer or None,
                "not_applicable": left_out,
            }


def _activity(row: SheetRow, tool: Tool) -> Iterator[tuple[str, int]]:
    for part, column in ACTIVITY.items():
        given = row.whole(column)
        yield part, getattr(tool.activity, part) if given is None else given


def _actions(row: SheetRow) -> Iterator[dict[str, Any]]:
    for number in range(1, MOST_ACTIONS + 1):
        due, done = (row.day(action_column(number, part)) for part in ("due", "done"))
        if due is not None:
            yield {"reference": f"a{number}", "due_on": due, "done_on": done}


def _column_of(pointer: str, outcome: Outcome | dict[str, Any]) -> str:
    """The column behind a JSON pointer into an outcome, or into what should have become one."""
    name, *rest = pointer.split("/")[1:] or [""]
    whole = outcome if isinstance(outcome, dict) else outcome.model_dump(mode="python", include={"sections", "actions"})
    if name == "sections" and rest:
        part = rest[1] if rest[1:] and rest[1] in {"lead", "peer"} else "grade"
        return section_column(whole["sections"][int(rest[0])]["section"], part)
    if name == "actions" and rest:
        number = int(whole["actions"][int(rest[0])]["reference"].removeprefix("a"))
        return action_column(number, "done" if rest[1:] == ["done_on"] else "due")
    if name == "activity" and rest:
        return ACTIVITY[rest[0]]
    return {"kind": "tool"}.get(name, name.replace("_", " "))


def _plain(detail: str) -> str:
    """The words of a rule, for somebody before a sheet."""
    for name in DATES:
        detail = detail.replace(name, name.replace("_", " "))
    return detail.replace(": expected null.", ": leave it empty.")
