"""The language of report recipes (reports.yaml, docs/guides/profiles.md) as models."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from chassis.retention.periods import Retention
from loop_cli.profile_calls import Calls
from loop_cli.profile_families import Families
from loop_cli.profile_format import Audit, Code, Complaints, Part, Questionnaire, Text
from loop_cli.profile_kpis import Kpis
from loop_cli.profile_organisation import Organisation
from loop_cli.profile_sign_in import SignIn
from loop_cli.profile_stars import Stars
from loop_cli.profile_worries import Worries

Dimension = Literal[
    "procedure", "service_area", "team", "need", "route", "raised_by", "category", "finding", "band", "outcome", "source",
    "kind", "tool", "grade", "rag", "audit_finding", "questionnaire", "question", "channel",
    "programme", "dispute_category", "dispute_raised_by", "dispute_stage", "star", "star_scale",
    "theme", "call_programme", "call_outcome", "stage", "ending",
    "came_by", "said", "representation_outcome", "went_to", "timing", "section", "invited_by", "audience",
    "learning_source", "learning_standing",
]  # fmt: skip
Filter = dict[Dimension, Annotated[list[Code], Field(min_length=1)]]

_COMPLAINT = frozenset({"procedure", "service_area", "team", "need", "route", "raised_by"})
_AUDIT = frozenset({"kind", "tool", "service_area", "team"})
_AT_WORK = _AUDIT | {"programme"}
_ACTION = _AT_WORK - {"kind"}
_DISPUTE = frozenset({"service_area", "team", "dispute_category", "dispute_raised_by"})
_STAR = frozenset({"star", "service_area", "team", "star_scale"})
_CALL = frozenset({"call_programme", "questionnaire", "service_area", "team"})
_RESPONSE = frozenset({"questionnaire", "service_area", "team", "channel"})
_STAGED = _COMPLAINT | {"stage"}
_LEARNED = frozenset({"service_area", "team", "theme"})
_TRACKED = _LEARNED | {"learning_source"}
MEASURES: dict[str, frozenset[str]] = {
    "complaints_received": _COMPLAINT,
    "complaint_points": _COMPLAINT | {"category", "theme"},
    "points_with_finding": _COMPLAINT | {"category", "finding", "theme"},
    "points_upheld": _COMPLAINT | {"category", "theme"},
    "stage1_responses": _COMPLAINT | {"band"},
    "stage2_requested": _COMPLAINT,
    "stage2_declined": _COMPLAINT,
    "stage2_accepted": _COMPLAINT,
    "stage2_accepted_from_earlier": _COMPLAINT,
    "stage2_in_progress": _COMPLAINT,
    "informal_received": _COMPLAINT | {"category", "band"},
    "ombudsman_accepted": frozenset({"service_area"}),
    "ombudsman_outcomes": frozenset({"service_area", "outcome"}),
    "ombudsman_actions": frozenset({"service_area", "outcome"}),
    "compliments_received": frozenset({"service_area", "team", "source"}),
    "audits_completed": _AUDIT,
    "audit_activity": _AUDIT,
    "audited_children": _AUDIT,
    "audits_with_grade": _AUDIT | {"grade"},
    "cases_with_rag": _AUDIT | {"rag"},
    "cases_with_finding": _AUDIT | {"audit_finding"},
    "audits_allocated": _AT_WORK,
    "parts_submitted_in_time": _AT_WORK,
    "audits_moderated_in_time": _AT_WORK,
    "audits_reviewed_in_time": _AT_WORK,
    "actions_open": _ACTION,
    "actions_overdue": _ACTION,
    "disputes_raised": _DISPUTE,
    "dispute_answers_in_time": _DISPUTE | {"dispute_stage"},
    "practice_acknowledged": frozenset({"service_area", "team"}),
    "stars_started": _STAR - {"star_scale"},
    "star_people_with_both": _STAR,
    "star_changes": _STAR,
    "star_improved": _STAR,
    "star_worse": _STAR,
    "star_began_at_top": _STAR,
    "star_points_gained": _STAR,
    "star_points_lost": _STAR,
    "calls_made": _CALL,
    "call_attempts": _CALL | {"call_outcome"},
    "call_attempts_reached": _CALL,
    "calls_declined": _CALL,
    "calls_made_in_time": _CALL,
    "calls_of_minimum": frozenset({"call_programme", "service_area"}),
    "complaints_open": _STAGED,
    "stages_requested": _STAGED,
    "stages_accepted": _STAGED,
    "stages_declined": _STAGED,
    "stages_ended": _STAGED | {"ending"},
    "stage_answers_in_time": _STAGED,
    "stages_extended": _STAGED,
    "stages_suspended": _STAGED,
    "suspended_stage_days": _STAGED,
    "suspended_days": _STAGED,
    "stage1_responses_unsuspended": _COMPLAINT | {"band"},
    "panels_held": _STAGED,
    "panels_in_time": _STAGED,
    "panel_reports_in_time": _STAGED,
    "findings_made": _STAGED | {"category", "finding"},
    "findings_differ": _STAGED | {"category"},
    "points_with_learning": _COMPLAINT | {"category"},
    "points_with_reason_for_none": _COMPLAINT | {"category"},
    "learning_actions_recorded": _LEARNED,
    "learning_actions_open": _LEARNED,
    "learning_actions_overdue": _LEARNED,
    "learning_actions_in_time": _LEARNED,
    "learning_made_a_difference": _LEARNED,
    "ombudsman_remedies_in_time": frozenset({"service_area", "outcome", "ombudsman_remedy"}),
    "ombudsman_answers_in_time": frozenset({"service_area"}),
    "ombudsman_cases_with_remedies": frozenset({"service_area", "outcome", "ombudsman_remedy"}),
    "responses_received": _RESPONSE,
    "answers_favourable": _RESPONSE | {"question", "theme"},
    "sections_good_or_better": _AUDIT | {"theme"},
    "comments_themed": _RESPONSE | {"question", "theme"},
    "quotes_released": frozenset({"questionnaire", "service_area", "question", "theme"}),
    "changes_published": frozenset({"service_area", "theme"}),
    "sections_graded": _AUDIT | {"section", "grade"},
    "audit_actions_set": _ACTION,
    "audit_actions_in_time": _ACTION,
    "invitations_answered": frozenset({"questionnaire", "service_area", "team", "invited_by"}),
    "representations_received": frozenset({"came_by", "said", "raised_by"}),
    "representations_decided": frozenset({"representation_outcome", "went_to", "procedure", "timing"}),
    "tracked_actions": _TRACKED | {"learning_standing"},
    "tracked_open": _TRACKED | {"learning_standing"},
    "tracked_missed": _TRACKED,
    "tracked_in_time": _TRACKED,
    "tracked_completed": _TRACKED,
    "tracked_reviewed": _TRACKED,
    "tracked_difference": _TRACKED,
    "tracked_helped": _TRACKED,
}
"""The measures, and the dimensions that can be rows or filters of each."""


class Span(Part):
    """Periods of the report's kind, 0 this one, -1 the one before."""

    from_: StrictInt = Field(alias="from", le=0)
    to: Annotated[StrictInt, Field(le=0)]


