"""Every report of both profiles, evaluated for what is hard: nothing recorded, unknown quarters, one area, the future."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting_records import document

from reporting.domain import evaluation
from reporting.domain.comparing import compared, steps_of
from reporting.domain.expansion import expanded
from reporting.domain.headline_rows import resolved
from reporting.domain.measures import MEASURES, Collection
from reporting.domain.periods import Kind, Period, containing
from reporting.domain.profile import Profile
from reporting.domain.recipe_check import check
from reporting.domain.scope import Scope
from reporting.domain.tables import ReportView, State
from reporting.domain.tallies import Count, Key, Tally

TODAY = date(2022, 11, 15)
BEGUN = date(2021, 4, 1)
ORGANISATIONS = ("worcestershire", "telford-wrekin")
PROFILES = {org: Profile.model_validate(document(org)) for org in ORGANISATIONS}
EVERY = [(org, report.code) for org in ORGANISATIONS for report in PROFILES[org].reports.reports]


def period(kind: str, day: date) -> Period:
    return containing(day, Kind.QUARTER if kind == "any" else Kind(kind))


def read(
    org: str,
    code: str,
    day: date,
    *,
    count: int = 0,
    areas: frozenset[str] = frozenset(),
    asked: tuple[str, ...] = (),
    begun: date | None = BEGUN,
) -> ReportView:
    """A report in which every tally has the same count for each member."""
    profile = PROFILES[org]
    found = profile.reports.report(code)
    assert found is not None
    at = period(found.period, day)
    report = compared(resolved(expanded(found, profile), profile), steps_of(at, asked))
    scope = Scope(profile, at, TODAY, areas, dict.fromkeys(Collection, begun) if begun else {})
    answers: dict[Tally, dict[Key, Count]] = {}
    for tally in evaluation.needed(report, scope):
        assert all(name in MEASURES[tally.measure].dimensions for name, _ in tally.filters)
        answers[tally] = dict(_answer(tally, count))
    return evaluation.view(report, scope, answers)


def _answer(tally: Tally, count: int) -> Iterator[tuple[Key, Count]]:
    number = Count(count, 2 * count if MEASURES[tally.measure].is_ratio else 0)
    if tally.by is None:
        yield None, number
    elif tally.across is None:
        yield from ((member, number) for member in tally.members)
    else:
        yield from (((member, other), number) for member in tally.members for other in tally.across_members)


def states(view: ReportView) -> set[State]:
    """The states of figures; what stands in words (a target) is none."""
    return {cell.state for table in view.tables for row in table.rows for cell in row.cells if cell.text is None}


@pytest.mark.parametrize(("org", "code"), EVERY)
class TestEveryReport:
    def test_an_empty_period_has_zeros_and_no_figure(self, org: str, code: str) -> None:
        found = read(org, code, date(2022, 7, 1))
        assert State.VALUE not in states(found)
        assert states(found) <= {State.ZERO, State.NOT_COLLECTED, State.NOT_IN_USE}
        assert found.tables or found.notes

    def test_before_the_first_record_and_in_the_future_nothing_is_zero(self, org: str, code: str) -> None:
        for view in (read(org, code, date(2010, 5, 5)), read(org, code, date(2040, 5, 5)), read(org, code, TODAY, begun=None)):
            assert states(view) <= {State.NOT_COLLECTED, State.NOT_IN_USE}

    def test_every_figure_is_shown_where_there_is_one(self, org: str, code: str) -> None:
        found = read(org, code, date(2022, 7, 1), count=40)
        assert State.VALUE in states(found)
        for table in found.tables:
            assert all(len(row.cells) == len(table.columns) for row in table.rows)
            codes = [column.code for column in table.columns]
            assert len(codes) == len(set(codes)), table.code

    def test_codes_of_tables_differ(self, org: str, code: str) -> None:
        codes = [table.code for table in read(org, code, date(2022, 7, 1), count=40).tables]
        assert len(codes) == len(set(codes))

    def test_of_one_service_area_nothing_of_another_is_seen(self, org: str, code: str) -> None:
        profile = PROFILES[org]
        for area in profile.organisation.service_areas[-2:]:
            found = read(org, code, date(2022, 7, 1), count=40, areas=frozenset({area.code}))
            assert found.only == f"Only what concerns {area.name}."
            others = {each.code for each in profile.organisation.service_areas} - {area.code}
            by_area = [table for table in found.tables if table.rows_label == "Service area"]
            assert not {row.code for table in by_area for row in table.rows} & others

    def test_it_can_be_compared_with_what_is_asked_for(self, org: str, code: str) -> None:
        for asked in (("0",), ("11",), ("year-before",)):
            found = read(org, code, date(2022, 7, 1), count=40, asked=asked)
            assert all(len(table.columns) <= 24 + 12 for table in found.tables)

    def test_it_costs_few_statements(self, org: str, code: str) -> None:
        profile = PROFILES[org]
        recipe = profile.reports.report(code)
        assert recipe is not None
        scope = Scope(profile, period(recipe.period, TODAY), TODAY)
        report = compared(resolved(expanded(recipe, profile), profile), None)
        assert len(evaluation.needed(report, scope)) <= 240, code


@given(
    org=st.sampled_from(ORGANISATIONS),
    counts=st.lists(st.integers(0, 40), min_size=8, max_size=8),
    data=st.data(),
)
@settings(max_examples=15)
def test_a_public_report_shows_no_small_count_and_no_share_of_few(org: str, counts: list[int], data: st.DataObject) -> None:
    """Whatever was counted: no cell of 1 to 5, and no share of fewer than 10 or with 1 to 5 on either side."""
    profile = PROFILES[org]
    recipe = data.draw(st.sampled_from([each for each in profile.reports.reports if each.audience == "public"]))
    report = compared(resolved(expanded(recipe, profile), profile), None)
    scope = Scope(profile, period(recipe.period, date(2022, 7, 1)), TODAY, frozenset(), dict.fromkeys(Collection, BEGUN))
    answers: dict[Tally, dict[Key, Count]] = {}
    for number, tally in enumerate(sorted(evaluation.needed(report, scope), key=repr)):
        found = dict(_answer(tally, 1))
        drawn = {key: counts[(number + place) % len(counts)] for place, key in enumerate(found)}
        is_ratio = MEASURES[tally.measure].is_ratio
        answers[tally] = {key: Count(n, n + counts[number % len(counts)] if is_ratio else 0) for key, n in drawn.items()}
    for table in evaluation.view(report, scope, answers).tables:
        for row in table.rows:
            for cell, column in zip(row.cells, table.columns, strict=True):
                if column.show == "count" and cell.state is State.VALUE:
                    assert (cell.value or 0) > 5
                elif cell.of is not None and cell.n is not None and cell.state is not State.SUPPRESSED:
                    if cell.n > cell.of:
                        continue  # drawn apart from each other: no facts give that
                    assert cell.of >= 10
                    assert cell.n == 0 or cell.n > 5
                    assert cell.of == cell.n or cell.of - cell.n > 5


@pytest.mark.parametrize("org", ORGANISATIONS)
def test_both_profiles_are_right(org: str) -> None:
    assert check(PROFILES[org]) == []
