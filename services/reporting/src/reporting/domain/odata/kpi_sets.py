"""The entity sets of KPIs: what was posted as it stands, what each KPI is, and what it is held against."""

from reporting.domain import dimension_tables as tables
from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import DIMENSIONS, by

_VALID = (
    day("valid_from", "First day on which it holds; empty where there is none.", nullable=True),
    day("valid_until", "Last day on which it holds; empty where there is none.", nullable=True),
)
KPI_OBSERVATIONS = EntitySet(
    "KpiObservations",
    "KpiObservation",
    "feed_kpi_observation",
    "One row a KPI, month and place, as it stands: a correction replaces it. Add numerators and denominators up and divide; "
    "never average percentages. What `Kpis` says of `together` decides whether months can be added up at all.",
    ("observation_id",),
    (
        Property("observation_id", Edm.GUID, "The figure, whatever its version."),
        code("kpi", "The KPI; see Kpis."),
        day("month", "First day of its month, of a quarterly KPI of the last month of the quarter; it decides the period."),
        code("service_area", "Service area."),
        code("team", "Team, of KPIs that are posted by team.", nullable=True),
        Property("numerator", Edm.INT64, "What was counted; of a KPI that is a number, the number."),
        Property("denominator", Edm.INT64, "What it is a share of; empty for a number.", nullable=True),
        Property("version", Edm.INT32, "1 at first, one more with each correction."),
        *CHANGES,
    ),
    roots=(by("observation_id"),),
)
KPIS = EntitySet(
    "Kpis",
    "Kpi",
    tables.KPI.table,
    "One row a KPI, with what it counts. Its targets and thresholds are in KpiLevels.",
    ("kpi",),
    (
        code("kpi", "Code of the KPI."),
        code("label", "What it is called now."),
        Property("position", Edm.INT32, "Its place in the profile, from 1."),
        code("definition", "What it is."),
        code("kind", "share, or number."),
        code("numerator", "What is counted."),
        code("denominator", "What it is a share of.", nullable=True),
        code("rest", "What the rest is called.", nullable=True),
        code("unit", "What is counted, in one word."),
        code("better", "higher, lower or neither."),
        code("every", "month or quarter: how often it is posted."),
        code("together", "What several months make: sum, last or none."),
        code("service_areas", "Service areas that post it, joined by a semicolon."),
        Property("by_team", Edm.BOOLEAN, "Whether each of their teams posts it."),
        *_VALID,
        code("source", "Where the figures come from."),
        code("owner", "The role that answers for it."),
        code("themes", "Codes of its themes, joined by a semicolon."),
        Property("in_profile", Edm.BOOLEAN, "Whether the profile in force still has it."),
    ),
    limited_by=None,
    roots=(DIMENSIONS,),
)
KPI_LEVELS = EntitySet(
    "KpiLevels",
    "KpiLevel",
    tables.KPI_LEVEL.table,
    "One row a target, and a row where green and where amber ends. A month is held against those that hold on its last day.",
    ("kpi", "level", "number"),
    (
        code("kpi", "The KPI."),
        code("level", "target, green or amber."),
        Property("number", Edm.INT32, "Its place among those of the KPI, from 1."),
        *_VALID,
        Property("value", Edm.DOUBLE, "The level: per cent of a share, else the number."),
    ),
    limited_by=None,
    roots=(DIMENSIONS,),
)
KPI_DIMENSIONS = (KPIS, KPI_LEVELS)
