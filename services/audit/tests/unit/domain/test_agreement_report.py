from datetime import date
from typing import Any

import pytest
from services.audit.tests.conftest import profile_of

from audit.domain.agreement import MINIMUM, Matrix, Reason, Weights
from audit.domain.agreement_report import Comparison, Drift, PairCount, Standing, ToolAgreement, report, summarise

PROFILE = profile_of("worcestershire")
SOCIAL_CARE = "social-care-case-file"
Q3 = date(2026, 10, 1)


def count(first: str | None, second: str | None, number: int = 1, **changes: Any) -> PairCount:
    fields: dict[str, Any] = {
        "tool": SOCIAL_CARE,
        "scale": "ofsted",
        "comparison": Comparison.LEAD_PEER,
        "standing": Standing.PAIR,
        "section": "plans",
    }
    return PairCount(first=first, second=second, number=number, **fields | changes)


def of_auditor(first: str, second: str, number: int = 1, **changes: Any) -> PairCount:
    fields = {"comparison": Comparison.AUDITOR_MODERATOR, "section": None, "auditor": "sam-okafor", "quarter": Q3}
    return count(first, second, number, **fields | changes)


def only(counts: list[PairCount]) -> ToolAgreement:
    (tool,) = report(counts, PROFILE)
    return tool


class TestSummary:
    def test_below_thirty_pairs_there_are_the_matrix_and_counts_only(self) -> None:
        found = summarise(Matrix.of({(0, 0): 20, (0, 1): MINIMUM - 21}, 4), {})
        assert found.pairs == 29
        assert (found.exact.n, found.exact.of, found.exact.fraction, found.exact.interval) == (20, 29, None, None)
        assert found.adjacent.n == 29
        assert found.reason is Reason.TOO_FEW
        assert found.kappa(Weights.LINEAR).value is None
        assert found.ac2(Weights.LINEAR).reason is Reason.TOO_FEW

    def test_from_thirty_pairs_on_everything_has_its_interval(self) -> None:
        found = summarise(Matrix.of({(0, 0): 20, (0, 1): 5, (1, 1): 4, (0, 3): 1}, 4), {})
        assert found.reason is None
        assert found.exact.fraction == 24 / 30
        assert found.adjacent.fraction == 29 / 30
        for share in (found.exact, found.adjacent):
            assert share.interval is not None
        for coefficient in (found.kappa(Weights.QUADRATIC), found.ac2(Weights.ORDINAL)):
            assert coefficient.interval is not None

    def test_nothing_has_no_pairs_rather_than_too_few(self) -> None:
        found = summarise(Matrix.of({}, 4), {})
        assert found.reason is Reason.NO_PAIRS
        assert found.disagreement == 0

    def test_on_a_scale_of_two_grades_adjacent_says_nothing(self) -> None:
        found = summarise(Matrix.of({(0, 0): 30, (0, 1): 10}, 2), {})
        assert found.adjacent.reason is Reason.TWO_GRADES
        assert found.adjacent.fraction is None
        assert found.exact.fraction == 0.75

    def test_two_of_two_unlike_pairs_prove_less_disagreement_than_half_of_many(self) -> None:
        few = summarise(Matrix.of({(0, 1): 2}, 4), {})
        many = summarise(Matrix.of({(0, 1): 50, (0, 0): 50}, 4), {})
        assert few.disagreement < many.disagreement


