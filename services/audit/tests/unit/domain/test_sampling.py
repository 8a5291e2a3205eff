"""The draw: fair, reproducible, and with a reason for every case."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.programme import SampleRules
from audit.domain.sampling import (
    LARGEST_SEED,
    Candidate,
    Eligibility,
    Reason,
    draw,
    exclusion,
    order,
    shares,
    stratum_of,
)

CIRCULATED = date(2026, 11, 1)
ANYTHING = Eligibility()
SEEDS = st.integers(0, LARGEST_SEED)
TEAMS = st.sampled_from([None, "north", "south", "east", "west"])
CASES = st.lists(
    st.builds(
        Candidate,
        key=st.text("0123456789abcdef", min_size=4, max_size=4),
        service_area=st.sampled_from(["send", "safeguarding"]),
        team=TEAMS,
        team_fits=st.booleans(),
        practice_on=st.one_of(st.none(), st.dates(date(2026, 2, 1), date(2026, 12, 1))),
        audited_on=st.one_of(st.none(), st.dates(date(2025, 6, 1), date(2026, 10, 31))),
    ),
    max_size=40,
    unique_by=lambda case: case.key,
)
RULES = st.builds(
    SampleRules,
    size=st.integers(1, 20),
    stratify_by=st.sampled_from(["team", "service-area", "none"]),
    practice_months=st.one_of(st.none(), st.integers(1, 12)),
    not_audited_within_months=st.one_of(st.none(), st.integers(1, 24)),
)


def case(key: str, team: str | None = "north", **changes: object) -> Candidate:
    return Candidate(key, "send", team, **{"practice_on": date(2026, 9, 1), **changes})  # type: ignore[arg-type]


class TestOrder:
    def test_it_is_the_same_on_every_machine(self) -> None:
        # By sha256sum: should these change, draws that were made can no longer be shown to be fair.
        assert order(1, "a") == "aaa8be88bd4afa32f5b8af336bd2218492836d5edac8fca0e6c3ebc99614678e"
        assert [each.key for each in draw(map(case, "abcdefgh"), SampleRules(size=4), ANYTHING, seed=7)] == list("hdfbcage")


class TestDraw:
    @given(cases=CASES, rules=RULES, seed=SEEDS)
    def test_every_case_has_one_standing_with_a_reason_that_can_be_read_again(
        self, cases: list[Candidate], rules: SampleRules, seed: int
    ) -> None:
        drawn = draw(cases, rules, Eligibility.of(rules, CIRCULATED), seed)
        assert sorted(each.key for each in drawn) == sorted(each.key for each in cases)
        for each in drawn:
            assert Reason.parse(str(each.reason)) == each.reason
        places = [each.place for each in drawn if each.standing != "excluded"]
        assert places == list(range(1, len(places) + 1))

    @given(cases=CASES, rules=RULES, seed=SEEDS, shuffled=st.randoms())
    def test_the_order_of_the_list_makes_no_difference(
        self, cases: list[Candidate], rules: SampleRules, seed: int, shuffled: object
    ) -> None:
        again = cases.copy()
        shuffled.shuffle(again)  # type: ignore[attr-defined]
        assert draw(cases, rules, Eligibility.of(rules, CIRCULATED), seed) == draw(
            again, rules, Eligibility.of(rules, CIRCULATED), seed
        )

    @given(cases=CASES, rules=RULES, seed=SEEDS)
    def test_exactly_those_that_may_not_be_drawn_are_left_out_and_as_many_as_wanted_are_picked(
        self, cases: list[Candidate], rules: SampleRules, seed: int
    ) -> None:
        drawn = draw(cases, rules, Eligibility.of(rules, CIRCULATED), seed)
        excluded = {each.key for each in drawn if each.standing == "excluded"}
        assert excluded == {each.key for each in cases if exclusion(each, Eligibility.of(rules, CIRCULATED)) is not None}
        picked = [each for each in drawn if each.standing == "picked"]
        assert len(picked) == min(rules.size, len(cases) - len(excluded))

    @given(cases=CASES, rules=RULES, seed=SEEDS)
    def test_strata_give_in_proportion_and_one_each_where_the_size_allows(
        self, cases: list[Candidate], rules: SampleRules, seed: int
    ) -> None:
        known = {each.key: each for each in cases}
        strata: dict[str, list[str]] = {}
        for each in draw(cases, rules, Eligibility.of(rules, CIRCULATED), seed):
            if each.standing != "excluded":
                one = known[each.key]
                strata.setdefault(stratum_of(rules.stratify_by, one.service_area, one.team), []).append(each.standing)
        if len(strata) <= rules.size:
            assert all("picked" in standings for standings in strata.values())
        total = sum(map(len, strata.values()))
        for standings in strata.values():
            taken = standings.count("picked")
            assert taken <= max(1, -(-rules.size * len(standings) // max(total, 1))) or total <= rules.size

    @given(cases=CASES, rules=RULES, seed=SEEDS)
    def test_within_a_stratum_the_first_are_picked_and_the_spares_follow(
        self, cases: list[Candidate], rules: SampleRules, seed: int
    ) -> None:
        ranks: dict[str, list[tuple[int, str]]] = {}
        for each in draw(cases, rules, Eligibility.of(rules, CIRCULATED), seed):
            if each.standing != "excluded":
                figures = each.reason.figures
                ranks.setdefault(figures["stratum"], []).append((int(figures["rank"]), each.standing))
        for listed in ranks.values():
            listed.sort()
            assert [rank for rank, _ in listed] == list(range(1, len(listed) + 1))
            standings = [standing for _, standing in listed]
            assert standings == sorted(standings)  # picked, then spare

    def test_another_seed_draws_others(self) -> None:
        cases = [case(f"{number:04}") for number in range(200)]
        first, second = (
            {each.key for each in draw(cases, SampleRules(size=10), ANYTHING, seed) if each.standing == "picked"}
            for seed in (1, 2)
        )
        assert first != second

    def test_in_many_draws_every_case_comes_up_about_equally_often(self) -> None:
        cases = [case(f"{number:04}") for number in range(20)]
        times = dict.fromkeys((each.key for each in cases), 0)
        for seed in range(1000):
            for each in draw(cases, SampleRules(size=5), ANYTHING, seed):
                times[each.key] += each.standing == "picked"
        # 250 expected, standard deviation 13.7: five of those.
        assert all(180 < number < 320 for number in times.values())

    def test_the_reason_says_how_a_case_came_in(self) -> None:
        cases = [*(case(f"n{number}") for number in range(6)), *(case(f"s{number}", "south") for number in range(2))]
        reasons = [str(each.reason) for each in draw(cases, SampleRules(size=4), ANYTHING, 3) if each.standing == "picked"]
        assert sorted(reasons) == [
            "picked stratum=north rank=1 taken=3 of=6",
            "picked stratum=north rank=2 taken=3 of=6",
            "picked stratum=north rank=3 taken=3 of=6",
            "picked stratum=south rank=1 taken=1 of=2",
        ]


class TestExclusion:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"team": "moon", "team_fits": False}, "unknown-team team=moon"),
            ({"team": None, "team_fits": False}, "no-team"),
            ({"practice_on": None}, "no-practice-day"),
            (
                {"practice_on": date(2026, 4, 30)},
                "outside-practice on=2026-04-30 first=2026-05-01 last=2026-10-31",
            ),
            ({"practice_on": CIRCULATED}, "outside-practice on=2026-11-01 first=2026-05-01 last=2026-10-31"),
            ({"audited_on": date(2025, 11, 1)}, "audited-lately on=2025-11-01 since=2025-11-01"),
            ({"audited_on": date(2025, 10, 31)}, None),
            ({"practice_on": date(2026, 5, 1)}, None),
            ({"practice_on": date(2026, 10, 31)}, None),
        ],
    )
    def test_it_says_which_rule_with_its_figures(self, change: dict[str, object], reason: str | None) -> None:
        found = exclusion(case("a", **change), Eligibility.of(SampleRules(size=1), CIRCULATED))  # type: ignore[arg-type]
        assert (str(found) if found else None) == reason

    def test_a_programme_that_looks_at_no_days_leaves_nobody_out_for_them(self) -> None:
        rules = SampleRules(size=1, practice_months=None, not_audited_within_months=None)
        assert exclusion(case("a", practice_on=None, audited_on=date(2026, 10, 1)), Eligibility.of(rules, CIRCULATED)) is None

    def test_the_practice_of_six_months_ends_the_day_before(self) -> None:
        found = Eligibility.of(SampleRules(size=1), date(2026, 8, 31))
        assert (found.first, found.last, found.not_audited_since) == (date(2026, 2, 28), date(2026, 8, 30), date(2025, 8, 31))

    def test_a_round_about_certain_practice_takes_a_case_that_names_no_day(self) -> None:
        about = Eligibility(date(2026, 4, 1), date(2026, 9, 30))
        assert exclusion(case("a", practice_on=None), about) is None
        assert exclusion(case("a", practice_on=date(2026, 9, 30)), about) is None
        assert str(exclusion(case("a", practice_on=date(2026, 10, 1)), about)).startswith("outside-practice")


COUNTS = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 60), min_size=1)


class TestShares:
    @given(size=st.integers(1, 80), counts=COUNTS, seed=SEEDS)
    def test_they_add_up_and_no_stratum_gives_more_than_it_has(self, size: int, counts: dict[str, int], seed: int) -> None:
        taken = shares(size, counts, seed)
        assert sum(taken.values()) == min(size, sum(counts.values()))
        assert all(0 <= taken[stratum] <= counts[stratum] for stratum in counts)

    @given(size=st.integers(1, 80), counts=COUNTS, seed=SEEDS)
    def test_nobody_is_off_its_proportion_by_a_whole_case_except_to_give_everybody_one(
        self, size: int, counts: dict[str, int], seed: int
    ) -> None:
        total, taken = sum(counts.values()), shares(size, counts, seed)
        if total <= size:
            return
        proportional = {stratum: size * counts[stratum] / total for stratum in counts}
        poor = sum(share < 1 for share in proportional.values())
        for stratum, share in proportional.items():
            assert taken[stratum] < share + 1
            assert taken[stratum] > share - 1 - poor
        if size >= len(counts):
            assert min(taken.values()) >= 1

    def test_the_largest_remainder_gets_the_place_that_is_left(self) -> None:
        # 10 x 47/100, 10 x 36/100, 10 x 17/100: 4.7, 3.6, 1.7.
        assert shares(10, {"a": 47, "b": 36, "c": 17}, 1) in ({"a": 5, "b": 3, "c": 2}, {"a": 5, "b": 4, "c": 1})
        assert shares(10, {"a": 48, "b": 35, "c": 17}, 1) == {"a": 5, "b": 3, "c": 2}

    def test_a_small_team_is_covered_at_the_cost_of_the_largest(self) -> None:
        assert shares(3, {"a": 100, "b": 2, "c": 1}, 1) == {"a": 1, "b": 1, "c": 1}

    def test_where_there_are_fewer_places_than_teams_the_seed_decides_between_equals(self) -> None:
        counts = dict.fromkeys("abcdef", 10)
        chosen = {tuple(stratum for stratum, number in shares(2, counts, seed).items() if number) for seed in range(100)}
        assert len(chosen) > 5
        assert all(len(each) == 2 for each in chosen)


def test_days_of_the_figures_have_no_spaces() -> None:
    assert " " not in str(Reason.of("x", on=CIRCULATED - timedelta(days=1))).partition(" ")[2]
