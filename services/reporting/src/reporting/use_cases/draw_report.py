"""Drawing the charts of a report that was read."""

from dataclasses import dataclass

from reporting.adapters import charts
from reporting.domain.tables import ReportView
from reporting.domain.wording import chart_description


@dataclass(frozen=True)
class Chart:
    """A drawing and what it shows in words."""

    svg: str
    description: str


async def draw(view: ReportView) -> dict[str, Chart]:
    """The charts of a report by the code of their table; a table without figures has none."""
    drawn = {}
    for table in view.tables:
        svg = await charts.bars(table) if table.chart == "bar" else None
        if svg is not None:
            drawn[table.code] = Chart(svg, chart_description(table))
    return drawn
