"""A sheet with the list of cases of a round: its columns, and its rows as cases."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from audit.domain.case_list import ListedCase
from audit.domain.profile import AuditProfile
from audit.domain.sampling import MOST_LISTED
from chassis.errors import FieldError
from chassis.spreadsheet.layout import CellError, Choice, Column, Layout, Limits, Sheet, SheetRow

LIMITS = Limits(rows=MOST_LISTED)
TITLE = "Cases"
CASE, AREA, TEAM, WORKER, PRACTICE = "case number", "service area", "team", "worker", "day of practice"
_FIELDS = {"case_reference": CASE, "service_area": AREA, "team": TEAM, "worker": WORKER, "practice_on": PRACTICE}


def layout_of(profile: AuditProfile, areas: Sequence[str]) -> Layout:
    """The columns of a list for a round of these service areas. A team that is not known is taken as it stands."""
    choices = tuple(Choice(code, profile.areas[code].name) for code in areas if code in profile.areas)
    return Layout(
        TITLE,
        (
            Column(
                name=CASE,
                help="Your number for the child's case. It is stored encrypted, for the auditors, who find the file by it.",
                required=True,
                example="LCS-204418",
                aliases=("case", "case reference", "reference", "case id"),
            ),
            Column(
                name=AREA,
                help="Service area of the case, by name or code. May be left out where the round has one area only.",
                choices=choices,
                example=areas[0] if areas else "",
                aliases=("area", "service"),
            ),
            Column(
                name=TEAM,
                help="Team of the case, by name or code. The draw leaves out what it does not know, and says so.",
                example=_example_team(profile, areas),
            ),
            Column(
                name=WORKER,
                help="Code of the allocated worker in the staff directory. Nobody audits the cases that are theirs.",
                example="jo-bennett",
                aliases=("worker code", "allocated worker", "social worker"),
            ),
            Column(
                name=PRACTICE,
                help="Day of the practice that is looked at: of the plan, of the last review.",
                kind="day",
                example="2026-09-14",
                aliases=("date", "practice date", "plan date", "practice on"),
            ),
        ),
    )


def cases_of(sheet: Sheet, profile: AuditProfile) -> tuple[list[ListedCase], list[CellError]]:
    """The cases of a sheet, and what is wrong in its cells; the two belong together row by row only where nothing is wrong."""
    names = {each.name.casefold(): each.code for each in profile.organisation.teams}
    cases: list[ListedCase] = []
    errors: list[CellError] = []
    for row in sheet.rows:
        if row.errors:
            errors += row.errors
            continue
        try:
            cases.append(_case(row, names))
        except ValidationError as error:
            errors += [sheet.error(row.number, column, words) for column, words in _wrong(error)]
    return cases, errors


def cells_of(sheet: Sheet, errors: Sequence[FieldError]) -> list[CellError]:
    """What is wrong with a list (`case_list.violations`), by the cells that it came from."""
    found = []
    for error in errors:
        _, _, place, field = error.pointer.split("/")
        found.append(sheet.error(sheet.rows[int(place)].number, _FIELDS[field], error.detail))
    return found


def _case(row: SheetRow, teams: dict[str, str]) -> ListedCase:
    team = row.text(TEAM)
    return ListedCase(
        case_reference=row.text(CASE),
        service_area=row.text(AREA) or None,
        team=teams.get(team.casefold(), team) or None,
        worker=row.text(WORKER) or None,
        practice_on=row.day(PRACTICE),
    )


def _wrong(error: ValidationError) -> Iterator[tuple[str, str]]:
    for each in error.errors(include_input=False, include_url=False):
        field = str(each["loc"][0])
        words = {
            "case_reference": "A case number has 200 characters at most.",
            "team": "Write the team's name or its code.",
            "worker": "Write the worker's code in the staff directory: lower case letters, digits and hyphens.",
        }
        yield _FIELDS[field], words.get(field, "This cannot be taken.")


def _example_team(profile: AuditProfile, areas: Sequence[str]) -> str:
    return next((each.code for each in profile.organisation.teams if each.service_area in areas), "")