class TestReport:
    def test_sections_stand_in_the_order_of_the_tool_with_the_overall_grade_last_and_by_itself(self) -> None:
        tool = only(
            [
                count("good", "good", 3, section="overall"),
                count("good", "requires-improvement", 5, section="plans"),
                count("good", "good", 7, section="assessments"),
                count("good", "good", 2, section="of-an-older-version"),
            ]
        )
        (compared,) = tool.compared
        assert [each.section for each in compared.sections] == ["assessments", "plans", "of-an-older-version", "overall"]
        assert compared.together.pairs == 5 + 7 + 2
        assert compared.together.exact.n == 7 + 2
        assert tool.comparison(Comparison.LEAD_PEER) is compared
        assert tool.comparison(Comparison.LEAD_MODERATOR) is None

    def test_what_makes_no_pair_is_left_out_and_counted(self) -> None:
        tool = only(
            [
                count("good", "good", 3),
                count(None, None, 2, standing=Standing.NOT_APPLICABLE),
                count(None, None, 1, standing=Standing.UNGRADED),
                count("green", "red", 4, scale="traffic-lights"),
            ]
        )
        (compared,) = tool.compared
        assert compared.together.pairs == 3
        left_out = {Standing.NOT_APPLICABLE: 2, Standing.UNGRADED: 1, Standing.OTHER_SCALE: 4}
        assert compared.together.left_out == compared.sections[0].agreement.left_out == left_out

    def test_a_section_of_the_tool_that_was_never_applicable_is_listed_and_a_question_is_not(self) -> None:
        tool = only(
            [
                count("good", "good", section="plans"),
                count(None, None, 2, section="assessments", standing=Standing.NOT_APPLICABLE),
                count(None, None, 2, section="was-a-chronology-there", standing=Standing.UNGRADED),
            ]
        )
        assert [each.section for each in tool.compared[0].sections] == ["assessments", "plans"]

    def test_ranks_are_places_on_the_scale_best_first(self) -> None:
        (compared,) = only([count("outstanding", "inadequate", 2), count("good", "outstanding", 1)]).compared
        assert compared.together.matrix.cells == ((0, 0, 0, 2), (1, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))

    def test_tools_stand_in_the_order_of_the_profile(self) -> None:
        tools = report([count("good", "good", tool=tool) for tool in ("gone", "fostering", SOCIAL_CARE)], PROFILE)
        assert [tool.tool for tool in tools] == [SOCIAL_CARE, "fostering", "gone"]

    def test_a_tool_on_a_scale_that_is_gone_has_no_order_and_no_agreement(self) -> None:
        assert report([count("a", "b", tool="gone", scale="gone")], PROFILE) == ()

    def test_nothing_moderated_is_an_empty_report(self) -> None:
        assert report([], PROFILE) == ()


class TestAuditors:
    def test_an_auditor_is_held_against_the_moderator_and_against_the_other_auditor(self) -> None:
        tool = only(
            [
                of_auditor("good", "requires-improvement", 3),
                of_auditor("good", "good", 2, comparison=Comparison.AUDITOR_OTHER),
                of_auditor("good", "good", 1, auditor="lee-walsh"),
            ]
        )
        assert [each.auditor for each in tool.auditors] == ["lee-walsh", "sam-okafor"]
        sam = tool.auditors[1]
        assert (sam.moderator.pairs, sam.moderator.exact.n) == (3, 0)
        assert (sam.other.pairs, sam.other.exact.n) == (2, 2)
        assert tool.compared == ()

    def test_drift_is_by_how_many_grades_they_graded_better_than_the_moderator_in_each_quarter(self) -> None:
        (sam,) = only(
            [
                of_auditor("good", "inadequate", 1),
                of_auditor("good", "good", 1),
                of_auditor("requires-improvement", "good", 4, quarter=date(2026, 7, 1)),
                of_auditor("good", "inadequate", 4, comparison=Comparison.AUDITOR_OTHER),
            ]
        ).auditors
        assert sam.drift == (Drift(date(2026, 7, 1), -1.0, 4), Drift(Q3, 1.0, 2))

    @pytest.mark.parametrize(
        ("first", "code"),
        [
            (date(2026, 4, 1), "2026-27-q1"),
            (date(2026, 7, 1), "2026-27-q2"),
            (date(2026, 10, 1), "2026-27-q3"),
            (date(2027, 1, 1), "2026-27-q4"),
            (date(2099, 4, 1), "2099-00-q1"),
        ],
    )
    def test_a_quarter_is_one_of_the_financial_year(self, first: date, code: str) -> None:
        assert Drift(first, 0.0, 1).code == code
