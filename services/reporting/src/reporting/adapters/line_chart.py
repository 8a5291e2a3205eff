"""Line charts over periods as SVG; see `charts` for how they are drawn.

Lines differ by their dashes and the shape of their points besides their colour, and each is named where it ends: nobody needs
to tell colours apart, nor to look back and forth to a legend. The scale begins at nought.
"""

import asyncio
import json
from textwrap import wrap
from typing import Any

from reporting.adapters.charts import INK, WIDTH, drawn
from reporting.domain.tables import TableView
from reporting.domain.trend import Series, series

HEIGHT = 240
NAMED = 24  # height of a line's name below the chart, where there are several
_COLOURS = ("#14535b", "#8a3c00", "#5a2a82")  # each 7:1 or more against white
_DASHES: tuple[list[int], ...] = ([], [8, 4], [2, 3])
_SHAPES = ("circle", "square", "triangle-up")
_LETTERS = 44
_FEW = 6  # periods whose names fit side by side on a phone
_FEW_TICKS = 4


async def lines(table: TableView) -> str | None:
    """An SVG with a line for each series; None where there is nothing to draw."""
    found = series(table)
    if not found:
        return None
    return await asyncio.to_thread(drawn, json.dumps(_specification(found)))


def _specification(found: tuple[Series, ...]) -> dict[str, Any]:
    periods = [point.period for point in found[0].points]
    highest = max(point.value or 0 for line in found for point in line.points)
    domain = [0, 100] if found[0].percent else [0, max(highest, 1) * 1.15]
    x = {
        "field": "period",
        "type": "ordinal",
        "sort": periods,
        "scale": {"padding": 0.4},
        "axis": {"title": None, "labelAngle": 0 if len(periods) <= _FEW else -45, "labelOverlap": True, "grid": False},
    }
    axis: dict[str, Any] = {"title": None, "tickCount": 4, "format": ",d", "tickMinStep": 1}
    if not found[0].percent and highest <= _FEW_TICKS:
        # Left to itself it would put a line at a half, and call it 1.
        axis["values"] = list(range(int(max(highest, 1)) + 1))
    y = {"field": "value", "type": "quantitative", "scale": {"domain": domain}, "axis": axis}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH - 60,
        "height": HEIGHT,
        "padding": {"left": 0, "top": 8, "right": 16, "bottom": 8},
        "layer": [layer for n, line in enumerate(found) for layer in _layers(n, line, x, y, alone=len(found) == 1)],
        "config": {
            "view": {"stroke": None},
            "font": "arial, sans-serif",
            "background": None,
            "axis": {"labelFontSize": 15, "labelColor": INK, "domainColor": INK, "tickColor": INK, "gridColor": "#b1b4b6"},
        },
    }


def _layers(n: int, line: Series, x: dict[str, Any], y: dict[str, Any], *, alone: bool) -> list[dict[str, Any]]:
    """The line, its points, with their figures where it is the only one, and its name in a row of its own below."""
    sign = "%" if line.percent else ""
    rows = [
        {"period": point.period, "value": point.value, "words": "" if point.value is None else f"{point.value:,}{sign}"}
        for point in line.points
    ]
    colour = {"value": _COLOURS[n]}
    stroke = {"strokeWidth": 3, "strokeDash": _DASHES[n]}
    dot = {"type": "point", "filled": True, "shape": _SHAPES[n], "size": 80, "opacity": 1}
    text = {"type": "text", "fontSize": 15, "fill": INK}
    held = {"data": {"values": rows}}
    there = {**held, "transform": [{"filter": "isValid(datum.value)"}]}
    layers: list[dict[str, Any]] = [
        # A period without a figure is a gap.
        {
            **held,
            "mark": {"type": "line", **stroke, "invalid": "break-paths-show-domains"},
            "encoding": {"x": x, "y": y, "color": colour},
        },
        {**there, "mark": dot, "encoding": {"x": x, "y": y, "color": colour}},
    ]
    if alone:
        mark = {**text, "fontWeight": "bold", "dy": -14}
        return [*layers, {**there, "mark": mark, "encoding": {"x": x, "y": y, "text": {"field": "words"}}}]
    row = {"value": HEIGHT + 46 + n * NAMED}
    name = wrap(line.label, _LETTERS, max_lines=1, placeholder=" …")[0]
    sample = {"x": {"value": 0}, "x2": {"value": 36}, "y": row, "color": colour}
    named = {**text, "align": "left", "baseline": "middle", "text": name}
    nothing: dict[str, Any] = {"values": [{}]}
    return [
        *layers,
        {"data": nothing, "mark": {"type": "rule", **stroke}, "encoding": sample},
        {"data": nothing, "mark": dot, "encoding": {"x": {"value": 18}, "y": row, "color": colour}},
        {"data": nothing, "mark": named, "encoding": {"x": {"value": 46}, "y": row}},
    ]
