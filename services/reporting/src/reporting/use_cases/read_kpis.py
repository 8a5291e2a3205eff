"""Reading KPIs for pages: the list at a glance, and one with its months, places and corrections."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters.kpi_repository import KpiRepository, Version
from reporting.domain import dimensions
from reporting.domain.kpi_figures import Observation, Place, Within, places_of
from reporting.domain.kpi_overview import Glance, PlaceGlance, by_place, glance
from reporting.domain.kpis import Kpi
from reporting.domain.profile import Profile
from reporting.use_cases.record_kpis import RecordKpis

_VIA = {"api": "posted by a system", "upload": "uploaded", "page": "typed"}


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a figure as it is told: what stood then, who recorded it, when, how, and why."""

    month: date
    place: str
    version: int
    n: int
    of: int | None
    by: str
    via: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class KpiList:
    """The KPIs of the reader's service areas, by the first area that each is posted for."""

    profile: Profile
    groups: tuple[tuple[str, tuple[Glance, ...]], ...]


@dataclass(frozen=True, slots=True)
class KpiPage:
    """A KPI in full. `of` says which part of it is shown; `choices` are the parts that there are, by their key."""

    profile: Profile
    glance: Glance
    of: str
    chosen: str
    choices: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, PlaceGlance], ...]
    names: dict[Place, str]
    changes: tuple[Change, ...]

    @property
    def kpi(self) -> Kpi:
        """The KPI."""
        return self.glance.kpi


class KpiReader:
    """Reads KPIs of one organisation."""

    def __init__(self, recording: RecordKpis, today: Callable[[], date]) -> None:
        self._recording = recording
        self._today = today

    async def all(self, transaction: Transaction, identity: Identity) -> KpiList:
        """Every KPI that is posted for a service area of the reader, at a glance."""
        profile = (await self._recording.profiles.current(transaction)).profile
        within = Within().limited(identity.areas)
        seen = [each for each in profile.kpis.kpis if not identity.areas or identity.areas & set(each.service_areas)]
        observations = await KpiRepository(transaction).current([each.code for each in seen])
        by_kpi: dict[str, list[Observation]] = {}
        for each in observations:
            by_kpi.setdefault(each.kpi, []).append(each)
        glances = [glance(each, profile, by_kpi.get(each.code, ()), self._today(), within) for each in seen]
        return KpiList(profile, tuple(_groups(profile, glances, identity.areas)))

    async def one(self, transaction: Transaction, identity: Identity, code: str, part: str) -> KpiPage:
        """A KPI in full, or of one service area or team (`area` or `area.team`). Raises `DomainError` not-found."""
        profile = (await self._recording.profiles.current(transaction)).profile
        kpi = profile.kpis.kpi(code)
        if kpi is None or (identity.areas and not identity.areas & set(kpi.service_areas)):
            raise not_found("key performance indicator")
        today, whole = self._today(), Within().limited(identity.areas)
        names = place_names(kpi, profile, today, whole)
        choices = {key_of(place): name for place, name in names.items()}
        if part and part not in choices:
            raise not_found("service area or team")
        within = _within(part).limited(identity.areas) if part else whole
        repository = KpiRepository(transaction)
        observations = await repository.current([code])
        found = glance(kpi, profile, observations, today, within)
        month = found.latest or found.due or today.replace(day=1)
        places = by_place(kpi, profile, observations, month, today, whole)
        versions = await repository.versions(code, identity.areas)
        changes = [self._change(transaction.org, each, profile) for each in _corrected(versions)]
        return KpiPage(
            profile,
            found,
            choices.get(part, "All service areas" if len(kpi.service_areas) > 1 else next(iter(names.values()), "")),
            part,
            tuple(choices.items()) if len(choices) > 1 else (),
            tuple((names.get(each.place, each.place.team), each) for each in places) if len(places) > 1 else (),
            names,
            tuple(changes),
        )

    async def history(
        self, transaction: Transaction, identity: Identity, code: str, month: date, place: Place
    ) -> tuple[Change, ...]:
        """Every version of the figure of a month and place, the newest first."""
        profile = (await self._recording.profiles.current(transaction)).profile
        versions = await KpiRepository(transaction).versions(code, identity.areas)
        own = [each for each in versions if each.month == month and Place(each.service_area, each.team or "") == place]
        return tuple(self._change(transaction.org, each, profile) for each in own)

    def _change(self, org: str, version: Version, profile: Profile) -> Change:
        return Change(
            version.month,
            place_name(Place(version.service_area, version.team or ""), profile, version.month),
            version.version,
            version.numerator,
            version.denominator,
            self._recording.open_name(org, version.recorded_name, version.recorded_by),
            _VIA[version.via],
            version.recorded_at,
            self._recording.open_reason(org, version.reason),
        )


def place_name(place: Place, profile: Profile, on: date) -> str:
    """What a service area, or a team, is called."""
    area = dimensions.short_label(profile, "service_area", place.service_area, on, {})
    return f"{area}: {dimensions.label(profile, 'team', place.team, on, {})}" if place.team else area


def place_names(kpi: Kpi, profile: Profile, today: date, within: Within) -> dict[Place, str]:
    """The places that a KPI is posted for today, by name; of teams their area as a whole before them."""
    leaves = list(places_of(kpi, profile, today.replace(day=1), within))
    found = [each for leaf in leaves for each in (Place(leaf.service_area), leaf)]
    return {each: place_name(each, profile, today) for each in dict.fromkeys(found)}


def place_of(key: str) -> Place:
    """The place of a key."""
    area, _, team = key.partition(".")
    return Place(area, team)


def key_of(place: Place) -> str:
    """How a place stands in an address."""
    return f"{place.service_area}.{place.team}" if place.team else place.service_area


def _within(key: str) -> Within:
    place = place_of(key)
    return Within(frozenset({place.service_area}), frozenset({place.team}) if place.team else None)


def _groups(profile: Profile, glances: list[Glance], areas: frozenset[str]) -> list[tuple[str, tuple[Glance, ...]]]:
    groups = []
    left = list(glances)
    for area in profile.organisation.service_areas:
        own = [each for each in left if area.code in each.kpi.service_areas and (not areas or area.code in areas)]
        left = [each for each in left if each not in own]
        if own:
            groups.append((area.name, tuple(own)))
    return groups


def _corrected(versions: list[Version]) -> list[Version]:
    """All versions of the observations that have several."""
    several = {each.observation_id for each in versions if each.version > 1}
    return [each for each in versions if each.observation_id in several]
