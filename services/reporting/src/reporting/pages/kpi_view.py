"""What the templates of KPIs are given: figures in words, judgements with shape and colour, rows of months."""

from dataclasses import dataclass
from datetime import date

from reporting.domain.kpi_describe import chance_words, latest_words, rounding_words
from reporting.domain.kpi_figures import Figure, Judgement, Place, month_end
from reporting.domain.kpi_overview import Glance, PlaceGlance
from reporting.domain.kpi_series import Moment
from reporting.domain.kpi_words import (
    JUDGEMENTS,
    figure_words,
    level_words,
    listed,
    missing_words,
    month_words,
    target_words,
    worth_words,
)
from reporting.domain.kpis import Kpi
from reporting.use_cases.read_kpis import KpiPage

_SHAPES = {Judgement.GREEN: "●", Judgement.AMBER: "▲", Judgement.RED: "■"}
_COLOURS = {Judgement.GREEN: "green", Judgement.AMBER: "yellow", Judgement.RED: "red"}


@dataclass(frozen=True, slots=True)
class Rag:
    """A judgement as it is shown: words always, and where it is one, a shape and a colour besides."""

    words: str
    shape: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with what stands small below it."""

    words: str
    worth: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A KPI in the list."""

    code: str
    name: str
    month: str
    latest: Shown
    year: Shown
    target: str
    rag: Rag
    chance: str
    missing: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """A month or a quarter in the table below the chart."""

    label: str
    counts: tuple[str, ...]
    figure: Shown
    target: str
    rag: Rag
    chance: str


def rag(judgement: Judgement) -> Rag:
    """A judgement as it is shown."""
    return Rag(JUDGEMENTS[judgement], _SHAPES.get(judgement, ""), _COLOURS.get(judgement, ""))


def shown(kpi: Kpi, figure: Figure, names: dict[Place, str] | None = None) -> Shown:
    """A figure with its numbers, and what is missing of it."""
    return Shown(figure_words(kpi, figure), worth_words(kpi, figure), missing_words(figure, names))


def line(found: Glance) -> Line:
    """A KPI in the list."""
    kpi, at = found.kpi, found.latest or found.due
    last = month_end(at) if at else date.max
    missing = f"{month_words(found.due)} not collected" if found.overdue and found.due else ""
    return Line(
        kpi.code,
        kpi.name,
        month_words(at) if at and found.latest else "",
        shown(kpi, found.figure) if found.latest else Shown("Not collected"),
        shown(kpi, found.year) if found.latest else Shown("–"),
        target_words(kpi, last),
        rag(found.judgement) if found.latest else Rag("No figure"),
        latest_words(kpi, found.series) if found.latest else "Nothing has been posted yet.",
        missing,
        found.due,
    )


def row(kpi: Kpi, moment: Moment, names: dict[Place, str]) -> Row:
    """A row of the table below the chart."""
    figure = moment.figure
    counts: tuple[str, ...] = ()
    if kpi.is_share:
        there = figure.n is not None
        n, of = figure.n or 0, figure.of or 0
        counts = tuple(f"{each:,}" if there else "–" for each in (n, of - n, of))
    worth = "" if figure.n is None else _small(kpi, figure)
    note = listed((missing_words(figure, names) if figure.n is not None else "", rounding_words(kpi, moment)))
    return Row(
        moment.label,
        counts,
        Shown(figure_words(kpi, figure), worth, note),
        target_words(kpi, moment.last),
        rag(moment.judgement),
        chance_words(moment),
    )


def _small(kpi: Kpi, figure: Figure) -> str:
    """What of the numbers has no column of its own: that they are too few."""
    return worth_words(kpi, figure).partition(". ")[2] if kpi.is_share and (figure.of or 0) >= 10 else ""  # noqa: PLR2004


def facts(page: KpiPage) -> list[tuple[str, str]]:
    """What the KPI is, and what it is judged by and was."""
    kpi = page.kpi
    themes = {each.code: each.name for each in page.profile.organisation.themes}
    known = [
        ("What is counted", kpi.numerator),
        ("Out of", kpi.denominator or ""),
        ("Better is", {"higher": "more", "lower": "less", "neither": "neither more nor less"}[kpi.better]),
        ("Posted", "each quarter" if kpi.every == "quarter" else "each month"),
        ("Several months together", _together(kpi)),
        ("Targets", "\n".join(_targets(kpi)) or "None"),
        ("Thresholds", "\n".join(_thresholds(kpi)) or "None"),
        ("Take care", " ".join(kpi.caveats)),
        ("Themes", ", ".join(themes.get(each, each) for each in kpi.themes)),
        ("Who answers for it", kpi.owner),
        ("Where it comes from", kpi.source),
    ]
    return [(label, words) for label, words in known if words]


def _together(kpi: Kpi) -> str:
    match kpi.together:
        case "sum":
            return "Numerators and denominators are added up" if kpi.is_share else "Numbers are added up"
        case "last":
            return "The last of them"
        case _:
            return "Cannot be made of their figures"


def _valid(from_: date | None, until: date | None) -> str:
    begins = f"from {month_words(from_)}" if from_ else ""
    ends = f"until {month_words(until)}" if until else ""
    return f" ({listed((begins, ends))})" if begins or ends else ""


def _targets(kpi: Kpi) -> list[str]:
    more = {"higher": " or more", "lower": " or less", "neither": ""}[kpi.better]
    return [
        f"{level_words(kpi, each.value)}{more}{_valid(each.from_, each.until)}{_restated(each.restated)}"
        for each in kpi.targets
    ]


def _thresholds(kpi: Kpi) -> list[str]:
    side = "from" if kpi.better == "higher" else "up to"
    return [
        f"Green {side} {level_words(kpi, each.green)}, amber {side} {level_words(kpi, each.amber)}"
        f"{_valid(each.from_, each.until)}{_restated(each.restated)}"
        for each in kpi.rag
    ]


def _restated(why: str | None) -> str:
    return f". Restated: {why}" if why else ""


def place(kpi: Kpi, name: str, found: PlaceGlance) -> tuple[str, Shown, Rag, Shown]:
    """A row of the table by service area and team."""
    return name, shown(kpi, found.figure), rag(found.judgement), shown(kpi, found.year)
