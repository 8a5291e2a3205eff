"""Allocation: the conflict rules are never broken, no way is overlooked, and what cannot be done is named with its case."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.audit.tests.conftest import profile_of

from audit.domain.allocation import Allocation, Loads, Wanted, allocate, count, parts_of
from audit.domain.conflicts import Case, Problem, Staff, broken
from audit.domain.person import DUTIES, Person
from audit.domain.programme import AllocationRules

CODES = ("ann", "bob", "cat", "dan", "eve", "fay")
TEAMS = ("north", "south")
LOOPED = ("lead", "peer", "moderation")
PEOPLE = st.fixed_dictionaries(
    {
        code: st.builds(
            Person,
            code=st.just(code),
            subject=st.none(),
            service_area=st.sampled_from(["send", "send", "adoption"]),
            team=st.one_of(st.none(), st.sampled_from(TEAMS)),
            manages=st.frozensets(st.sampled_from(TEAMS), max_size=2),
            line_manager=st.one_of(st.none(), st.sampled_from(CODES)),
            duties=st.frozensets(st.sampled_from(DUTIES), min_size=1),
            active=st.sampled_from([True, True, True, False]),
        )
        for code in CODES
    }
)
CASES = st.lists(
    st.builds(
        Case,
        key=st.uuids().map(str),
        service_area=st.just("send"),
        team=st.sampled_from(TEAMS),
        worker=st.one_of(st.none(), st.sampled_from(CODES)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda case: case.key,
)
WANTED = st.builds(
    Wanted,
    cases=CASES,
    parts=st.sampled_from([LOOPED, ("single",), ("single", "moderation")]),
    reviewer=st.booleans(),
    rules=st.builds(
        AllocationRules,
        peer_same_service_area=st.booleans(),
        most_audits_a_month=st.one_of(st.none(), st.integers(1, 3)),
    ),
    seed=st.integers(0, 2**63 - 1),
)


def auditing(given: dict[str, str]) -> dict[str, str]:
    return {part: code for part, code in given.items() if part in {"lead", "peer", "single"}}


def ways(wanted: Wanted, staff: Staff) -> list[list[dict[str, str]]]:
    """Every allocation of auditors and moderators that keeps the rules, by trying all of them."""
    each_case = [
        [
            parts
            for codes in product(CODES, repeat=len(wanted.parts))
            if not broken(case, parts := dict(zip(wanted.parts, codes, strict=True)), staff, wanted.rules)
        ]
        for case in wanted.cases
    ]
    most = wanted.rules.most_audits_a_month or 99
    found = []
    for way in product(*each_case):
        loads = Counter(code for parts in way for code in auditing(parts).values())
        if max(loads.values(), default=0) <= most:
            found.append(list(way))
    return found


class TestAllocate:
    @given(people=PEOPLE, wanted=WANTED)
    def test_no_rule_is_ever_broken(self, people: dict[str, Person], wanted: Wanted) -> None:
        staff = Staff(people)
        found = allocate(wanted, staff, Loads())
        if found.problems:
            return
        for case in wanted.cases:
            parts = found.given[case.key]
            assert set(parts) == {*wanted.parts, *(["review"] if wanted.reviewer else [])}
            assert broken(case, dict(parts), staff, wanted.rules) == []
        loads = Counter(code for parts in found.given.values() for code in auditing(dict(parts)).values())
        assert max(loads.values()) <= (wanted.rules.most_audits_a_month or 99)

    @settings(max_examples=60, deadline=None)
    @given(people=PEOPLE, wanted=WANTED)
    def test_it_finds_an_allocation_exactly_when_there_is_one_and_the_most_even(
        self, people: dict[str, Person], wanted: Wanted
    ) -> None:
        staff, wanted = Staff(people), replace(wanted, reviewer=False)
        found, possible = allocate(wanted, staff, Loads()), ways(wanted, staff)
        assert bool(found.problems) is not bool(possible)
        if possible and "moderation" not in wanted.parts:
            assert self.spread([dict(each) for each in found.given.values()]) == min(map(self.spread, possible))

    @given(people=PEOPLE, wanted=WANTED)
    def test_every_problem_names_a_case_a_part_and_a_rule(self, people: dict[str, Person], wanted: Wanted) -> None:
        found = allocate(wanted, Staff(people), Loads())
        assert bool(found.problems) is not bool(found.given)
        for problem in found.problems:
            assert problem.case in {case.key for case in wanted.cases}
            assert problem.part in {*wanted.parts, "review"}
            assert problem.rule

    @given(people=PEOPLE, wanted=WANTED)
    def test_the_same_seed_gives_the_same(self, people: dict[str, Person], wanted: Wanted) -> None:
        backwards = dict(reversed(people.items()))
        assert allocate(wanted, Staff(people), Loads()) == allocate(wanted, Staff(backwards), Loads())

    @given(number=st.integers(1, 20), auditors=st.integers(3, 8), seed=st.integers(0, 1000))
    def test_where_the_rules_allow_loads_differ_by_one_at_most(self, number: int, auditors: int, seed: int) -> None:
        people = {f"p{each}": auditor(f"p{each}", "auditor", "moderator", "reviewer") for each in range(auditors)}
        cases = [Case(f"c{each}", "send") for each in range(number)]
        wanted = Wanted(cases, ("single",), reviewer=True, rules=AllocationRules(most_audits_a_month=None), seed=seed)
        found = allocate(wanted, Staff(people), Loads())
        for kind in count((part, code) for parts in found.given.values() for part, code in parts.items()).values():
            loads = [kind.get(code, 0) for code in people]
            assert max(loads) - min(loads) <= 1

    @staticmethod
    def spread(parts: list[dict[str, str]]) -> int:
        return sum(number**2 for number in Counter(code for each in parts for code in auditing(each).values()).values())


def auditor(code: str, *duties: str, **changes: object) -> Person:
    fields: dict[str, object] = {
        "subject": None,
        "service_area": "send",
        "team": None,
        "manages": frozenset(),
        "line_manager": None,
        "active": True,
    }
    return Person(code=code, duties=frozenset(duties), **fields | changes)  # type: ignore[arg-type]


NORTH = auditor("nell", "auditor", manages=frozenset({"north"}))
SOUTH = auditor("sid", "auditor", manages=frozenset({"south"}))
SENIOR = auditor("sen", "moderator", "reviewer")
AGENCIES = profile_of("worcestershire").tools["multi-agency"].agencies
ONE, TWO = Case("one", "send", "north"), Case("two", "send", "south")


def run(*people: Person, cases: tuple[Case, ...] = (ONE, TWO), loads: Loads | None = None, **rules: object) -> Allocation:
    wanted = Wanted(cases, LOOPED, reviewer=True, rules=AllocationRules(**rules), seed=7)  # type: ignore[arg-type]
    return allocate(wanted, Staff({each.code: each for each in people}), loads or Loads())


class TestProblems:
    def test_two_managers_audit_each_others_cases(self) -> None:
        assert run(NORTH, SOUTH, SENIOR).given == {
            "one": {"lead": "nell", "peer": "sid", "moderation": "sen", "review": "sen"},
            "two": {"lead": "sid", "peer": "nell", "moderation": "sen", "review": "sen"},
        }

    def test_each_is_named_with_its_rule_and_its_case(self) -> None:
        assert run(NORTH, replace(SENIOR, duties=frozenset({"moderator"}))).problems == (
            Problem("one", "peer", "management-line"),
            Problem("one", "review", "duty-reviewer"),
            Problem("two", "lead", "responsible"),
            Problem("two", "review", "duty-reviewer"),
        )

    def test_who_has_enough_this_month_is_given_no_more(self) -> None:
        loads = Loads(month={"nell": 1})
        assert run(NORTH, SOUTH, SENIOR, loads=loads, most_audits_a_month=2).problems == (
            Problem("two", "peer", "most-audits-a-month"),
        )

    def test_the_only_moderator_is_kept_free_for_moderating(self) -> None:
        # Pim could be either case's peer, and has nothing yet; but then nobody could moderate it.
        pim = auditor("pim", "auditor", "moderator", "reviewer")
        for cases in ((ONE,), (TWO,), (ONE, TWO)):
            found = run(NORTH, SOUTH, pim, cases=cases, most_audits_a_month=None)
            assert found.problems == ()
            assert {parts["moderation"] for parts in found.given.values()} == {"pim"}

    def test_a_moderator_whose_manager_must_audit_cannot_moderate(self) -> None:
        below = replace(SENIOR, line_manager="nell")
        assert run(NORTH, SOUTH, below).problems == (
            Problem("one", "moderation", "independent-moderator"),
            Problem("two", "moderation", "independent-moderator"),
        )

    def test_who_had_fewest_in_the_last_year_comes_first(self) -> None:
        others = [auditor(code, "auditor") for code in ("x", "y", "z")]
        loads = Loads(year={"audit": {"x": 3, "y": 1, "z": 2}})
        wanted = Wanted([Case("c", "send")], ("single",), reviewer=False, rules=AllocationRules(), seed=1)
        assert allocate(wanted, Staff({each.code: each for each in others}), loads).given == {"c": {"single": "y"}}

    def test_each_agency_makes_its_return_through_its_own_and_one_brings_them_together(self) -> None:
        partners = [
            auditor("pia", "auditor", agency="police", service_area=None),
            auditor("hal", "auditor", agency="health", service_area=None),
        ]
        wanted = Wanted([ONE], ("agency-police", "agency-health", "moderation"), False, AllocationRules(), seed=1)
        staff = Staff({each.code: each for each in (*partners, SENIOR, NORTH)})
        assert allocate(wanted, staff, Loads()).given == {
            "one": {"agency-police": "pia", "agency-health": "hal", "moderation": "sen"}
        }
        alone = Staff({each.code: each for each in (partners[0], SENIOR)})
        assert allocate(wanted, alone, Loads()).problems == (Problem("one", "agency-health", "agency"),)

    def test_who_has_one_in_this_round_already_waits(self) -> None:
        others = [auditor(code, "auditor") for code in ("x", "y")]
        loads = Loads(round={"audit": {"y": 1}}, year={"audit": {"x": 9, "y": 1}})
        wanted = Wanted([Case("c", "send")], ("single",), reviewer=False, rules=AllocationRules(), seed=1)
        assert allocate(wanted, Staff({each.code: each for each in others}), loads).given == {"c": {"single": "x"}}


class TestPartsOf:
    @pytest.mark.parametrize(
        ("organisation", "tool", "parts"),
        [
            ("worcestershire", "social-care-case-file", ("lead", "peer", "moderation")),
            ("worcestershire", "residential", ("single",)),
            ("worcestershire", "targeted", ("single",)),
            (
                "worcestershire",
                "multi-agency",
                (
                    *(f"agency-{agency.code}" for agency in profile_of("worcestershire").tools["multi-agency"].agencies),
                    "moderation",
                ),
            ),
            ("telford-wrekin", "children-in-need", ("single", "moderation")),
            ("telford-wrekin", "cared-for-plans", ("single",)),
        ],
    )
    def test_an_audit_has_the_parts_of_its_tools_activity(self, organisation: str, tool: str, parts: tuple[str, ...]) -> None:
        assert parts_of(profile_of(organisation).tools[tool]) == parts
