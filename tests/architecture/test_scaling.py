"""The simulation of docs/scaling.md: the page shows what it prints, and its parts do what they say."""

import random
import statistics
from pathlib import Path

import pytest
from tools import scaling
from tools.scaling_england import FIGURES, SIZES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scaling.md").read_text()


def test_the_page_shows_what_the_simulation_prints_and_every_figure_with_its_source() -> None:
    assert scaling.report(153, seed=1, years=7) in PAGE
    assert scaling.sources() in PAGE
    assert [each.name for each in FIGURES.values() if not each.source] == []


def test_the_sizes_add_up_to_england() -> None:
    assert sum(many for _, many, _ in SIZES) == FIGURES["councils"].value
    assert sum(many * children for _, many, children in SIZES) == pytest.approx(FIGURES["children"].value, rel=0.01)


def test_the_same_seed_draws_the_same_year_and_another_a_different_one() -> None:
    some = scaling.councils(5)
    one, again, other = (scaling.year(some, random.Random(seed)) for seed in (1, 1, 2))
    assert one == again != other
    assert len(one) == 365


def test_a_year_has_as_many_answers_as_councils_expect_and_none_of_staff_on_sundays() -> None:
    some = scaling.councils(20)
    days = scaling.year(some, random.Random(3))
    expected = sum(each.a_year()["answer"] for each in some)
    assert sum(day.answers for day in days) == pytest.approx(expected, rel=0.05)
    assert sum(day.parts for day in days) == pytest.approx(3 * sum(each.a_year()["audit"] for each in some), rel=0.05)
    assert {day.requests for day in days if day.on.weekday() == 6} == {0}


@pytest.mark.parametrize("expected", [0.3, 4, 80, 2000])
def test_what_is_drawn_is_as_many_and_as_scattered_as_expected(expected: float) -> None:
    chance = random.Random(5)
    found = [scaling.drawn(expected, chance) for _ in range(4000)]
    assert statistics.mean(found) == pytest.approx(expected, rel=0.06)
    assert statistics.variance(found) == pytest.approx(expected, rel=0.12)


def test_nothing_waits_where_enough_are_served_and_all_waits_where_none_are() -> None:
    assert scaling.backlog([3, 5, 2], [5, 5, 5]) == [0, 0, 0]
    assert scaling.backlog([3, 5, 2], [0, 0, 0]) == [3, 8, 10]


def test_what_came_too_fast_is_done_later_and_later_than_by_capacity_alone() -> None:
    assert scaling.drained(400, 4, 100) == 0
    assert scaling.drained(600, 4, 100) == pytest.approx(600 / (100 * scaling.OVERLOADED) - 4)
    assert scaling.drained(600, 4, 100) > 600 / 100 - 4


def test_more_councils_need_no_less() -> None:
    needs = []
    for many in (1, 10, 50, 153):
        chance = random.Random(1)
        needs.append(scaling.need(scaling.year(scaling.councils(many), chance), chance).cores)
    assert needs == sorted(needs)
