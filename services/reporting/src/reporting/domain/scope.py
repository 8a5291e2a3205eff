"""For which organisation, period, reader and part of the organisation a report is made, and what that lets through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from reporting.domain import dimensions
from reporting.domain.kpi_figures import Observation
from reporting.domain.measures import Collection, Measure
from reporting.domain.periods import Period
from reporting.domain.profile import Profile

Limits = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Scope:
    """For which organisation, period and reader a report is made.

    `areas` are the service areas that the reader is limited to or asked for (empty: all), `teams` those that they asked for.
    `begun` says when the first record of each collection was made; before that, and after `today`, a figure is not collected
    rather than zero. `latest` says when the last one was. `kpis` are what was posted for the KPIs that its tables name.
    """

    profile: Profile
    period: Period
    today: date
    areas: frozenset[str] = frozenset()
    begun: Mapping[Collection, date] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()
    kpis: tuple[Observation, ...] = ()
    latest: Mapping[Collection, date] = field(default_factory=dict)

    @property
    def cut_by(self) -> tuple[str, ...]:
        """The dimensions that a figure must have to be shown for a part of the organisation."""
        return (*(("service_area",) if self.areas else ()), *(("team",) if self.teams else ()))

    @property
    def limits(self) -> Limits:
        """What every count lets through."""
        found = {"service_area": self.areas, "team": self.teams}
        return tuple((name, tuple(sorted(found[name]))) for name in self.cut_by)

    def can_show(self, measure: Measure) -> bool:
        """Whether a measure can be told for this part of the organisation; the whole would be something else."""
        return all(name in measure.dimensions for name in self.cut_by)

    def is_outside(self, filter_: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether a table lets through other service areas or teams alone."""
        return any(name in filter_ and not set(filter_[name]) & set(codes) for name, codes in self.limits)

    def shows(self, dimension: str, code: str) -> bool:
        """Whether a row may stand: a zero for another's area would be untrue."""
        area = dimensions.area_of_team(self.profile, code) if dimension == "team" else code
        if dimension not in {"service_area", "team"}:
            return True
        within = not self.areas or area in self.areas
        if not self.teams or not within:
            return within
        if dimension == "team":
            return code in self.teams
        return code in {dimensions.area_of_team(self.profile, team) for team in self.teams}

    def existed(self, collection: Collection, period: Period) -> bool:
        """Whether any of the areas and teams that it is cut to was in use on a day of a period."""
        return all(
            any(dimensions.in_use(self.profile, collection, name, code, period, {}) for code in codes)
            for name, codes in self.limits
        )

    @property
    def words(self) -> str | None:
        """Which part of the organisation it is for, by the names of the period's last day; None for the whole."""
        names = [
            dimensions.label(self.profile, name, code, self.period.last, {})
            for name, codes in reversed(self.limits)
            for code in codes
        ]
        if not names:
            return None
        ordered = sorted(names) if len(self.cut_by) == 1 else names
        return f"Only what concerns {_listed(ordered)}."

    def cannot_show(self, measures: Iterable[Measure]) -> str | None:
        """A note that names the measures that cannot be told for this part of the organisation; None where all can."""
        names = sorted({measure.name for measure in measures if not self.can_show(measure)})
        if not names:
            return None
        by = " and ".join(name.replace("_", " ") for name in self.cut_by)
        return f"[x] Not recorded by {by}, so not shown for a part of the organisation: {_listed(names)}."


def _listed(names: list[str]) -> str:
    return "; ".join(names)
