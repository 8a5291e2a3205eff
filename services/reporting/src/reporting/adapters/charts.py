"""Bar charts as SVG, drawn by vl-convert from a Vega-Lite specification.

The specification is written out here rather than made with altair: importing altair takes 1.5 s and 45 MB and would add nothing
to one kind of chart. vl-convert itself takes half a second and 60 MB at the first chart, so it is imported then, and drawings
are kept: a chart of the same figures is the same drawing.
"""

import asyncio
import json
from functools import lru_cache
from textwrap import wrap
from typing import Any

from reporting.domain.tables import TableView
from reporting.domain.wording import has_bar

WIDTH = 440  # a phone shows it at 350, where its 17 px letters are still 13 px
ROW, TWO_LINES = 54, 74
COLOUR, INK = "#14535b", "#0b0c0c"
_LETTERS = 50  # of a label on one line


async def bars(table: TableView) -> str | None:
    """An SVG with a bar for each row of the table's first column; None where there is nothing to draw."""
    rows = [
        {"code": row.code, "value": row.cells[0].value or 0, "words": f"{row.cells[0].value or 0:,}", **_lines(row.label)}
        for row in table.rows
        if has_bar(row.cells[0]) and row.code != "total"
    ]
    if not any(row["value"] for row in rows):
        return None
    return await asyncio.to_thread(drawn, json.dumps(_specification(rows)))


@lru_cache(maxsize=256)
def drawn(specification: str) -> str:
    """The SVG of a Vega-Lite specification (JSON)."""
    import vl_convert  # noqa: PLC0415 - see the module

    svg: str = vl_convert.vegalite_to_svg(specification)
    return svg


def _specification(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Labels above their bars: they are long, and beside them nothing would be left of the width for bars on a phone."""
    order = [row["code"] for row in rows]
    height = TWO_LINES if any(row["above"] for row in rows) else ROW
    y = {"field": "code", "type": "nominal", "sort": order, "axis": None, "scale": {"paddingInner": 0, "paddingOuter": 0}}
    # Room on the right for the number after the longest bar.
    most = max(row["value"] for row in rows) * 1.12
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, most]}}
    bar = height // 2 - 16  # below the middle of its row
    text = {"fontSize": 17, "fill": INK, "baseline": "middle", "align": "left"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": height * len(rows),
        "padding": {"left": 0, "top": 4, "right": 4, "bottom": 20},
        "data": {"values": rows},
        "encoding": {"y": y},
        "layer": [
            {"mark": {"type": "bar", "color": COLOUR, "height": 18, "yOffset": bar}, "encoding": {"x": x}},
            {"mark": {"type": "text", **text, "x": 0, "dy": bar - 43}, "encoding": {"text": {"field": "above"}}},
            {"mark": {"type": "text", **text, "x": 0, "dy": bar - 22}, "encoding": {"text": {"field": "label"}}},
            {
                "mark": {"type": "text", **text, "fontWeight": "bold", "dx": 6, "dy": bar},
                "encoding": {"x": x, "text": {"field": "words"}},
            },
        ],
        "config": {"view": {"stroke": None}, "font": "arial, sans-serif", "background": None},
    }


def _lines(label: str) -> dict[str, str]:
    """The line right above the bar, and the one above that where the label needs two."""
    lines = wrap(label, _LETTERS, max_lines=2, placeholder=" …")
    return {"above": lines[0] if len(lines) > 1 else "", "label": lines[-1] if lines else ""}
