"""A KPI as a workbook: its months, its places, and what was corrected."""

from chassis.days import british_time
from chassis.spreadsheet.book import BookTable, Value, write_book
from reporting.domain.kpi_describe import cautions, chance_words, describe, rounding_words
from reporting.domain.kpi_figures import Figure
from reporting.domain.kpi_series import Grain
from reporting.domain.kpi_words import JUDGEMENTS, listed, missing_words, month_words, target_words
from reporting.domain.kpis import Kpi
from reporting.domain.statistics import Evidence, evidence, percent_half_up
from reporting.domain.wording import FEW, TOO_FEW
from reporting.use_cases.read_kpis import KpiPage

NOT_COLLECTED = "[x]"
_SHARES = (
    "Percentages are whole per cent, half up; the numbers that they are made of stand beside them.",
    f"{TOO_FEW} {FEW}",
)


def render(page: KpiPage) -> bytes:
    """The workbook. Percentages are whole, half up; [x] is not collected."""
    kpi = page.kpi
    about = [
        page.profile.organisation.name,
        page.of,
        kpi.definition,
        *(_SHARES if kpi.is_share else ()),
        "[x] not collected.",
        f"Source: {kpi.source}. Who answers for it: {kpi.owner}.",
    ]
    tables = [_months(page)]
    if page.places:
        tables.append(_places(page))
    if page.changes:
        tables.append(_changes(page))
    return write_book(kpi.name, [each for each in about if each], tables)


def _heads(kpi: Kpi) -> tuple[str, ...]:
    if not kpi.is_share:
        return (f"{kpi.numerator} ({kpi.unit})",)
    return kpi.numerator, kpi.rest or "The rest", kpi.denominator or "Out of", "Per cent"


def _figures(kpi: Kpi, found: Figure) -> tuple[Value, ...]:
    if found.n is None:
        return (NOT_COLLECTED,) * len(_heads(kpi))
    if not kpi.is_share:
        return (found.n,)
    of = found.of or 0
    return found.n, of - found.n, of, _percent(found.n, of)


def _percent(n: int, of: int) -> Value:
    if evidence(of) is Evidence.TOO_FEW_TO_REPORT:
        return TOO_FEW
    return percent_half_up(n, of) if of else NOT_COLLECTED


def _months(page: KpiPage) -> BookTable:
    kpi, series = page.kpi, page.glance.series
    first = "Quarter" if series.grain is Grain.QUARTER else "Month"
    heads = (first, *_heads(kpi), "Target", "Judged", "Average", "Lower limit", "Upper limit", "Beside chance", "Note")
    rows = []
    for each in series.moments:
        limits = each.point.limits
        ends: list[Value] = [limits.mean, limits.low, limits.high] if limits else [NOT_COLLECTED] * 3
        note = listed((missing_words(each.figure, page.names), rounding_words(kpi, each)))
        judged = JUDGEMENTS[each.judgement]
        row = (each.label, *_figures(kpi, each.figure), target_words(kpi, each.last), judged, *ends, chance_words(each), note)
        rows.append(row)
    return BookTable("Over time", heads, tuple(rows), (describe(kpi, series), *cautions(kpi, series)))


def _places(page: KpiPage) -> BookTable:
    kpi = page.kpi
    month = month_words(page.glance.latest) if page.glance.latest else "Latest"
    now, year = ([f"{when}: {each}" for each in _heads(kpi)] for when in (month, "Twelve months"))
    heads = ("Place", *now, "Judged", *year)
    rows = tuple(
        (name, *_figures(kpi, each.figure), JUDGEMENTS[each.judgement], *_figures(kpi, each.year)) for name, each in page.places
    )
    return BookTable("By service area and team", heads, rows)


def _changes(page: KpiPage) -> BookTable:
    heads = ("Month", "Place", "Version", "Numerator", "Denominator", "Recorded by", "How", "When", "Why")
    rows = tuple(
        (
            month_words(each.month),
            each.place,
            each.version,
            each.n,
            each.of,
            each.by,
            each.via,
            f"{british_time(each.at):%Y-%m-%d %H:%M}",
            each.reason,
        )
        for each in page.changes
    )
    return BookTable("Corrections, with what stood before", heads, rows)
