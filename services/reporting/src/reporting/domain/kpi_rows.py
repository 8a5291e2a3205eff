"""The rows of the dimension tables of KPIs, out of a profile."""

from collections.abc import Iterator
from typing import Any

from reporting.domain.profile import Profile

Row = dict[str, Any]
_AS_THEY_ARE = (
    "definition",
    "kind",
    "numerator",
    "denominator",
    "rest",
    "unit",
    "better",
    "every",
    "together",
    "source",
    "owner",
)


def kpis(profile: Profile) -> Iterator[Row]:
    """A row a KPI."""
    for position, each in enumerate(profile.kpis.kpis, 1):
        yield {
            "kpi": each.code,
            "label": each.name,
            "position": position,
            **{name: getattr(each, name) for name in _AS_THEY_ARE},
            "service_areas": ";".join(each.service_areas),
            "by_team": each.teams,
            "valid_from": each.from_,
            "valid_until": each.until,
            "themes": ";".join(each.themes),
        }


def levels(profile: Profile) -> Iterator[Row]:
    """A row a target, and a row where green and where amber ends, each with its days."""
    for kpi in profile.kpis.kpis:
        for number, target in enumerate(kpi.targets, 1):
            yield _level(kpi.code, "target", number, target, target.value)
        for number, rag in enumerate(kpi.rag, 1):
            yield _level(kpi.code, "green", number, rag, rag.green)
            yield _level(kpi.code, "amber", number, rag, rag.amber)


def _level(kpi: str, level: str, number: int, valid: Any, value: Any) -> Row:
    days = {"valid_from": valid.from_, "valid_until": valid.until}
    return {"kpi": kpi, "level": level, "number": number, **days, "value": float(value)}
