"""What writing and issuing reports need besides the transaction; put together in bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from chassis.days import british_today
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters.quote_client import QuoteClient
from reporting.domain.profile import Profile, ServiceArea
from reporting.domain.recipes import Report
from reporting.domain.report_key import ReportKey, assert_may_see
from reporting.domain.tables import ReportView
from reporting.use_cases.read_report import Reader, ReportReader
from reporting.use_cases.report_periods import period_of


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class DeskSetup:
    """Reports, keys, quotes, and what time it is."""

    reports: ReportReader
    secrets: Secrets
    quotes: QuoteClient
    today: Callable[[], date] = british_today
    now: Callable[[], datetime] = _now


async def found_report(
    transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey
) -> tuple[Profile, Report]:
    """The profile and the recipe of a report that somebody may write for.

    Raises DomainError: 404 for an unknown report, 422 for a period or service area that is none, 403 for other service areas.
    """
    profile = await setup.reports.organisation(transaction)
    recipe = profile.reports.report(key.report)
    if recipe is None:
        raise DomainError("not-found", "There is no such report.", Kind.NOT_FOUND)
    period_of(profile, recipe, key.period)
    assert_may_see(identity.areas, key.service_area)
    if key.service_area and area_of(profile, key.service_area) is None:
        raise DomainError("unknown-area", "There is no such service area.", Kind.MALFORMED)
    return profile, recipe


def area_of(profile: Profile, code: str) -> ServiceArea | None:
    """A service area of the organisation."""
    return next((each for each in profile.organisation.service_areas if each.code == code), None)


async def figures_of(transaction: Transaction, setup: DeskSetup, key: ReportKey, table: str | None = None) -> ReportView:
    """The report as it stands now, limited to its service area, or one of its tables; what is public is suppressed.

    Whoever asks has been found to see it (`found_report`), so the report decides what is in it and not the reader.
    """
    areas = frozenset({key.service_area}) if key.service_area else frozenset()
    return await setup.reports.read(transaction, Reader(setup.today(), areas), key.report, key.period, table)
