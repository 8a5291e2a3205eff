"""What a reader asks of a report beside its period: a part of the organisation, and earlier periods to compare with."""

from collections.abc import Iterable
from dataclasses import dataclass

from reporting.domain import dimensions
from reporting.domain.profile import Profile


class UnknownPartError(ValueError):
    """A service area or team does not exist, or is not the reader's; the message names those that are."""


@dataclass(frozen=True)
class Cut:
    """Codes of service areas and teams (none: all that the reader may see), and what to compare with, as it was written."""

    areas: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    compare: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """As it stands in an address."""
        named = (("area", self.areas), ("team", self.teams), ("compare", self.compare))
        return [(name, value) for name, values in named for value in values]


@dataclass(frozen=True)
class Parts:
    """The parts of an organisation that a reader may choose."""

    areas: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]


def parts(profile: Profile, allowed: frozenset[str]) -> Parts:
    """Service areas and teams with their names; of a reader who is limited to areas, theirs."""
    areas = [each for each in profile.organisation.service_areas if not allowed or each.code in allowed]
    teams = [each for each in profile.organisation.teams if not allowed or each.service_area in allowed]
    return Parts(tuple((each.code, each.name) for each in areas), tuple((each.code, each.name) for each in teams))


def narrowed(profile: Profile, allowed: frozenset[str], cut: Cut) -> tuple[frozenset[str], frozenset[str]]:
    """The service areas and teams that a report is cut to: never more than the reader may see.

    Raises UnknownPartError for what there is not, or is not theirs. Empty is everything, and comes out only where the reader
    may see everything.
    """
    offered = parts(profile, allowed)
    _known("service area", cut.areas, (code for code, _ in offered.areas))
    _known("team", cut.teams, (code for code, _ in offered.teams))
    if cut.areas and cut.teams:
        for team in cut.teams:
            if dimensions.area_of_team(profile, team) not in cut.areas:
                raise UnknownPartError(f"the team '{team}' is not of the service areas asked for")
    return frozenset(cut.areas) or allowed, frozenset(cut.teams)


def _known(what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    codes = list(known)
    for code in asked:
        if code not in codes:
            there = ", ".join(codes) if codes else "there is none"
            raise UnknownPartError(f"expected a {what} that you may see ({there}), found '{code}'")
