"""What a recipe says in short, written out for one organisation: `all` members, a table for `each`, and audiences.

`all` are the members that the profile has, in its order, as far as the table's filter lets them be: the sections of its tools,
the grades of their scales, the questions of its questionnaires that have a favourable answer. So a questionnaire that was
published on the pages is in the reports without a change of the recipe.
An audience is no dimension of the facts: it is the questionnaires that are for it, together.
"""

from collections.abc import Mapping

from reporting.domain import dimensions
from reporting.domain.profile import Profile
from reporting.domain.recipes import (
    ALL,
    Column,
    DimensionRows,
    Group,
    HeadlineRows,
    KpiRows,
    MeasureRows,
    PeriodRows,
    Report,
    Table,
)

AUDIENCE, OF_AUDIENCE = "audience", "questionnaire"
Filter = Mapping[str, tuple[str, ...]]
_MEMBER = "{member}"
OTHER_ROWS = (HeadlineRows, KpiRows, PeriodRows)
"""Rows that are neither members nor measures."""


def expanded(report: Report, profile: Profile) -> Report:
    """The report with every table written out."""
    tables = (_written(each, profile) for table in report.tables for each in _each(table, profile))
    # A tool without sections has no table of sections.
    kept = tuple(each for each in tables if each.each is None or not _is_empty(each))
    return report.model_copy(update={"tables": kept})


def _is_empty(table: Table) -> bool:
    return isinstance(table.rows, DimensionRows) and not table.rows.listed


def dimension_of(name: str) -> str:
    """The dimension that the facts have for one of a recipe."""
    return OF_AUDIENCE if name == AUDIENCE else name


def _each(table: Table, profile: Profile) -> list[Table]:
    """A table for each member; the table itself where there is no `each`."""
    if table.each is None:
        return [table]
    return [_of(table, member, profile) for member in _every(profile, table.each.dimension, table.each.members, table.filter)]


def _of(table: Table, member: str, profile: Profile) -> Table:
    name = table.each.dimension if table.each else ""
    label = dimensions.named(profile, name).get(member, member)
    update = {
        "code": f"{table.code}-{member}",
        "title": table.title.replace(_MEMBER, label),
        "filter": {**table.filter, name: (member,)},
        "each": table.each.model_copy(update={"members": (member,)}) if table.each else None,
    }
    return table.model_copy(update=update)


def _written(table: Table, profile: Profile) -> Table:
    filter_ = _without_audience(profile, table.filter)
    columns = tuple(_column(profile, each) for each in table.columns)
    update: dict[str, object] = {"filter": filter_, "columns": columns}
    if isinstance(table.rows, DimensionRows):
        update["rows"] = _rows(profile, table.rows, filter_)
    elif isinstance(table.rows, MeasureRows):
        measures = tuple(
            each.model_copy(update={"filter": _without_audience(profile, each.filter)}) for each in table.rows.measures
        )
        update["rows"] = table.rows.model_copy(update={"measures": measures})
    if (across := table.across) is not None:
        members = _every(profile, across.dimension, across.members, filter_)
        update["across"] = across.model_copy(update={"members": members, "filter": _without_audience(profile, across.filter)})
    return table.model_copy(update=update)


def _rows(profile: Profile, rows: DimensionRows, filter_: Filter) -> DimensionRows:
    if rows.groups:
        return rows
    members = _every(profile, rows.dimension, rows.members, filter_)
    if rows.dimension != AUDIENCE:
        return rows.model_copy(update={"members": members})
    named = dimensions.named(profile, AUDIENCE)
    groups = tuple(
        Group(code=code, label=named.get(code, code), members=found)
        for code in members
        if (found := tuple(each.code for each in profile.questionnaires if each.audience == code))
    )
    return rows.model_copy(update={"dimension": OF_AUDIENCE, "members": (), "groups": groups})


def _column(profile: Profile, column: Column) -> Column:
    return column.model_copy(update={"filter": _without_audience(profile, column.filter)})


def _without_audience(profile: Profile, filter_: Filter) -> dict[str, tuple[str, ...]]:
    """A filter by audience as one by questionnaire; where both are there, what both let through."""
    if AUDIENCE not in filter_:
        return dict(filter_)
    wanted = filter_[AUDIENCE]
    found = tuple(each.code for each in profile.questionnaires if each.audience in wanted)
    held = filter_.get(OF_AUDIENCE)
    codes = found if held is None else tuple(code for code in held if code in found)
    return {**{name: codes_ for name, codes_ in filter_.items() if name != AUDIENCE}, OF_AUDIENCE: codes}


def _every(profile: Profile, dimension: str, members: tuple[str, ...] | str, filter_: Filter) -> tuple[str, ...]:
    if not isinstance(members, str):
        return members
    assert members == ALL  # noqa: S101 - the recipe's type has no other word
    filter_ = _without_audience(profile, filter_)
    if dimension == "section":
        tools = [each for each in profile.audit.tools if each.code in filter_.get("tool", (each.code,))]
        found = [section.code for tool in tools for section in tool.sections]
    elif dimension == "grade":
        scales = {each.scale for each in profile.audit.tools if each.code in filter_.get("tool", (each.code,))}
        found = [grade.code for scale in profile.audit.scales if scale.code in scales for grade in scale.grades]
    elif dimension == "question":
        found = dimensions.judged_questions(profile, filter_)
    elif dimension == "team":
        areas = filter_.get("service_area")
        found = [each.code for each in profile.organisation.teams if areas is None or each.service_area in areas]
    else:
        found = list(dimensions.named(profile, dimension))
        if (held := filter_.get(dimension)) is not None:
            found = [code for code in found if code in held]
    return tuple(dict.fromkeys(found))
