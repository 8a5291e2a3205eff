"""The chart of a KPI over time as SVG: its points, the average and the limits of what chance makes, and the target.

Nothing is told by colour alone: a point that is more than chance makes is a large diamond among small circles, the average is a
thin line, the limits are dashed and the target is dotted. The page says so beside it, and has every number in a table.
"""

import asyncio
import json
from typing import Any

from reporting.adapters.charts import COLOUR, INK, WIDTH, drawn
from reporting.domain.kpi_series import Series
from reporting.domain.kpis import Kpi

HEIGHT = 260
SIGNAL, QUIET, TARGET = "#a2320a", "#505a5f", "#4c2c92"
_LEAST_POINTS = 2
_MARGIN = 0.08  # of the height, above and below


async def spc(kpi: Kpi, series: Series) -> str | None:
    """The chart, or None where there are fewer than two points."""
    if sum(each.value is not None for each in series.points) < _LEAST_POINTS:
        return None
    return await asyncio.to_thread(drawn, json.dumps(_specification(kpi, series)))


def _specification(kpi: Kpi, series: Series) -> dict[str, Any]:
    rows = _rows(kpi, series)
    low, high = _ends(rows, kpi)
    x = {
        "field": "month",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"format": "%b %y", "tickCount": 5, "title": None, "grid": False, "labelFontSize": 15, "labelColor": INK},
    }
    suffix = "%" if kpi.is_share else ""
    axis = {
        "title": None,
        "tickCount": 5,
        "labelFontSize": 15,
        "labelColor": INK,
        "labelExpr": f"format(datum.value, ',') + '{suffix}'",
    }
    y = {"type": "quantitative", "scale": {"domain": [low, high], "zero": False, "nice": False}, "axis": axis}

    def line(field: str, detail: str, **mark: Any) -> dict[str, Any]:
        known = [{"filter": f"isValid(datum.{field})"}]
        encoding = {"x": x, "y": {"field": field, **y}, "detail": {"field": detail, "type": "nominal"}}
        return {"transform": known, "mark": {"type": "line", "clip": True, **mark}, "encoding": encoding}

    def points(told: str, **mark: Any) -> dict[str, Any]:
        known = [{"filter": f"isValid(datum.value) && {told}datum.signal"}]
        encoding = {"x": x, "y": {"field": "value", **y}}
        return {"transform": known, "mark": {"type": "point", "filled": True, "opacity": 1, **mark}, "encoding": encoding}

    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH - 50,
        "height": HEIGHT,
        "padding": {"left": 0, "top": 8, "right": 12, "bottom": 4},
        "data": {"values": rows},
        "layer": [
            line("high", "phase", color=QUIET, strokeDash=[8, 5], strokeWidth=1.5),
            line("low", "phase", color=QUIET, strokeDash=[8, 5], strokeWidth=1.5),
            line("mean", "phase", color=QUIET, strokeWidth=1.5),
            line("target", "aimed", color=TARGET, strokeDash=[2, 4], strokeWidth=2.5),
            line("value", "run", color=COLOUR, strokeWidth=2.5),
            points("!", color=COLOUR, size=55, shape="circle"),
            points("", color=SIGNAL, size=190, shape="diamond"),
        ],
        "config": {"view": {"stroke": None}, "font": "arial, sans-serif", "background": None},
    }


def _rows(kpi: Kpi, series: Series) -> list[dict[str, Any]]:
    """A row a moment. `phase`, `aimed` and `run` end a line where limits begin anew, the target changes, a month is missing."""
    rows: list[dict[str, Any]] = []
    phase = aimed = run = 0
    before: float | None = None
    for moment in series.moments:
        limits, target = moment.point.limits, kpi.target(moment.last)
        level = None if target is None else float(target.value)
        phase += bool(moment.begins_anew)
        aimed += level != before
        run += moment.point.value is None
        before = level
        rows.append(
            {
                "month": f"{moment.first:%Y-%m}-01",
                "value": moment.point.value,
                "signal": bool(moment.point.signals),
                "mean": limits.mean if limits else None,
                "low": limits.low if limits else None,
                "high": limits.high if limits else None,
                "target": level,
                "phase": phase,
                "aimed": aimed,
                "run": run,
            }
        )
    return rows


def _ends(rows: list[dict[str, Any]], kpi: Kpi) -> tuple[float, float]:
    """From where to where the chart reaches: everything that is drawn, with a margin, within what is possible."""
    drawn_ = [row[name] for row in rows for name in ("value", "low", "high", "target") if row[name] is not None]
    low, high = min(drawn_), max(drawn_)
    margin = max((high - low) * _MARGIN, 1.0)
    return max(0.0, low - margin), min(100.0, high + margin) if kpi.is_share else high + margin
