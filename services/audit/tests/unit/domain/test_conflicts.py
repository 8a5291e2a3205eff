"""Who may be given which part of an audit, and which rule says no."""

import pytest

from audit.domain.conflicts import Case, Problem, Staff, broken, candidates
from audit.domain.person import Person, line_above
from audit.domain.programme import AllocationRules

CASE = Case("c1", "send", "send-north", "wendy-worker")
RULES = AllocationRules()


def person(code: str, *duties: str, **changes: object) -> Person:
    fields: dict[str, object] = {
        "subject": None,
        "service_area": "send",
        "team": None,
        "manages": frozenset(),
        "line_manager": None,
        "active": True,
        "agency": None,
    }
    return Person(code=code, duties=frozenset(duties), **fields | changes)  # type: ignore[arg-type]


def staff(*people: Person) -> Staff:
    return Staff({each.code: each for each in people})


STAFF = staff(
    person("dee-director", "auditor", "moderator"),
    person("gary-group", "auditor", "moderator", line_manager="dee-director"),
    person("mona-manager", "auditor", "moderator", "reviewer", manages=frozenset({"send-north"}), line_manager="gary-group"),
    person("wendy-worker", "auditor", "moderator", "reviewer", team="send-north", line_manager="sue-senior"),
    person("sue-senior", "auditor", "moderator", "reviewer", line_manager="mona-manager"),
    person("colin-colleague", "auditor", team="send-north"),
    person("pat-peer", "auditor", "reviewer", manages=frozenset({"send-south"}), line_manager="gary-group"),
    person("faye-foster", "auditor", "moderator", service_area="fostering-and-kinship"),
    person("harry-health", "auditor", service_area=None, agency="health"),
    person("leo-left", "auditor", "moderator", "reviewer", active=False),
    person("nora-nothing"),
)


def who(part: str, case: Case = CASE, rules: AllocationRules = RULES) -> set[str]:
    return set(candidates(part, case, STAFF, rules)[0])


class TestCandidates:
    def test_the_lead_is_responsible_for_the_case(self) -> None:
        # Mona manages the team, Sue is the worker's line manager.
        assert who("lead") == {"mona-manager", "sue-senior"}

    def test_without_a_team_the_workers_line_manager_is_the_one(self) -> None:
        assert who("lead", Case("c", "send", None, "wendy-worker")) == {"sue-senior"}
        assert candidates("lead", Case("c", "send", None, "unlisted"), STAFF, RULES) == ((), "responsible")

    def test_the_peer_is_another_manager_of_the_service_outside_the_line(self) -> None:
        assert who("peer") == who("single") == {"pat-peer"}

    def test_the_peer_may_come_from_another_service_where_the_programme_says_so(self) -> None:
        everywhere = AllocationRules(peer_same_service_area=False)
        assert who("peer", rules=everywhere) == {"pat-peer", "faye-foster", "harry-health"}
        assert who("single", rules=AllocationRules(auditors_from=("fostering-and-kinship",))) == {"faye-foster"}

    def test_the_line_is_known_from_the_team_also_when_the_worker_is_not_listed(self) -> None:
        assert who("peer", Case("c", "send", "send-north", "unlisted")) == {"pat-peer"}

    def test_the_moderator_may_stand_above_the_case_but_not_answer_for_it(self) -> None:
        assert who("moderation") == {"dee-director", "gary-group", "faye-foster"}
        assert who("moderation", rules=AllocationRules(moderator_same_service_area=True)) == {"dee-director", "gary-group"}

    def test_the_reviewer_did_not_have_to_do_the_actions(self) -> None:
        assert who("review") == {"pat-peer"}

    def test_an_agency_answers_through_its_own(self) -> None:
        assert who("agency-health") == {"harry-health"}
        assert candidates("agency-police", CASE, STAFF, RULES) == ((), "agency")

    @pytest.mark.parametrize(
        ("people", "part", "rule"),
        [
            ((), "lead", "active"),
            ((person("a", "auditor", active=False),), "lead", "active"),
            ((person("a", "reviewer"),), "peer", "duty-auditor"),
            ((person("a", "auditor", service_area="adoption"),), "peer", "service-area"),
            ((person("wendy-worker", "auditor"),), "peer", "own-work"),
            ((person("a", "auditor", team="send-north"),), "peer", "management-line"),
            ((person("wendy-worker", "auditor", manages=frozenset({"send-north"})),), "lead", "own-work"),
            ((person("a", "moderator", manages=frozenset({"send-north"})),), "moderation", "not-responsible"),
        ],
    )
    def test_where_nobody_may_the_last_rule_in_the_way_is_named(self, people: tuple[Person, ...], part: str, rule: str) -> None:
        assert candidates(part, CASE, staff(*people), RULES) == ((), rule)


class TestBroken:
    def test_a_good_allocation_breaks_nothing(self) -> None:
        parts = {"lead": "mona-manager", "peer": "pat-peer", "moderation": "gary-group", "review": "pat-peer"}
        assert broken(CASE, parts, STAFF, RULES) == []

    def test_a_moderator_below_an_auditor_is_not_independent(self) -> None:
        # Gary manages Mona, so he must not have his audit moderated by her.
        elsewhere = Case("c2", "send", "send-post-16", "unlisted")
        parts = {"single": "gary-group", "moderation": "mona-manager"}
        assert broken(elsewhere, parts, STAFF, RULES) == [
            Problem("c2", "moderation", "independent-moderator", "mona-manager"),
        ]

    def test_a_moderator_who_audits_the_case_is_not_independent(self) -> None:
        parts = {"lead": "mona-manager", "peer": "gary-group", "moderation": "gary-group"}
        found = broken(CASE, parts, STAFF, RULES)
        assert Problem("c1", "peer", "management-line", "gary-group") in found
        assert Problem("c1", "moderation", "independent-moderator", "gary-group") in found

    def test_somebody_who_is_not_listed_can_be_given_nothing(self) -> None:
        assert broken(CASE, {"lead": "gone"}, STAFF, RULES) == [Problem("c1", "lead", "active", "gone")]


class TestLineAbove:
    def test_it_ends_where_the_directory_ends(self) -> None:
        people = {"a": person("a", line_manager="b"), "b": person("b", line_manager="unlisted")}
        assert line_above("a", people) == {"b", "unlisted"}
        assert line_above("unlisted", people) == line_above(None, people) == frozenset()

    def test_two_who_manage_each_other_by_mistake_do_not_hang_it(self) -> None:
        people = {"a": person("a", line_manager="b"), "b": person("b", line_manager="a")}
        assert line_above("a", people) == {"b"}
