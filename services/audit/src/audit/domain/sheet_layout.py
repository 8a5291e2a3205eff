"""The columns of a sheet of outcomes, one layout for each audit tool: its sections are columns."""

from collections.abc import Iterator

from audit.domain.outcome import DATES
from audit.domain.profile import AuditProfile, Scale, Tool
from chassis.spreadsheet.layout import Choice, Column, Layout

TITLE = "Outcomes"
MOST_ACTIONS = 5
NOT_APPLICABLE = "not-applicable"
ACTIVITY = {"lead": "lead audits", "peer": "peer audits", "moderation": "moderations", "single": "single audits"}
"""The pieces of audit activity, and the columns in which they are counted."""

RATINGS = (Choice("red", "Red", ("R",)), Choice("amber", "Amber", ("A",)), Choice("green", "Green", ("G",)))
_OWN = frozenset(
    {
        "reference", "case reference", "case number", "service area", "team", "overall", "overall grade", "rag", "rating",
        "findings", "themes", "cases", "children", "version", "tool", *(name.replace("_", " ") for name in DATES),
        *ACTIVITY.values(),
    }
)  # fmt: skip
_DATES = {
    "completed_on": "The day that decides in which month and quarter the audit is counted.",
    "allocated_on": "The day on which the audit was given to its auditors.",
    "submitted_on": "The day on which the auditors had handed in.",
    "moderated_on": "The day of the moderation.",
}


def layout_of(profile: AuditProfile, tool: Tool) -> Layout:
    """The columns of a sheet of outcomes of one tool."""
    scale = profile.scale_of(tool)
    return Layout(
        TITLE, (*_who(profile), *_days(), *_result(tool, scale), *_learning(profile, tool), *_counts(tool), *_more(tool))
    )


def section_column(code: str, part: str = "grade") -> str:
    """The column of a section's grade, or of what its lead or peer auditor gave."""
    name = f"section {code}" if code in _OWN else code
    return name if part == "grade" else f"{name} {part}"


def action_column(number: int, part: str) -> str:
    """The column of an action's day: `due` or `done`."""
    return f"action {number} {part}"


def _who(profile: AuditProfile) -> Iterator[Column]:
    areas = tuple(Choice(code, profile.areas[code].name) for code in profile.audit_areas)
    teams = tuple(Choice(team.code, team.name) for team in profile.organisation.teams)
    yield Column(
        name="reference",
        help="Your own number for the audit: letters, digits and . _ : / - without spaces, never a name. Sent again with the "
        "same number, an audit is corrected, and not counted twice.",
        required=True,
        example="AUD-22-001",
    )
    yield Column(
        name="case reference",
        help="Your number for the child's case, so that audits of one case can be told to be. Only a pseudonym of it is kept. "
        "No names, no dates of birth.",
        example="204418",
        aliases=("case number",),
    )
    yield Column(
        name="service area",
        help="The service area whose practice was audited: its code or its name.",
        required=True,
        example=areas[0].code if areas else "",
        choices=areas,
    )
    yield Column(name="team", help="The team, where it is known: its code or its name.", choices=teams)


def _days() -> Iterator[Column]:
    for name, words in _DATES.items():
        yield Column(
            name=name.replace("_", " "),
            help=f"{words} A day like 2022-07-06 or 06/07/2022.",
            kind="day",
            required=name == "completed_on",
            example="2022-07-06" if name == "completed_on" else "",
        )


def _result(tool: Tool, scale: Scale | None) -> Iterator[Column]:
    if scale is None:
        yield Column(name="rag", help="The rating.", example="amber", choices=RATINGS, aliases=("rating",))
        return
    grades = tuple(Choice(grade.code, grade.label, (grade.short,)) for grade in scale.grades)
    yield Column(
        name="overall",
        help="The overall grade that counts, after moderation.",
        required=True,
        example=grades[0].code,
        choices=grades,
        aliases=("overall grade",),
    )
    left_out = Choice(NOT_APPLICABLE, "Not applicable", ("n/a", "na"))
    for section in tool.sections:
        yield Column(
            name=section_column(section.code),
            help=f"{section.name}: the grade that counts. n/a where the section does not apply; empty where it was not graded.",
            example=grades[0].code,
            choices=(*grades, left_out),
            aliases=(section.name,),
        )
        for part in ("lead", "peer"):
            if getattr(tool.activity, part):
                yield Column(
                    name=section_column(section.code, part),
                    help=f"{section.name}: what the {part} auditor gave.",
                    choices=grades,
                    aliases=(f"{section.name} {part}",),
                )


def _learning(profile: AuditProfile, tool: Tool) -> Iterator[Column]:
    names = {finding.code: finding.name for finding in profile.audit.findings}
    if tool.findings:
        findings = tuple(Choice(code, names.get(code, code)) for code in tool.findings)
        yield Column(name="findings", help="Facts that were found; several between semicolons.", choices=findings, several=True)
    themes = tuple(Choice(theme.code, theme.name) for theme in profile.organisation.themes)
    if themes:
        yield Column(name="themes", help="Themes of the learning; several between semicolons.", choices=themes, several=True)
    for number in range(1, MOST_ACTIONS + 1):
        yield Column(
            name=action_column(number, "due"),
            help=f"The day by which action {number} is to be done. An action without one would never be late.",
            kind="day",
            example="2022-08-31" if number == 1 else "",
        )
        yield Column(
            name=action_column(number, "done"),
            help=f"The day on which action {number} was done; empty until then.",
            kind="day",
        )


def _counts(tool: Tool) -> Iterator[Column]:
    yield Column(
        name="cases",
        help="Children whose cases were looked at. Left empty: 1.",
        kind="whole",
        example="1",
        aliases=("children",),
    )
    for part, name in ACTIVITY.items():
        usual = getattr(tool.activity, part)
        if usual or part == "moderation":
            yield Column(name=name, help=f"How many there were. Left empty: {usual}.", kind="whole", example=str(usual))


def _more(tool: Tool) -> Iterator[Column]:
    """What a system's own export may have besides, and nobody needs to fill in."""
    yield Column(
        name="version",
        help="1 at first, then higher. Left empty, what is new or differs gets the next one.",
        kind="whole",
        in_template=False,
    )
    yield Column(name="tool", help="The audit tool of the sheet.", choices=(Choice(tool.code, tool.name),), in_template=False)
