"""The measures of what the Ombudsman wants, each against an example that was counted by hand."""

from datetime import date
from typing import Any

from reporting_counting import Counting, tally
from reporting_ombudsman import wanted
from reporting_records import Sources, complaint, ident, recounted

from contracts.complaints import OmbudsmanCaseAccepted

APRIL, MAY, JUNE, JULY = date(2022, 4, 12), date(2022, 5, 12), date(2022, 6, 12), date(2022, 7, 12)


class TestOmbudsman:
    async def test_remedies_and_answers_are_counted_by_the_day_that_it_named(self, sources: Sources, counted: Counting) -> None:
        late, in_time, never = ("remedy", MAY, JUNE, "payment"), ("remedy", MAY, APRIL, "apology"), ("remedy", JUNE, None, None)
        await sources.record(
            wanted("a", 2, APRIL, [("enquiry", APRIL, APRIL, None), ("remedy", MAY, None, "payment")]),
            # The highest version counts: the remedy was carried out since, too late.
            wanted("a", 3, APRIL, [("enquiry", APRIL, APRIL, None), late]),
            wanted("b", 2, APRIL, [in_time, never, ("draft", MAY, JUNE, None), ("remedy", JULY, None, "apology")]),
        )
        assert await counted(tally("ombudsman_remedies_in_time")) == {None: (1, 3)}
        by_remedy = tally("ombudsman_remedies_in_time", by="ombudsman_remedy", members=("apology", "payment"))
        assert await counted(by_remedy) == {"apology": (1, 1), "payment": (0, 1), None: (0, 1)}
        assert await counted(tally("ombudsman_answers_in_time")) == {None: (1, 2)}

    async def test_an_outcome_with_several_remedies_counts_once_in_all(self, sources: Sources, counted: Counting) -> None:
        outcome: dict[str, Any] = {"outcome_on": MAY, "outcome": "upheld", "actions": 2}
        for reference in ("a", "b", "c"):
            await sources.record(
                OmbudsmanCaseAccepted(case_id=ident(reference, "case"), service_area="send", accepted_on=APRIL)
            )
        await sources.record(
            wanted("a", 2, APRIL, remedies=("apology", "payment"), **outcome),
            wanted("b", 2, APRIL, remedies=("apology",), **outcome),
            wanted("c", 2, APRIL, remedies=(), **outcome),
        )
        assert await counted(tally("ombudsman_cases_with_remedies")) == {None: 2}
        by_remedy = tally("ombudsman_cases_with_remedies", by="ombudsman_remedy", members=("apology", "payment"))
        assert await counted(by_remedy) == {"apology": 2, "payment": 1}


class TestBroughtIn:
    async def test_points_of_past_years_ask_for_no_learning(self, sources: Sources, counted: Counting) -> None:
        for reference, came_by in (("a", "brought-in"), ("b", None)):
            came = complaint(reference, APRIL, categories=["send-communication"]).model_copy(update={"came_by": came_by})
            done: dict[str, Any] = {"responded_on": MAY, "ending": "answered", "working_days": 12}
            await sources.record(came, recounted(reference, "brought-in", APRIL, findings=["upheld"], **done))
        assert await counted(tally("points_with_learning")) == {None: (0, 1)}
