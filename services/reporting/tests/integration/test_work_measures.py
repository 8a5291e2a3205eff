"""The measures of audits at work, disputes and acknowledged practice, each against an example that was counted by hand."""

from datetime import date
from typing import Any

import pytest
from reporting_counting import Q1, Q2, Counting, tally
from reporting_records import Sources, ident, outcome
from reporting_work import (
    acknowledged,
    action,
    allocated,
    ended,
    moderated,
    raised,
    reached,
    reviewed,
    submitted,
    withdrawn,
)

from chassis.days import british_today
from chassis.testing.fixtures import ServiceClient
from contracts.audit import ActionState
from reporting.domain.periods import Kind, containing
from reporting.domain.tallies import Tally

APRIL, MAY, JUNE = date(2022, 4, 1), date(2022, 5, 2), date(2022, 6, 1)
DUE = date(2022, 4, 29)  # four weeks after the first of April
MODERATE_BY = date(2022, 5, 6)


def until(measure: str, day: date, **more: Any) -> Tally:
    """A measure in the first quarter, counted up to a day."""
    return Tally(measure, Q1.first, day, **more)


class TestAllocated:
    async def test_what_was_sent_out_in_the_period_counts_unless_it_was_withdrawn(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(
            allocated("a", APRIL), allocated("b", MAY, team=None, programme=None), allocated("c", MAY),
            allocated("later", date(2022, 7, 1)), withdrawn("c", JUNE),
        )  # fmt: skip
        assert await counted(tally("audits_allocated")) == {None: 2}
        asked = tally("audits_allocated", by="programme", members=("send-new-ehcp",))
        assert await counted(asked) == {"send-new-ehcp": 1, None: 1}
        assert await counted(tally("audits_allocated", filters=(("team", ("send-north",)),))) == {None: 1}
        assert await counted(tally("audits_allocated", Q2)) == {None: 1}


class TestInTime:
    async def test_parts_due_in_the_period_count_by_their_first_submission(self, sources: Sources, counted: Counting) -> None:
        late = date(2022, 5, 3)
        await sources.record(
            allocated("a", APRIL), submitted("a", "lead", DUE, DUE), submitted("a", "peer", late, DUE),
            allocated("b", APRIL), submitted("b", "lead", APRIL, DUE), submitted("b", "lead", late, DUE),  # returned meanwhile
            allocated("gone", APRIL), withdrawn("gone", MAY),
            allocated("c", JUNE), submitted("c", "lead", JUNE, date(2022, 6, 29)),
        )  # fmt: skip
        # Of a: the lead in time, the peer late. Of b: the lead in time, the peer missing. Of c one of two.
        assert await counted(tally("parts_submitted_in_time")) == {None: (3, 6)}
        assert await counted(until("parts_submitted_in_time", date(2022, 6, 28))) == {None: (2, 4)}
        assert await counted(tally("parts_submitted_in_time", Q2)) == {None: 0}

    async def test_moderations_due_in_the_period(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            allocated("a", APRIL), moderated("a", MODERATE_BY, due_on=MODERATE_BY),
            allocated("b", APRIL, service_area="fostering-and-kinship"), moderated("b", date(2022, 5, 9), due_on=MODERATE_BY),
            allocated("c", APRIL),
            allocated("single", APRIL, kind="single", moderate_by=None), moderated("single", APRIL),
        )  # fmt: skip
        assert await counted(tally("audits_moderated_in_time")) == {None: (1, 3)}
        asked = tally("audits_moderated_in_time", by="service_area", members=("send",))
        assert await counted(asked) == {"send": (1, 2), None: (0, 1)}

    async def test_reviews_due_in_the_period_held_or_not(self, sources: Sources, counted: Counting) -> None:
        due, following = date(2022, 6, 10), date(2022, 6, 24)
        await sources.record(
            allocated("a", APRIL), moderated("a", APRIL, review_due_on=due), reviewed("a", 1, due, due, following),
            reviewed("a", 2, date(2022, 6, 30), following),
            allocated("b", APRIL), moderated("b", APRIL, review_due_on=due),
            allocated("c", APRIL), moderated("c", APRIL, review_due_on=date(2022, 7, 1)),
        )  # fmt: skip
        # The first of a in time, its second late, the first of b missing; that of c is due in the next quarter.
        assert await counted(tally("audits_reviewed_in_time")) == {None: (1, 3)}
        assert await counted(tally("audits_reviewed_in_time", Q2)) == {None: (0, 1)}


class TestActions:
    async def test_are_counted_as_they_stood_on_the_day(self, sources: Sources, counted: Counting) -> None:
        end = Q1.last
        set_then = tuple(ActionState(action=code, due_on=DUE) for code in ("a1", "a2", "a3", "a4"))
        told = outcome("a", APRIL, tool="send-new-ehcp", service_area="send", actions=set_then)
        audit = told.model_copy(update={"outcome_id": ident("audit", "a")})
        await sources.record(allocated("a", APRIL), audit, on=APRIL)
        await sources.record(action("a", "a1", "done", DUE, done_on=MAY), on=MAY)
        await sources.record(action("a", "a2", "open", date(2022, 7, 15)), on=MAY)  # moved
        await sources.record(action("a", "a5", "open", end), on=JUNE)  # set after the moderation
        # After the quarter: one is done, one is moved, one is opened again. None of it changes the quarter.
        later = date(2022, 7, 4)
        await sources.record(
            action("a", "a3", "done", DUE, done_on=later), action("a", "a4", "open", date(2022, 9, 1)),
            action("a", "a1", "open", date(2022, 8, 1)), on=later,
        )  # fmt: skip
        assert await counted(until("actions_open", date(2022, 4, 30))) == {None: 4}
        assert await counted(until("actions_overdue", DUE)) == {None: 0}  # their day is not over
        assert await counted(until("actions_overdue", date(2022, 4, 30))) == {None: 4}
        assert await counted(tally("actions_open")) == {None: 4}  # all but a1
        assert await counted(tally("actions_overdue")) == {None: 2}  # a3 and a4; a5 is due on the last day
        assert await counted(tally("actions_open", Q2)) == {None: 4}  # all but a3
        assert await counted(tally("actions_overdue", Q2)) == {None: 4}
        asked = tally("actions_open", by="programme", members=("send-new-ehcp",))
        assert await counted(asked) == {"send-new-ehcp": 4}

    async def test_of_other_systems_are_open_until_their_outcome_says_done(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            outcome(
                "x", APRIL, actions=(ActionState(action="x1", due_on=MAY), ActionState(action="x2", due_on=MAY, done_on=JUNE))
            )
        )
        assert await counted(until("actions_open", MAY)) == {None: 2}
        assert await counted(tally("actions_open")) == {None: 1}
        assert await counted(tally("actions_overdue", by="tool", members=("social-care-case-file",))) == {
            "social-care-case-file": 1
        }

    async def test_that_were_dropped_or_belong_to_a_withdrawn_audit_are_not_open(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(action("a", "a1", "open", MAY), action("b", "b1", "open", MAY), withdrawn("b", MAY), on=APRIL)
        await sources.record(action("a", "a1", "dropped", MAY), on=JUNE)
        assert await counted(until("actions_open", MAY)) == {None: 1}
        assert await counted(tally("actions_open")) == {None: 0}

    async def test_of_a_period_that_is_still_to_come_there_are_none(self, sources: Sources, counted: Counting) -> None:
        await sources.record(action("a", "a1", "open", MAY), on=APRIL)
        assert await counted(Tally("actions_open", Q2.first, MAY)) == {None: 0}


class TestDisputes:
    async def test_count_by_the_day_on_which_they_were_raised(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            raised("a", APRIL), raised("a", APRIL, category="care-planning"), raised("b", MAY, raised_by="cp-chair"),
            raised("later", date(2022, 7, 1)),
        )  # fmt: skip
        assert await counted(tally("disputes_raised")) == {None: 2}
        by: dict[str, Any] = {"by": "dispute_category", "members": ("care-planning", "drift-and-delay")}
        assert await counted(tally("disputes_raised", **by)) == {"care-planning": 1, "drift-and-delay": 1}
        assert await counted(tally("disputes_raised", filters=(("dispute_raised_by", ("cp-chair",)),))) == {None: 1}

    async def test_answers_due_in_the_period(self, sources: Sources, counted: Counting) -> None:
        due = date(2022, 4, 8)
        director: dict[str, Any] = {"stage": "director"}
        await sources.record(
            raised("a", APRIL), reached("a", 1, APRIL, answered_on=due),  # in time
            reached("a", 2, due, answered_on=date(2022, 5, 1), **director),  # late
            raised("b", APRIL), reached("b", 1, APRIL, left_on=date(2022, 4, 20)),  # went on without an answer, too late
            reached("b", 2, date(2022, 4, 20), **director),  # nobody has answered
            raised("c", APRIL), reached("c", 1, APRIL, left_on=date(2022, 4, 5)),  # settled before an answer was owed
            ended("c", 1, date(2022, 4, 5), informal=True),
        )  # fmt: skip
        assert await counted(tally("dispute_answers_in_time")) == {None: (1, 4)}
        by: dict[str, Any] = {"by": "dispute_stage", "members": ("team-manager", "director")}
        assert await counted(tally("dispute_answers_in_time", **by)) == {"team-manager": (1, 2), "director": (0, 2)}


class TestReport:
    """The cycle in a quarter that goes on."""

    @pytest.mark.usefixtures("profile")
    async def test_counts_until_today_what_stands_and_until_yesterday_what_was_due(
        self, sources: Sources, client: ServiceClient
    ) -> None:
        today = british_today()
        quarter = containing(today, Kind.QUARTER)
        await sources.record(
            allocated("a", today, submit_by=today), submitted("a", "lead", today, today), raised("a", today),
            action("a", "a1", "open", today), on=quarter.first,
        )  # fmt: skip
        answer = await client.get(f"/reporting/v1/reports/audit-cycle?period={quarter.code}")
        assert answer.status_code == 200, answer.text
        totals = {
            table["code"]: [(cell["state"], cell["value"]) for cell in table["rows"][-1]["cells"]]
            for table in answer.json()["tables"]
        }
        assert totals["timetable"] == [("value", 1), *[("not-collected", None)] * 3]  # nothing was due before today
        assert totals["disputes"][0] == ("value", 1)

    @pytest.mark.usefixtures("profile")
    async def test_of_a_quarter_to_come_has_no_figures(self, sources: Sources, client: ServiceClient) -> None:
        await sources.record(allocated("a", APRIL), outcome("a", APRIL), action("a", "a1", "open", MAY), on=APRIL)
        table = (await client.get("/reporting/v1/reports/audit-cycle/tables/actions?period=2099-00-q1")).json()
        assert {cell["state"] for row in table["rows"] for cell in row["cells"]} == {"not-collected"}


class TestAcknowledged:
    async def test_practice_counts_unless_it_was_recorded_by_mistake(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            acknowledged("a", APRIL), acknowledged("b", MAY, team="send-north"), acknowledged("c", MAY),
            acknowledged("c", MAY, withdrawn_on=MAY), acknowledged("later", date(2022, 7, 1)),
        )  # fmt: skip
        assert await counted(tally("practice_acknowledged")) == {None: 2}
        by: dict[str, Any] = {"by": "team", "members": ("send-north",)}
        assert await counted(tally("practice_acknowledged", **by)) == {"send-north": 1, None: 1}