Members = Annotated[list[Code], Field(min_length=1)] | Literal["all"]
"""Members of a dimension in order; `all` are those that the profile has."""


def listed(members: list[str] | str) -> list[str]:
    """Members that are written out."""
    return [] if isinstance(members, str) else members


class Group(Part):
    """A row that is several members together."""

    code: Code
    label: Text
    members: Annotated[list[Code], Field(min_length=1)]


class DimensionRows(Part):
    """A row for each member of a dimension, or each group of members."""

    by: Literal["dimension"]
    label: Text
    dimension: Dimension
    members: Members | None = None
    groups: Annotated[list[Group], Field(min_length=1)] | None = None
    bands: Code | None = None

    @property
    def written(self) -> list[str]:
        """Every member that is written out."""
        return [member for group in self.groups or [] for member in group.members] or listed(self.members or [])


class MeasureRow(Part):
    """A row that is a measure."""

    code: Code
    label: Text
    measure: Text
    filter: Filter = Field(default={})


class MeasureRows(Part):
    """A row for each measure."""

    by: Literal["measure"]
    label: Text
    measures: Annotated[list[MeasureRow], Field(min_length=1)]


class Headline(Part):
    """A row that is a cell of another report."""

    code: Code
    label: Text
    report: Code
    table: Code
    row: Code
    column: Code
    several: StrictBool = False


