"""What may be said of a measure beside an action: no more than the numbers."""

from dataclasses import replace

import pytest
from reporting_records import document

from chassis.errors import DomainError
from reporting.domain import plan_tie
from reporting.domain.periods import parse
from reporting.domain.plan_tie import Figure, Tie
from reporting.domain.profile import Profile

PROFILE = Profile.model_validate(document("worcestershire"))
FIRST, LAST = parse("2021-22-q4"), parse("2022-23-q1")
SHARE = Tie("measure", "tracked_in_time", {}, "2021-22-q4", "higher", 80)
COUNT = Tie("measure", "complaints_received", {}, "2021-22-q4", "lower", 12)


def said(tie: Tie, before: Figure | None, now: Figure | None) -> tuple[str, str]:
    found = plan_tie.shown(tie, "x", "", before, now)
    return found.target, found.verdict


class TestFigures:
    @pytest.mark.parametrize(
        ("n", "of", "words"),
        [
            (26, 39, "67% (26 of 39)"), (1, 8, "1 of 8"), (0, 0, "None to make a share of"), (5, 10, "50% (5 of 10)"),
            (1234, None, "1,234"), (None, None, "Not collected"), (0, None, "0"), (1, 200, "1% (1 of 200)"),
        ],
    )  # fmt: skip
    def test_n_stands_beside_each_share(self, n: int | None, of: int | None, words: str) -> None:
        assert Figure(LAST, n, of).words == words


class TestVerdict:
    def test_a_share_changed_only_where_the_numbers_show_it(self) -> None:
        assert "went up by" in said(SHARE, Figure(FIRST, 20, 60), Figure(LAST, 50, 60))[1]
        assert "do not show that this changed" in said(SHARE, Figure(FIRST, 20, 40), Figure(LAST, 22, 40))[1]
        assert "too few to say" in said(SHARE, Figure(FIRST, 2, 6), Figure(LAST, 40, 40))[1]
        assert said(SHARE, Figure(FIRST, 0, 0), Figure(LAST, 40, 40))[1] == "There is nothing to compare with."
        assert said(SHARE, Figure(FIRST, 1, 2), None)[1] == "No later quarter is over yet."

    def test_nothing_is_said_of_counts_nor_of_several_of_one_family(self) -> None:
        assert "not said" in said(COUNT, Figure(FIRST, 3), Figure(LAST, 300))[1]
        several = Tie("measure", "points_upheld", {}, "2021-22-q4", "lower")
        assert "nothing is said" in said(several, Figure(FIRST, 50, 60), Figure(LAST, 1, 60))[1]

    def test_a_target_is_reached_or_not_and_never_by_too_few(self) -> None:
        assert said(SHARE, None, Figure(LAST, 32, 40))[0] == "80% or more: reached"
        assert said(SHARE, None, Figure(LAST, 31, 40))[0] == "80% or more: not reached"
        assert said(SHARE, None, Figure(LAST, 9, 9))[0] == "80% or more; nothing to compare it with yet"
        assert said(COUNT, None, Figure(LAST, 12))[0] == "12 or less: reached"


class TestCheck:
    def test_every_fault_is_named(self) -> None:
        wrong = Tie("measure", "complaints_received", {"service_area": "x", "grade": "good"}, "2022-23", "lower", 2_000_000)
        with pytest.raises(DomainError) as refused:
            plan_tie.check(wrong, PROFILE, None)
        assert {each.pointer for each in refused.value.errors} == {"/service_area", "/grade", "/start", "/target"}

    def test_a_plan_of_one_service_area_shows_figures_of_that_alone(self) -> None:
        fits = Tie("measure", "tracked_open", {"service_area": "send"}, "2022-23-q1", "lower")
        plan_tie.check(fits, PROFILE, "send")
        for other in (replace(fits, filters={}), replace(fits, filters={"service_area": "safeguarding"})):
            with pytest.raises(DomainError):
                plan_tie.check(other, PROFILE, "send")

    def test_a_kpi_is_one_of_those_that_there_are(self) -> None:
        plan_tie.check(Tie("kpi", "foster-annual-reviews", {}, "2022-23-q1", "higher", 95), PROFILE, None)
        for code, area, target in (
            ("visits-in-time", None, 95),
            ("foster-annual-reviews", "send", 95),  # another area's
            ("foster-annual-reviews", None, 101),
        ):
            with pytest.raises(DomainError) as refused:
                plan_tie.check(Tie("kpi", code, {}, "2022-23-q1", "higher", target), PROFILE, area)
            assert refused.value.errors[0].pointer == ("/target" if target > 100 else "/kpi")

    def test_a_kpi_in_the_plan_of_an_area_is_that_areas(self) -> None:
        tie = Tie("kpi", "foster-annual-reviews", {}, "2022-23-q1", "higher")
        assert plan_tie.within_plan(tie, None) == tie
        assert plan_tie.within_plan(tie, "fostering-and-kinship").filters == {"service_area": "fostering-and-kinship"}

    def test_ratios_of_several_are_measures(self) -> None:
        from reporting.domain.measures import MEASURES  # noqa: PLC0415

        assert set(MEASURES) >= plan_tie.NOT_INDEPENDENT
