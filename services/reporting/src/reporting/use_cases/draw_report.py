"""Drawing the charts of a report that was read."""

from reporting.adapters import charts, line_chart
from reporting.domain.frozen_report import Drawing
from reporting.domain.tables import ReportView
from reporting.domain.trend import trend_description
from reporting.domain.wording import chart_description


async def draw(view: ReportView) -> dict[str, Drawing]:
    """The charts of a report by the code of their table; a table without figures has none."""
    drawn = {}
    for table in view.tables:
        if table.chart == "bar" and (svg := await charts.bars(table)) is not None:
            drawn[table.code] = Drawing(svg, chart_description(table))
        elif table.chart == "line" and (svg := await line_chart.lines(table)) is not None:
            drawn[table.code] = Drawing(svg, trend_description(table))
    return drawn
