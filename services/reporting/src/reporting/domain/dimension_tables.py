"""The dimension tables: what the codes of facts mean. Of each its key, its columns, and whether rows of the past are kept.

A code that has left the profile keeps its row, as facts keep the code: `in_profile` is false then.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class DimensionTable:
    """One dimension table. `keeps` says that a row that is no longer told of stays, with `in_profile` false."""

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    keeps: bool = True

    @property
    def types(self) -> dict[str, str]:
        """Every column that rows are given with, and its type; the key first."""
        return {**self.columns, "in_profile": "boolean"} if self.keeps else dict(self.columns)


_TEXT = "text"
_NAMED = {"label": _TEXT, "position": "integer"}
_MERGED = {"merged_into": _TEXT, "merged_on": "date", "rolls_up_to": _TEXT}
_VALID = {"valid_from": "date", "valid_until": "date"}
SUBJECTS = ("audits", "feedback", "complaints", "compliments")

ORGANISATION = DimensionTable("dim_organisation", ("organisation",), {"organisation": _TEXT, "label": _TEXT})
SERVICE_AREA = DimensionTable(
    "dim_service_area",
    ("service_area",),
    {
        "service_area": _TEXT,
        **_NAMED,
        "short_label": _TEXT,
        "used_for": _TEXT,
        **{f"{subject}_{end}": "date" for subject in SUBJECTS for end in ("from", "until")},
        **_MERGED,
    },
)
TEAM = DimensionTable("dim_team", ("team",), {"team": _TEXT, **_NAMED, "service_area": _TEXT, **_VALID, **_MERGED})
# Corrections of former names replace them: this table holds what is told now, and nothing else.
NAME = DimensionTable(
    "dim_name",
    ("dimension", "code", "number"),
    {"dimension": _TEXT, "code": _TEXT, "number": "integer", "label": _TEXT, "label_from": "date", "label_until": "date"},
    keeps=False,
)
TOOL = DimensionTable(
    "dim_tool", ("tool",), {"tool": _TEXT, **_NAMED, "tool_version": "integer", "kind": _TEXT, "scale": _TEXT}
)
SECTION = DimensionTable(
    "dim_section", ("tool", "section"), {"tool": _TEXT, "section": _TEXT, "section_key": _TEXT, **_NAMED, "themes": _TEXT}
)
GRADE = DimensionTable(
    "dim_grade",
    ("scale", "grade"),
    {"scale": _TEXT, "grade": _TEXT, "grade_key": _TEXT, "scale_label": _TEXT, **_NAMED, "comparable": _TEXT},
)
QUESTIONNAIRE = DimensionTable(
    "dim_questionnaire",
    ("questionnaire",),
    {
        "questionnaire": _TEXT,
        **_NAMED,
        "audience": _TEXT,
        "about": _TEXT,
        "questionnaire_version": "integer",
        "edition": "integer",
    },
)
_QUESTION = {"questionnaire": _TEXT, "questionnaire_version": "integer", "question": _TEXT, "question_key": _TEXT}
QUESTION = DimensionTable(
    "dim_question",
    ("questionnaire", "questionnaire_version", "question"),
    {
        **_QUESTION,
        **_NAMED,
        "kind": _TEXT,
        "themes": _TEXT,
        **dict.fromkeys(("score_min", "score_max", "positive_from"), "integer"),
        **dict.fromkeys(("asked_from", "asked_until"), "date"),
    },
)
OPTION = DimensionTable(
    "dim_option",
    ("questionnaire", "questionnaire_version", "question", "option"),
    {**_QUESTION, "option": _TEXT, "score": "integer", **_NAMED, "positive": "boolean"},
)
CATEGORY = DimensionTable("dim_category", ("category",), {"category": _TEXT, **_NAMED, "themes": _TEXT, **_VALID})
THEME = DimensionTable("dim_theme", ("theme",), {"theme": _TEXT, **_NAMED})
CODE = DimensionTable("dim_code", ("list", "code"), {"list": _TEXT, "code": _TEXT, **_NAMED, "used_in": _TEXT})
KPI = DimensionTable(
    "dim_kpi",
    ("kpi",),
    {
        "kpi": _TEXT,
        **_NAMED,
        **dict.fromkeys(
            ("definition", "kind", "numerator", "denominator", "rest", "unit", "better", "every", "together"), _TEXT
        ),
        "service_areas": _TEXT,
        "by_team": "boolean",
        **_VALID,
        **dict.fromkeys(("source", "owner", "themes"), _TEXT),
    },
)
# Targets and thresholds that were never in force can be corrected: this table holds what is told now.
KPI_LEVEL = DimensionTable(
    "dim_kpi_level",
    ("kpi", "level", "number"),
    {"kpi": _TEXT, "level": _TEXT, "number": "integer", **_VALID, "value": "double precision"},
    keeps=False,
)
DATE = DimensionTable(
    "dim_date",
    ("day",),
    {
        "day": "date",
        **dict.fromkeys(("month", "month_label", "quarter", "quarter_label", "financial_year", "weekday"), _TEXT),
        "working_day": "boolean",
        **dict.fromkeys(("holiday", "calendar"), _TEXT),
    },
    keeps=False,
)

OF_PROFILES = (
    ORGANISATION,
    SERVICE_AREA,
    TEAM,
    NAME,
    TOOL,
    SECTION,
    GRADE,
    QUESTIONNAIRE,
    QUESTION,
    OPTION,
    CATEGORY,
    THEME,
    CODE,
    KPI,
    KPI_LEVEL,
)
ALL = (*OF_PROFILES, DATE)
