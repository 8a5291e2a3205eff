"""The columns of a sheet of old complaints, and of old compliments, made from an organisation's profile.

One row a complaint, as officers keep their lists, with its points beside one another. A list with one row a point is taken as
well: a row that repeats a reference adds its points to the complaint.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chassis.spreadsheet import Choice, Column, Layout, Limits
from complaints.domain.old_cases import column_of
from complaints.domain.profile import Profile

COMPLAINTS, COMPLIMENTS = "Complaints", "Compliments"
POINTS = 4
"""Points beside one another in a row; more go into further rows with the same reference."""

MEBIBYTE = 1024 * 1024
LIMITS = Limits(
    file_bytes=7 * MEBIBYTE, rows=10_000, columns=120, cell=300, unpacked=192 * MEBIBYTE, elements=4_000_000
)  # fmt: skip

_A_DAY = "A day like 28/04/2022, 28 Apr 2022 or 2022-04-28."
_CLOSED = (
    Choice("answered", "Answered", ("closed", "complete", "completed", "response sent")),
    Choice("withdrawn", "Withdrawn", ("withdrawn by complainant",)),
    Choice("discontinued", "Discontinued"),
)
_YES_NO = (Choice("yes", "Yes", ("y", "external", "true")), Choice("no", "No", ("n", "internal", "false")))
_STAGE_DAYS = (
    ("requested", "The day on which stage {0} was asked for; its clock counts from here.", ("start", "started", "request")),
    ("accepted", "The day on which the request was accepted. Empty: the day it was asked for.", ()),
    ("declined", "The day on which the request was declined, if it was.", ()),
    ("statement agreed", "The day on which the statement of complaint was agreed.", ("agreed",)),
)
_EXTENDED = (
    ("acknowledged", "The day on which stage {0} was acknowledged.", ("acknowledgement", "ack")),
    ("extended on", "The day on which the complainant was told of the extension. Empty: the last day of the limit.", ()),
    ("extended to", "The new day to answer by, if stage {0} was extended.", ("new due date",)),
)
_PANEL = (
    ("panel", "The day on which the review panel met.", ("panel held", "panel date")),
    ("panel report", "The day on which the panel's report was sent.", ("report",)),
)
_RESPONSE = ("response", "The day on which the response of stage {0} was sent.", ("responded", "response sent", "answered"))


def layouts_of(profile: Profile) -> tuple[Layout, Layout]:
    """The sheets of the workbook to fill in: complaints and compliments."""
    return Layout(COMPLAINTS, tuple(_complaints(profile))), Layout(COMPLIMENTS, tuple(_compliments(profile)))


def reading(layouts: Iterable[Layout]) -> tuple[Layout, ...]:
    """The same for reading: codes whose names several have are told apart by the row, not by the column."""
    return tuple(
        replace(layout, columns=tuple(replace(each, choices=()) if _apart(each) else each for each in layout.columns))
        for layout in layouts
    )


def stages_of(profile: Profile) -> int:
    """How many stages the longest procedure has."""
    return max(len(procedure.stages) for procedure in profile.complaints.procedures)


def point_column(point: int, what: str) -> str:
    """The heading of a column of a point."""
    return f"point {point} {what}"


def areas_of(profile: Profile, use: str) -> tuple[Choice, ...]:
    """Service areas that are or were used for something, by code and name."""
    areas = (area for area in profile.organisation.service_areas if use in area.used_for)
    return tuple(
        Choice(area.code, area.name, tuple(dict.fromkeys((area.short_name, *(each.name for each in area.former_names)))))
        for area in areas
    )


def _apart(column: Column) -> bool:
    return column.name == "team" or column.name.endswith(" nature")


def _named(members: Iterable[object]) -> tuple[Choice, ...]:
    return tuple(Choice(member.code, member.name) for member in members)  # type: ignore[attr-defined]  # all have both


def _reference(words: str, example: str) -> Column:
    return Column(
        name="reference",
        help=f"{words} Letters, digits and . _ / - without spaces, 80 at most: never a name.",
        required=True,
        example=example,
        aliases=("ref", "complaint reference", "case reference", "reference number", "our reference"),
    )


def _day(name: str, words: str, aliases: tuple[str, ...] = (), *, required: bool = False, example: str = "") -> Column:
    words = f"{words} {_A_DAY}"
    return Column(name=name, help=words, kind="day", lenient=True, required=required, example=example, aliases=aliases)


def _codes(
    name: str, words: str, choices: tuple[Choice, ...], *aliases: str, required: bool = False, example: str = ""
) -> Column:
    words = f"{words} Its code or its name."
    return Column(name=name, help=words, choices=choices, required=required, example=example, aliases=aliases)


def _complaints(profile: Profile) -> Iterator[Column]:
    own = profile.complaints
    areas = areas_of(profile, "complaints")
    natures = tuple(Choice(each.code, each.name) for each in own.categories)
    findings = tuple(
        Choice(each.code, each.name, ("partly upheld", "part upheld") if each.code == "partially-upheld" else ())
        for each in own.findings
    )
    yield _reference("Your own number of the complaint. A row that repeats one adds its points to the complaint.", "CMP-19-014")
    yield _day(
        "received", "The day on which it came in: day 0 of stage 1.", ("date received", "received on", "stage 1 start"),
        required=True, example="28/04/2019",
    )  # fmt: skip
    yield _codes(
        "procedure", "The procedure that it went through.", _named(own.procedures), "type", required=True,
        example=own.procedures[0].code,
    )  # fmt: skip
    yield _codes(
        "service area", "The service area that it is about.", areas, "area", "service", required=True,
        example=areas[0].code if areas else "",
    )  # fmt: skip
    teams = tuple(Choice(team.code, team.name) for team in profile.organisation.teams)
    yield _codes("team", "The team, where it is known.", teams)
    yield _codes("need", "The primary area of need.", _named(own.needs), "primary need", "send need")
    yield _codes("route", "How it came, if it is informal.", _named(own.routes))
    yield _codes("raised by", "Who complained.", _named(own.raised_by), "complainant type")
    for stage in range(1, stages_of(profile) + 1):
        yield from _stage(profile, stage, findings)
    yield from _points(profile, natures, areas, findings)
    yield _day("closed on", "The day on which it was withdrawn or discontinued; else nothing need stand here.", ("closed",))
    yield _codes("closed as", "How it ended where no response was sent.", _CLOSED, "status")
    yield from _ombudsman(profile)


def _stage(profile: Profile, stage: int, findings: tuple[Choice, ...]) -> Iterator[Column]:
    panels = any(each.panel for procedure in profile.complaints.procedures for each in procedure.stages if each.number == stage)
    listed = (*(_STAGE_DAYS if stage > 1 else ()), *_EXTENDED, *(_PANEL if panels else ()), _RESPONSE)
    for what, words, aliases in listed:
        yield _day(column_of(stage, what), words.format(stage), _aliases(stage, what, f"{what} date", f"date {what}", *aliases))
        if what == "extended to":
            yield Column(
                name=column_of(stage, "extended to days"),
                help="Or the limit in all that it was extended to, in working days.",
                kind="whole",
                example="20" if stage == 1 else "",
            )
    words = f"The finding of stage {stage} on every point that has none of its own further on."
    yield _codes(column_of(stage, "finding"), words, findings, *_aliases(stage, "finding", "outcome"))
    yield Column(
        name=column_of(stage, "days"),
        help="The working days that your own list counted, if you want them compared. Ours are counted anew.",
        kind="whole",
        aliases=_aliases(stage, "days", "working days", "days taken"),
    )


def _aliases(stage: int, what: str, *others: str) -> tuple[str, ...]:
    """Other headings of a column of a stage; of the first one also those that name no stage."""
    named = tuple(column_of(stage, each) for each in others)
    return (*named, what, *others) if stage == 1 else named


def _points(
    profile: Profile, natures: tuple[Choice, ...], areas: tuple[Choice, ...], findings: tuple[Choice, ...]
) -> Iterator[Column]:
    for point in range(1, POINTS + 1):
        only = ("nature", "category", "complaint category") if point == 1 else ()
        yield _codes(
            point_column(point, "nature"), f"What point {point} is about.", natures,
            point_column(point, "category"), f"nature {point}", f"category {point}", *only,
            required=point == 1, example=natures[0].code if point == 1 and natures else "",
        )  # fmt: skip
        yield _codes(point_column(point, "service area"), "Its service area, where it is another than the complaint's.", areas)
        for stage in range(1, stages_of(profile) + 1):
            name = point_column(point, column_of(stage, "finding"))
            yield _codes(name, f"The finding of stage {stage} on this point.", findings)


def _ombudsman(profile: Profile) -> Iterator[Column]:
    words = "The Ombudsman's reference, if it went there."
    yield Column(name="ombudsman reference", help=words, aliases=("lgo reference", "lgsco reference"))
    yield _day("ombudsman accepted", "The day on which the Ombudsman accepted it.", ("lgo accepted", "lgsco accepted"))
    outcomes = _named(profile.complaints.ombudsman_outcomes)
    yield _codes("ombudsman outcome", "The Ombudsman's decision.", outcomes, "lgo outcome", "lgsco outcome")
    yield _day("ombudsman decided", "The day of the decision.", ("lgo decided", "lgsco decided"))
    yield Column(name="ombudsman actions", help="How many actions the decision asks for. Empty: none.", kind="whole")


def _compliments(profile: Profile) -> Iterator[Column]:
    areas, own = areas_of(profile, "compliments"), profile.complaints
    yield _reference("Your own number of the compliment.", "COM-19-003")
    yield _day(
        "received", "The day on which it came in.", ("date received", "received on"), required=True, example="28/04/2019"
    )
    yield _codes(
        "service area", "The service area that is praised.", areas, "area", "service", required=True,
        example=areas[0].code if areas else "",
    )  # fmt: skip
    yield _codes(
        "team", "The team, where it is known.", tuple(Choice(each.code, each.name) for each in profile.organisation.teams)
    )
    yield _codes(
        "source", "Who sent it.", _named(own.sources), "from", required=True,
        example=own.sources[0].code if own.sources else "",
    )  # fmt: skip
    yield Column(
        name="external",
        help="Whether it came from outside the organisation: only those count in formal figures.",
        choices=_YES_NO,
        required=True,
        example="yes",
    )
