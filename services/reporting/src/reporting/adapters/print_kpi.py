"""A KPI as a document to print, and to read without eyes."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from chassis.days import british_time
from chassis.pdf.document import Block, Bullets, Column, Document, Facts, FigureRow, Figures, Heading, Picture, Table, Text
from reporting.domain.kpi_describe import HOW_TO_READ, cautions, chance_words, describe, latest_words, rounding_words
from reporting.domain.kpi_figures import month_end
from reporting.domain.kpi_series import Grain
from reporting.domain.kpi_words import (
    JUDGEMENTS,
    figure_words,
    listed,
    missing_words,
    month_words,
    target_words,
    worth_words,
)
from reporting.domain.kpis import Kpi
from reporting.use_cases.read_kpis import KpiPage


def document(page: KpiPage, made_on: date, chart: str | None = None) -> Document:
    """The KPI with its latest figure, its chart as SVG, its months, its places and what was corrected."""
    kpi = page.kpi
    found = (_latest(page), _months(page, chart), _places(page), _changes(page), _about(kpi))
    blocks: list[Block] = [Text(kpi.definition), *chain.from_iterable(found)]
    organisation = page.profile.organisation.name
    return Document(kpi.name, organisation, made_on, tuple(blocks), subtitle=page.of, marking="Internal")


def _latest(page: KpiPage) -> Iterator[Block]:
    kpi, found = page.kpi, page.glance
    yield Heading("Latest figure")
    if found.latest is None:
        yield Text("Nothing has been posted yet.")
        return
    last = month_end(found.latest)
    known = [
        (month_words(found.latest), listed((figure_words(kpi, found.figure), worth_words(kpi, found.figure)))),
        ("Twelve months up to then", listed((figure_words(kpi, found.year), worth_words(kpi, found.year)))),
        ("Target", target_words(kpi, last)),
        ("Judged", JUDGEMENTS[found.judgement]),
        ("What chance makes", latest_words(kpi, found.series)),
    ]
    if found.overdue and found.due:
        known.append(("Not collected", month_words(found.due)))
    yield Facts(tuple((label, words) for label, words in known if words))


def _months(page: KpiPage, chart: str | None) -> Iterator[Block]:
    kpi, series = page.kpi, page.glance.series
    if not series.moments:
        return
    is_quarterly = series.grain is Grain.QUARTER
    yield Heading("Quarter by quarter" if is_quarterly else "Month by month")
    if chart is None:
        yield Text(describe(kpi, series))
    else:
        alt = f"Line chart: {kpi.name} over time, with its average, limits and target. The numbers stand in the table below it."
        yield Picture(chart, alt, f"{describe(kpi, series)}\n\n{HOW_TO_READ}", share=100)
    if said := cautions(kpi, series):
        yield Bullets(tuple(said))
    rows = []
    for each in reversed(series.moments):
        small = worth_words(kpi, each.figure).partition(".")[0] if kpi.is_share else ""
        figure = "\n".join(filter(None, (figure_words(kpi, each.figure), small)))
        cells = (figure, target_words(kpi, each.last), JUDGEMENTS[each.judgement], chance_words(each))
        rows.append(FigureRow(each.label, cells))
    heads = ("Figure", "Target", "Judged", "Chance")
    yield Figures(f"{kpi.name}, the latest first", "Quarter" if is_quarterly else "Month", heads, tuple(rows))
    for each in reversed(series.moments):
        missing = missing_words(each.figure, page.names) if each.figure.n is not None else ""
        if note := listed((missing, rounding_words(kpi, each))):
            yield Text(f"{each.label}: {note}", quiet=True)


def _places(page: KpiPage) -> Iterator[Block]:
    if not page.places:
        return
    kpi = page.kpi
    yield Heading("By service area and team")
    rows = tuple(
        FigureRow(
            name,
            (
                _figure(kpi, each.figure.n, each.figure.of, figure_words(kpi, each.figure)),
                JUDGEMENTS[each.judgement],
                _figure(kpi, each.year.n, each.year.of, figure_words(kpi, each.year)),
            ),
        )
        for name, each in page.places
    )
    month = month_words(page.glance.latest) if page.glance.latest else "Latest"
    yield Figures("Each place by itself", "Place", (month, "Judged", "Twelve months"), rows)


def _figure(kpi: Kpi, n: int | None, of: int | None, words: str) -> str:
    return words if n is None or not kpi.is_share or " of " in words else f"{words}\n{n:,} of {of or 0:,}"


def _changes(page: KpiPage) -> Iterator[Block]:
    if not page.changes:
        return
    yield Heading("Corrections")
    columns = (Column("Month and place", 3), Column("Figure", 2), Column("Recorded", 3), Column("Why", 4))
    rows = tuple(
        (
            f"{month_words(each.month)}\n{each.place}",
            f"{each.n:,}" if each.of is None else f"{each.n:,} of {each.of:,}",
            f"{each.via} by {each.by}, {british_time(each.at):%d %B %Y}",
            each.reason or "First figure",
        )
        for each in page.changes
    )
    yield Table("What was corrected, with what stood before", columns, rows)


def _about(kpi: Kpi) -> Iterator[Block]:
    yield Heading("What it is")
    known = [
        ("What is counted", kpi.numerator),
        ("Out of", kpi.denominator or ""),
        ("Take care", " ".join(kpi.caveats)),
        ("Who answers for it", kpi.owner),
        ("Where it comes from", kpi.source),
    ]
    yield Facts(tuple((label, words) for label, words in known if words))
