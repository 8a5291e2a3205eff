"""Reading “You said, we did”: the report, and the changes that were published in its period."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.errors import DomainError, Kind
from chassis.profile_store import ProfileStore
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.published_changes import PublishedChange, published_changes
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import evaluation, periods, said_and_done
from reporting.domain.meanings import meanings
from reporting.domain.measures import Collection
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.tables import ReportView
from reporting.use_cases.read_report import Reader
from reporting.use_cases.report_periods import MALFORMED_PERIOD

MOST_CHANGES = 100


@dataclass(frozen=True)
class SaidAndDone:
    """The report, its organisation, and the newest changes published in the period (`more` there are)."""

    view: ReportView
    profile: Profile
    changes: Sequence[PublishedChange]
    more: bool


async def read_said_and_done(
    transaction: Transaction, store: ProfileStore[Profile], reader: Reader, code: str | None, area: str | None, *, public: bool
) -> SaidAndDone:
    """For a period (the latest quarter with a published change or a comment, where none is asked for).

    Raises DomainError: 422 for a period or service area that is none, 503 while the read model is being rebuilt.
    """
    profile = (await store.current(transaction)).profile
    await progress_repository.assert_complete(transaction)
    known = {each.code for each in profile.organisation.service_areas}
    if area is not None and area not in (known & reader.areas if reader.areas else known):
        raise DomainError("unknown-area", "Choose a service area of the list.", Kind.MALFORMED)
    facts = TallyRepository(transaction)
    period = _period(profile, code) if code else None
    if period is None:
        latest = await facts.latest()
        wanted = (Collection.FEEDBACK, Collection.TRACKED, Collection.COMPLAINTS)
        day = min(max((latest[each] for each in wanted if each in latest), default=reader.today), reader.today)
        period = periods.containing(day, periods.Kind.QUARTER)
    report = said_and_done.report(profile, public=public, area=area, since=period.first)
    published = said_and_done.published(profile, area) if public else None
    scope = evaluation.Scope(profile, period, reader.today, reader.areas, await facts.begun())
    wanted_tallies = evaluation.needed(report, scope) | (evaluation.needed(published, scope) if published else set())
    answers = await facts.answer(wanted_tallies, meanings(profile))
    view = evaluation.view(report, scope, answers)
    if published is not None:
        view = replace(view, tables=(*view.tables, *evaluation.view(published, scope, answers).tables))
    found = await published_changes(transaction, period.first, period.last, area, reader.areas, MOST_CHANGES + 1)
    return SaidAndDone(view, profile, found[:MOST_CHANGES], len(found) > MOST_CHANGES)


def _period(profile: Profile, code: str) -> Period:
    for each in profile.reports.periods:
        if each.code == code:
            return Period(code, periods.Kind.NAMED, each.from_, each.to, each.label, each.label)
    try:
        return periods.parse(code)
    except periods.UnknownPeriodError as error:
        raise DomainError(MALFORMED_PERIOD, f"There is no such period: {error}.", Kind.MALFORMED) from None