class HeadlineRows(Part):
    """A row for each headline."""

    by: Literal["headline"]
    label: Text
    headlines: Annotated[list[Headline], Field(min_length=1)]


class PeriodRow(Span):
    """A row that is a period."""

    code: Code
    label: Text


class PeriodRows(Part):
    """A row for each period."""

    by: Literal["period"]
    label: Text
    periods: Annotated[list[PeriodRow], Field(min_length=1)]


class KpiRows(Part):
    """A row for each KPI."""

    by: Literal["kpi"]
    label: Text
    kpis: Annotated[list[Code], Field(min_length=1)]


class Column(Part):
    """A column of a table."""

    code: Code
    label: Text
    measure: Text | None = None
    filter: Filter = Field(default={})
    show: Literal["count", "share", "share-of-row", "numerator", "rest", "denominator", "value", "target", "rag"]
    unit: Text
    period: Span | None = None
    compare: StrictBool = True


class Across(Part):
    """A column for each member of a second dimension: a cross table."""

    dimension: Dimension
    members: Members
    bands: Code | None = None
    measure: Text
    filter: Filter = Field(default={})
    unit: Text
    period: Span | None = None

    @property
    def written(self) -> list[str]:
        """Every member that is written out."""
        return listed(self.members)


class Each(Part):
    """A table for each member of a dimension."""

    dimension: Dimension
    members: Members


class TableRecipe(Part):
    """A table of a report."""

    code: Code
    title: Text
    filter: Filter
    each: Each | None = None
    rows: Annotated[DimensionRows | MeasureRows | HeadlineRows | PeriodRows | KpiRows, Field(discriminator="by")]
    across: Across | None = None
    columns: Annotated[list[Column], Field(min_length=1)]
    total: StrictBool
    merged: Literal["as-it-was", "rolled-up"] = "as-it-was"
    chart: Literal["bar", "line"] | None
    compare: Annotated[StrictInt, Field(ge=0, le=11)] = 0
    notes: list[Text]


class ReportRecipe(Part):
    """A report."""

    code: Code
    title: Text
    audience: Literal["internal", "public"]
    period: Literal["quarter", "half-year", "year", "any"]
    tables: Annotated[list[TableRecipe], Field(min_length=1)]


class BandMember(Part):
    """A band of days."""

    code: Code
    label: Text
    from_: StrictInt | None = Field(alias="from")
    to: StrictInt | None
    open: StrictBool


class Bands(Part):
    """A set of bands."""

    code: Code
    members: Annotated[list[BandMember], Field(min_length=1)]


class NamedPeriod(Part):
    """A period beside quarters and years."""

    code: Code
    label: Text
    from_: date = Field(alias="from")
    to: date


class Tracker(Part):
    """From how many days before its day an open action of the learning tracker may miss it."""

    may_miss_days: Annotated[StrictInt, Field(ge=0, le=60)]


class Reports(Part):
    """reports.yaml."""

    tracker: Tracker = Tracker(may_miss_days=7)
    bands: list[Bands]
    periods: list[NamedPeriod]
    reports: list[ReportRecipe]


class Whole(Part):
    """All files of a profile."""

    organisation: Organisation
    audit: Audit
    questionnaires: list[Questionnaire]
    worries: Worries
    families: Families
    stars: Stars
    calls: Calls
    complaints: Complaints
    kpis: Kpis
    reports: Reports
    sign_in: SignIn
    retention: Retention
