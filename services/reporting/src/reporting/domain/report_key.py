"""Which report is meant: its code, its period, and the service area that it is limited to."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from chassis.errors import DomainError, Kind

WHOLE_AREA = ""
"""The service area of a report on all of the organisation."""


@dataclass(frozen=True, slots=True)
class ReportKey:
    """A report for a period; `service_area` empty for all of the organisation."""

    report: str
    period: str
    service_area: str = WHOLE_AREA

    def names(self) -> dict[str, str]:
        """As a statement binds them."""
        return asdict(self)


def may_see(areas: Collection[str], service_area: str) -> bool:
    """Whether somebody limited to these service areas (empty: all) may see a report on that one, or on all."""
    return not areas or service_area in areas


def assert_may_see(areas: Collection[str], service_area: str) -> None:
    """Raise DomainError `other-areas` (forbidden) where somebody is limited to other service areas than the report is about."""
    if not may_see(areas, service_area):
        whole = (
            "This is the report of all service areas." if service_area == WHOLE_AREA else "It is about another service area."
        )
        detail = f"{whole} You see only what concerns yours, so you can write and issue those for your own."
        raise DomainError("other-areas", detail, Kind.FORBIDDEN)
