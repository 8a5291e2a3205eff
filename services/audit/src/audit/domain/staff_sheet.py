"""A sheet with the staff directory, or a part of it: its columns, and its rows as entries."""

from collections.abc import Mapping

from audit.domain.person import DUTIES
from audit.domain.profile import AuditProfile
from chassis.errors import FieldError
from chassis.spreadsheet.layout import CellError, Choice, Column, Layout, Sheet, SheetRow

TITLE = "Staff"
COLUMNS: Mapping[str, str] = {
    "code": "code",
    "name": "name",
    "email": "e-mail",
    "subject": "sign-in",
    "service_area": "service area",
    "team": "team",
    "manages": "manages",
    "line_manager": "line manager",
    "duties": "duties",
    "agency": "agency",
    "active": "active",
}
"""The fields of an entry, and the columns in which they stand."""

_YES_OR_NO = (Choice("yes", "Yes", ("y", "true")), Choice("no", "No", ("n", "false", "left")))


def layout_of(profile: AuditProfile) -> Layout:
    """The columns of a list of staff."""
    areas = tuple(Choice(area.code, area.name) for area in profile.organisation.service_areas)
    teams = tuple(Choice(team.code, team.name) for team in profile.organisation.teams)
    duties = tuple(Choice(duty, duty.replace("-", " ").capitalize()) for duty in DUTIES)
    helps = {
        "code": "The directory's own code of the person: lower case letters, digits and hyphens. It stays theirs for good.",
        "name": "As others know them. Stored encrypted.",
        "email": "For reminders. Stored encrypted.",
        "subject": "Who they are when they sign in. Empty: they cannot sign in.",
        "service_area": "Service area that they work in, by name or code.",
        "team": "Team that they work in.",
        "manages": "Teams that they manage, between semicolons.",
        "line_manager": "Code of whoever manages them.",
        "duties": "What they may be given, between semicolons.",
        "agency": "Only for partners: code of the agency that they answer for in multi-agency audits.",
        "active": "No: they have left, or do no audits any more. Empty is yes.",
    }
    examples = {
        "code": "sam-okafor",
        "name": "Sam Okafor",
        "email": "s.okafor@council.example",
        "line_manager": "dana-price",
        "duties": "auditor; reviewer",
    }
    choices = {"service_area": areas, "team": teams, "manages": teams, "duties": duties, "active": _YES_OR_NO}
    aliases = {"email": ("email", "mail"), "subject": ("subject", "login"), "line_manager": ("manager",), "duties": ("roles",)}
    return Layout(
        TITLE,
        tuple(
            Column(
                name=column,
                help=helps[field],
                required=field in {"code", "name"},
                example=examples.get(field, ""),
                choices=choices.get(field, ()),
                several=field in {"manages", "duties"},
                aliases=aliases.get(field, ()),
            )
            for field, column in COLUMNS.items()
        ),
    )


def entry_of(row: SheetRow) -> dict[str, object]:
    """The fields of an entry as `StaffEntry` reads them; a cell that is empty is left out."""
    plain = {field: row.text(column) for field, column in COLUMNS.items() if field not in {"manages", "duties", "active"}}
    return {
        **{field: value for field, value in plain.items() if value},
        "manages": list(row.several(COLUMNS["manages"])),
        "duties": list(row.several(COLUMNS["duties"])),
        "active": row.text(COLUMNS["active"]) != "no",
    }


def cell_of(sheet: Sheet, row: SheetRow, error: FieldError) -> CellError:
    """What is wrong with an entry, by the cell that it came from."""
    field = error.pointer.strip("/").split("/")[0]
    return sheet.error(row.number, COLUMNS.get(field, ""), error.detail)
