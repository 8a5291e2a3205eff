"""The filters above the lists of comments and of compliments, as they stand in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.quarters import Quarter
from complaints.domain.heard import Heard
from complaints.domain.profile import Profile
from complaints.domain.register import Span

_YEARS_BACK = 4
TOLD = {"yes": "Passed on", "no": "Not passed on yet"}
FROM = {"outside": "From outside", "inside": "From inside"}


@dataclass(frozen=True)
class HeardSearch:
    """What was asked for; what is not understood asks for nothing."""

    service_area: str
    span: Span | None
    told: str
    source: str

    @classmethod
    def asked(cls, asked: Mapping[str, str], profile: Profile) -> "HeardSearch":
        """Read the address."""
        areas = {each.code for each in profile.organisation.service_areas}
        area = asked.get("service_area", "")
        told, source = asked.get("told", ""), asked.get("source", "")
        return cls(
            area if area in areas else "",
            _span(asked.get("received", "")),
            told if told in TOLD else "",
            source if source in FROM else "",
        )

    def heard(self, identity: Identity) -> Heard:
        """As the lists take it."""
        return Heard(
            identity.areas,
            self.service_area or None,
            self.span.first if self.span else None,
            self.span.last if self.span else None,
            {"yes": True, "no": False}.get(self.told),
            {"outside": True, "inside": False}.get(self.source),
        )

    def address(self, home: str, **more: str) -> str:
        """The list's address for this search."""
        received = self.span.code if self.span else ""
        parts = {"service_area": self.service_area, "received": received, "told": self.told, "source": self.source, **more}
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"{home}?{query}" if query else home

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return any((self.service_area, self.span, self.told, self.source))


def choices_of(profile: Profile, today: date) -> dict[str, Any]:
    """The options of the filters."""
    now = Quarter.of(today)
    years = [Span.year(now.year - back) for back in range(_YEARS_BACK)]
    quarters = [Span.quarter(now.moved(-back)) for back in range(2 * _YEARS_BACK)]
    return {
        "areas": [(each.code, each.name) for each in profile.organisation.service_areas],
        "periods": [(each.code, each.name) for each in (*years, *quarters)],
        "told": list(TOLD.items()),
        "sources": list(FROM.items()),
    }


def _span(code: str) -> Span | None:
    try:
        return Span.parse(code) if code else None
    except DomainError:
        return None
