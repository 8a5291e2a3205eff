"""Headlines are cells of other reports, and say no more of them than their numbers do."""

from datetime import date
from typing import Any

import pytest
from reporting_records import document

from reporting.domain import evaluation
from reporting.domain.comparing import compared
from reporting.domain.expansion import expanded
from reporting.domain.headline_rows import NOT_CHANGES, UnknownCellError, resolved, row
from reporting.domain.measures import Collection
from reporting.domain.periods import parse
from reporting.domain.profile import Profile
from reporting.domain.recipes import Headline, Report
from reporting.domain.scope import Scope
from reporting.domain.tables import TableView
from reporting.domain.tallies import Count, Key, Tally

BANDS = {"report": "send-complaints", "table": "stage-1-response-times", "column": "share"}
PROFILE = Profile.model_validate(document("worcestershire"))
Q2 = parse("2022-23-q2")
GOOD = {"report": "case-file-audit-summary", "table": "grades-by-tool", "row": "total", "column": "good-or-better"}


def headline(**of: Any) -> Headline:
    return Headline.model_validate({"code": "h", "label": "Judged good or better", **GOOD, **of})


def told(headline_: Headline, now: Count, before: Count, show: str = "share") -> TableView:
    """A pack of one headline, of which so many were counted in the quarter and in the one before."""
    column = {"code": "this", "label": "{period}", "show": show, "unit": "x"}
    rows = {"by": "headline", "label": "Headline", "headlines": [headline_.model_dump()]}
    plain = {"code": "t", "title": "T", "filter": {}, "total": False, "chart": None, "notes": [], "compare": 1}
    tables = [{**plain, "rows": rows, "columns": [column]}]
    pack = {"code": "pack", "title": "Pack", "audience": "internal", "period": "quarter", "tables": tables}
    report = compared(resolved(expanded(Report.model_validate(pack), PROFILE), PROFILE), None)
    scope = Scope(PROFILE, Q2, date(2023, 1, 1), frozenset(), dict.fromkeys(Collection, date(2021, 1, 1)))
    answers: dict[Tally, dict[Key, Count]] = {}
    for tally in evaluation.needed(report, scope):
        found = now if tally.first == Q2.first else before
        is_part = dict(tally.filters).get("grade") is not None or found.of == 0
        answers[tally] = {None: found if is_part else Count(found.of)}
    return evaluation.view(report, scope, answers).tables[0]


class TestWhatIsCounted:
    def test_a_share_of_a_row_is_that_of_the_report(self) -> None:
        found = row(headline(), PROFILE)
        assert (found.measure, found.filter, found.of) == ("audits_with_grade", {"grade": ("outstanding", "good")}, {})
        assert "Case file audit summary" in (found.told or "")
        of_tool = row(headline(row="adoption"), PROFILE)
        assert of_tool.filter == {"grade": ("outstanding", "good"), "tool": ("adoption",)}
        assert of_tool.of == {"tool": ("adoption",)}

    def test_filters_of_its_table_hold(self) -> None:
        found = row(headline(report="social-care-complaints", table="complaints-received", column="this"), PROFILE)
        assert found.filter == {"procedure": ("childrens-statutory", "corporate", "fostering")}
        assert found.of is None

    @pytest.mark.parametrize(
        ("of", "words"),
        [
            ({"report": "x"}, "no report 'x'"),
            ({"table": "x"}, "no table 'x'"),
            ({"column": "x"}, "no column 'x'"),
            ({"row": "x"}, "no row 'x'"),
            (
                {"report": "send-complaints", "table": "stage-1-response-times", "row": "0-10", "column": "share"},
                "no row '0-10'",
            ),
        ],
    )
    def test_what_there_is_not_is_named(self, of: dict[str, str], words: str) -> None:
        with pytest.raises(UnknownCellError, match=words):
            row(headline(**of), PROFILE)


class TestWhatIsSaid:
    def test_of_many_the_range_and_whether_it_changed(self) -> None:
        (note,) = told(headline(), Count(90, 100), Count(50, 100)).notes
        assert note.startswith("Judged good or better: 90%, 90 of 100 audits in Q2 22/23. Likely to lie between 83% and 94%.")
        assert "Q1 22/23: 50 of 100. This went up by 40 percentage points" in note
        assert "Counted as “Audits with an overall grade”." in note
        assert note.endswith("From the report “Case file audit summary”, table “Overall grades by tool”.")

    def test_of_few_no_percentage_and_no_change(self) -> None:
        (note,) = told(headline(), Count(3, 6), Count(2, 40)).notes
        assert "3 of 6 audits in Q2 22/23. Too few to give a percentage." in note
        assert "%" not in note
        assert "There are too few to say whether this changed." in note

    def test_of_several_from_one_source_no_range_is_claimed(self) -> None:
        (note,) = told(headline(several=True), Count(90, 100), Count(50, 100)).notes
        assert "no range and no change is claimed" in note
        assert "went" not in note

    def test_a_count_is_never_said_to_have_changed(self) -> None:
        of = {"report": "feedback", "table": "answered", "column": "this"}
        sentence, care = told(headline(**of), Count(12), Count(40), "count").notes
        assert sentence.startswith("Judged good or better: 12 responses in Q2 22/23; Q1 22/23: 40.")
        assert care == NOT_CHANGES

    def test_without_a_figure_it_says_why(self) -> None:
        (note,) = told(headline(), Count(0, 0), Count(0, 0)).notes
        assert "no figure for Q2 22/23 (not collected" in note
