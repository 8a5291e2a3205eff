"""Holding a public report against the public versions that were issued before: which concern it, and what they tell today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters.issue_repository import IssueRepository, Published
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import comparing, evaluation, kpi_tables
from reporting.domain.cut import Cut
from reporting.domain.evaluation import Scope
from reporting.domain.expansion import expanded
from reporting.domain.frozen_report import Frozen
from reporting.domain.headline_rows import resolved
from reporting.domain.meanings import meanings
from reporting.domain.profile import Profile
from reporting.domain.protection import Against
from reporting.domain.published_before import Before
from reporting.domain.recipes import Report, Table
from reporting.domain.report_key import ReportKey
from reporting.domain.tables import TableView
from reporting.domain.tallies import Answers, Count, Key, Tally
from reporting.use_cases.report_periods import period_of


@dataclass(frozen=True)
class Earlier:
    """A public version: which tables concern a report, for what they are filled again, and all tables as they were issued."""

    ident: UUID
    name: str
    tables: tuple[Table, ...]
    scope: Scope
    issued: tuple[TableView, ...] = field(repr=False)


async def earlier_versions(
    transaction: Transaction, secrets: Secrets, profile: Profile, recipe: Report, scope: Scope
) -> list[Earlier]:
    """The public versions that count what a report counts, in part or whole; withdrawn ones too, since they were seen.

    They are found whoever asks: a figure of another service area is as public as one's own. Only those are opened that may
    concern the report by what their recipes count.
    """
    looking = _Looking(profile, recipe, scope)
    async with transaction.whole_organisation():
        repository = IssueRepository(transaction, secrets)
        published = await repository.public_since(looking.first)
        # When each was prepared is in its content: whatever day that was, today's counts as much and more.
        near = [each for each in published if looking.tables(each.key, scope.today)]
        contents = await repository.contents([each.id for each in near])
    found = [looking.earlier(each, contents[each.id]) for each in near]
    return [each for each in found if each is not None]


async def told_before(transaction: Transaction, earlier: Sequence[Earlier], profile: Profile, answers: Answers) -> list[Before]:
    """Those versions as they are counted today. `answers` are counts that are there already."""
    wanted = {tally for each in earlier for table in each.tables for tally in evaluation.tallies(table, each.scope)}
    counted: Mapping[Tally, Mapping[Key, Count]] = {}
    if missing := wanted - answers.keys():
        async with transaction.whole_organisation():
            counted = await TallyRepository(transaction).answer(missing, meanings(profile))
    everything = {**counted, **answers}
    return [
        Before(
            each.name,
            tuple(evaluation.fill(table, each.scope, everything) for table in each.tables),
            each.issued,
        )
        for each in earlier
    ]


def against(earlier: Sequence[Earlier]) -> tuple[Against, ...]:
    """What a report was held against, to be kept with it."""
    return tuple(Against(str(each.ident), each.name) for each in earlier)


class _Looking:
    """A report that looks for the versions that concern it; each recipe is written out once."""

    def __init__(self, profile: Profile, recipe: Report, scope: Scope) -> None:
        self._profile = profile
        self._scope = scope
        self._kpis = {code for table in recipe.tables for code in kpi_tables.kpis_of(table)}
        self._spans = _spans(recipe, scope)
        self.first = min(
            (*(each for each, _ in self._spans.values()), *_first_of_kpis(recipe, scope)), default=scope.period.first
        )
        self._related: dict[str, Report | None] = {}

    def tables(self, key: ReportKey, prepared: date) -> tuple[tuple[Table, ...], Scope] | None:
        """The tables of a version that concern the report, and for what; None where there are none."""
        whole = self._related_report(key.report)
        if whole is None:
            return None
        try:
            period = period_of(self._profile, whole, key.period)
            whole = comparing.compared(whole, comparing.steps_of(period, Cut().compare))
        except DomainError:
            return None
        areas = frozenset({key.service_area} if key.service_area else ())
        at = replace(self._scope, period=period, today=prepared, areas=areas, teams=frozenset())
        found = tuple(table for table in whole.tables if self._counts(table) or _concerns(table, at, self._spans))
        return (found, at) if found else None

    def earlier(self, version: Published, content: Frozen) -> Earlier | None:
        """A version with its tables; None where none concerns the report."""
        found = self.tables(version.key, british_day(content.as_of))
        if found is None:
            return None
        name = f"version {version.number} of {version.title}, {version.period_label}"
        if content.area:
            name = f"{name}, {content.area}"
        return Earlier(version.id, name, *found, content.view.tables)

    def _related_report(self, code: str) -> Report | None:
        """A report that counts any of the same; None where the profile has none such, or none of this code any more."""
        if code not in self._related:
            found = self._profile.reports.report(code)
            whole = _written_out(found, self._profile) if found else None
            self._related[code] = whole if whole and self._shares(whole.tables) else None
        return self._related[code]

    def _shares(self, tables: Sequence[Table]) -> bool:
        counted = {each for table in tables for each in table.measures()}
        return bool(counted & self._spans.keys()) or any(map(self._counts, tables))

    def _counts(self, table: Table) -> bool:
        return bool(self._kpis & {*kpi_tables.kpis_of(table)})


def _first_of_kpis(recipe: Report, scope: Scope) -> list[date]:
    """From when KPIs are counted: a column may look back."""
    tables = [each for each in recipe.tables if kpi_tables.is_of_kpis(each)]
    spans = [column.period for table in tables for column in table.columns]
    return [scope.period.span(each.from_, each.to).first for each in spans]


def _written_out(recipe: Report, profile: Profile) -> Report | None:
    try:
        return resolved(expanded(recipe, profile), profile)
    except DomainError:
        return None


def _spans(recipe: Report, scope: Scope) -> dict[str, tuple[date, date]]:
    """From when to when each measure is counted."""
    spans: dict[str, tuple[date, date]] = {}
    for tally in evaluation.needed(recipe, scope):
        first, last = spans.get(tally.measure, (tally.first, tally.last))
        spans[tally.measure] = min(first, tally.first), max(last, tally.last)
    return spans


def _concerns(table: Table, scope: Scope, spans: Mapping[str, tuple[date, date]]) -> bool:
    return any(
        tally.measure in spans and tally.first <= spans[tally.measure][1] and spans[tally.measure][0] <= tally.last
        for tally in evaluation.tallies(table, scope)
    )
