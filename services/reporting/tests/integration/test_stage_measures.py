"""The measures of how complaints went through their stages, each against an example that was counted by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from reporting_counting import Q1, Q2, Counting, tally
from reporting_records import Sources, complaint, ident, recounted, responded, started

from contracts import complaints
from reporting.domain.recipes import Band
from reporting.domain.tallies import Tally

MARCH, APRIL, MAY, JUNE, JULY = (date(2022, month, 12) for month in (3, 4, 5, 6, 7))
BANDS = tuple(
    Band.model_validate({"code": code, "label": code, "from": first, "to": last, "open": False})
    for code, first, last in (("0-10", 0, 10), ("11-20", 11, 20), ("21-or-more", 21, None))
)
POINTS = ("communication", "decision-making")


def requested(reference: str, on: date, stage: int = 2) -> complaints.StageRequested:
    return complaints.StageRequested(complaint_id=ident("complaint", reference), stage=stage, requested_on=on)


def decided(reference: str, on: date, decision: Any, stage: int = 2) -> complaints.StageDecided:
    return complaints.StageDecided(complaint_id=ident("complaint", reference), stage=stage, decided_on=on, decision=decision)


def statutory(reference: str, on: date, **more: Any) -> complaints.ComplaintReceived:
    return complaint(reference, on, procedure="childrens-statutory", area="safeguarding", categories=POINTS, **more)


@pytest.fixture
async def cases(sources: Sources) -> None:
    """Six complaints: a and b answered, c withdrawn, d at stage 2, e declined, f never answered; and an informal one."""
    for reference, day in {"a": MARCH, "b": APRIL, "c": APRIL, "d": MARCH, "e": MARCH, "f": APRIL}.items():
        await sources.record(statutory(reference, day), started(reference, day))
    await sources.record(
        complaint("g", APRIL, procedure="send-informal", formality="informal"), started("g", APRIL),
        # a: answered in the quarter after it came in, and late; b: in time; c: withdrawn; d, e: answered before the quarter.
        responded("a", MARCH, 20, ("upheld", "not-upheld"), on=APRIL),
        responded("b", APRIL, 8, ("partially-upheld", "no-finding"), on=APRIL + timedelta(days=10)),
        recounted("c", "withdraw", APRIL, ending="withdrawn", responded_on=MAY, working_days=20, findings=("withdrawn",) * 2),
        responded("d", MARCH, 8, ("not-upheld", "upheld"), on=MARCH + timedelta(days=8)),
        responded("e", MARCH, 8, ("not-upheld",), on=MARCH + timedelta(days=8)),
        requested("d", APRIL), decided("d", APRIL + timedelta(days=2), "accepted"),
        started("d", APRIL, stage=2, due=MAY + timedelta(days=6)),
        responded("d", APRIL, 40, ("upheld", "upheld"), stage=2, on=JUNE),
        requested("e", MAY), decided("e", MAY + timedelta(days=3), "declined"),
        requested("b", JUNE),
    )  # fmt: skip


def until(measure: str, day: date, **more: Any) -> Tally:
    """A measure counted up to a day of the quarter."""
    return Tally(measure, Q1.first, day, **more)


@pytest.mark.usefixtures("cases")
class TestStages:
    async def test_are_open_from_their_beginning_or_request_until_they_end_or_are_declined(self, counted: Counting) -> None:
        stages: dict[str, Any] = {"by": "stage", "members": ("1", "2", "3")}
        # Of the quarter before: a; d and e were answered.
        assert await counted(Tally("complaints_open", MARCH, date(2022, 3, 31), **stages)) == {"1": 1}
        assert await counted(until("complaints_open", APRIL, **stages)) == {"1": 3, "2": 1}
        assert await counted(until("complaints_open", MAY, **stages)) == {"1": 1, "2": 2}
        # f is never answered; b waits for a decision on stage 2.
        assert await counted(tally("complaints_open", **stages)) == {"1": 1, "2": 1}
        assert await counted(Tally("complaints_open", Q1.first, date(2022, 3, 1))) == {None: 0}

    async def test_requests_and_decisions_count_on_their_own_days(self, counted: Counting) -> None:
        for measure, expected in {"stages_requested": 3, "stages_accepted": 1, "stages_declined": 1}.items():
            assert await counted(tally(measure)) == {None: expected}, measure
            assert await counted(tally(measure, Q2)) == {None: 0}, measure

    async def test_end_in_one_of_three_ways(self, counted: Counting) -> None:
        crossed = tally(
            "stages_ended", by="stage", members=("1", "2"), across="ending", across_members=("answered", "withdrawn")
        )
        assert await counted(crossed) == {("1", "answered"): 2, ("1", "withdrawn"): 1, ("2", "answered"): 1}

    async def test_answers_are_in_time_of_what_was_due_answered_or_not(self, counted: Counting) -> None:
        by_stage: dict[str, Any] = {"by": "stage", "members": ("1", "2")}
        # Due at stage 1 in the quarter: b in time, f not answered; c was withdrawn, a was due in March.
        assert await counted(tally("stage_answers_in_time", **by_stage)) == {"1": (1, 2), "2": (0, 1)}

    async def test_findings_count_at_the_stage_and_on_the_day_that_they_were_made(self, counted: Counting) -> None:
        members = ("upheld", "partially-upheld", "not-upheld", "withdrawn")
        found: dict[str, Any] = {"by": "finding", "members": members, "across": "stage", "across_members": ("1", "2")}
        assert await counted(tally("findings_made", **found)) == {
            ("upheld", "1"): 1, ("not-upheld", "1"): 1, ("partially-upheld", "1"): 1, (None, "1"): 1,
            ("withdrawn", "1"): 2, ("upheld", "2"): 2,
        }  # fmt: skip
        assert await counted(tally("findings_differ")) == {None: (1, 2)}
        # Of complaints received in the quarter: b has two findings, c was withdrawn.
        assert await counted(tally("points_upheld")) == {None: (1, 2)}

    async def test_a_late_correction_moves_everything(self, sources: Sources, counted: Counting) -> None:
        await sources.record(recounted("b", "correct", APRIL))
        assert await counted(tally("stage_answers_in_time", filters=(("stage", ("1",)),))) == {None: (0, 2)}
        assert await counted(tally("findings_made", filters=(("stage", ("1",)),))) == {None: 4}
        assert await counted(until("complaints_open", MAY, filters=(("stage", ("1",)),))) == {None: 2}


class TestSuspensions:
    async def test_the_days_that_passed_stand_beside_those_that_were_suspended(
        self, sources: Sources, counted: Counting
    ) -> None:
        answered: dict[str, Any] = {"ending": "answered", "responded_on": MAY, "findings": ("upheld", "upheld")}
        for reference, days, suspended in (("a", 20, 12), ("b", 9, 0), ("c", 25, 3)):
            await sources.record(statutory(reference, APRIL), started(reference, APRIL))
            told = recounted(reference, "respond", APRIL, working_days=days, suspended_days=suspended, **answered)
            await sources.record(told)
        await sources.record(
            complaints.StageExtended(complaint_id=ident("complaint", "b"), stage=1, extended_on=APRIL, due_on=MAY, limit=20)
        )
        bands: dict[str, Any] = {"by": "band", "members": ("0-10", "11-20", "21-or-more"), "bands": BANDS}
        assert await counted(tally("stage1_responses", **bands)) == {"0-10": 1, "11-20": 1, "21-or-more": 1}
        assert await counted(tally("stage1_responses_unsuspended", **bands)) == {"0-10": 2, "21-or-more": 1}
        areas: dict[str, Any] = {"by": "service_area", "members": ("safeguarding",), "across": "band"}
        crossed = tally("stage1_responses", **areas, across_members=bands["members"], bands=BANDS)
        places = {("safeguarding", band): 1 for band in ("0-10", "11-20", "21-or-more")}
        assert await counted(crossed) == places
        for measure, expected in {
            "stages_suspended": 2, "suspended_stage_days": 45, "suspended_days": 15, "stages_extended": 0,
        }.items():  # fmt: skip
            # That of b is told of by a step, and the stage as a whole, told before, knows no extension.
            assert await counted(tally(measure)) == {None: expected}, measure


class TestPanels:
    async def test_meet_report_and_are_answered_each_by_a_day_of_its_own(self, sources: Sources, counted: Counting) -> None:
        days: dict[str, Any] = {
            "panel_due_on": MAY,
            "panel_on": MAY - timedelta(days=1),
            "report_due_on": MAY + timedelta(days=6),
        }
        late = {**days, "panel_on": MAY + timedelta(days=1)}
        for reference, told in {"a": {**days, "reported_on": MAY + timedelta(days=9)}, "b": late}.items():
            await sources.record(
                statutory(reference, MARCH), started(reference, MARCH, stage=3, due=MAY, panel_due_on=MAY),
                recounted(reference, "report", MARCH, stage=3, **told),
            )  # fmt: skip
        # One that has not met, one that was withdrawn before, and a stage without a panel.
        await sources.record(
            statutory("c", MARCH), started("c", MARCH, stage=3, due=JUNE, panel_due_on=JUNE),
            statutory("d", MARCH), started("d", MARCH, stage=3, due=JUNE, panel_due_on=JUNE),
            recounted("d", "withdraw", MARCH, stage=3, ending="withdrawn", responded_on=MAY, panel_due_on=JUNE),
            statutory("e", MARCH), started("e", MARCH, stage=3, due=JUNE),
        )  # fmt: skip
        assert await counted(tally("panels_held")) == {None: 2}
        assert await counted(tally("panels_in_time")) == {None: (1, 3)}
        assert await counted(tally("panel_reports_in_time")) == {None: (0, 2)}
        # Of the panels' stages only a's has a day for the answer, which `recounted` puts fourteen days after it began; e has
        # no panel, so that its own day is that of its answer.
        due = MARCH + timedelta(days=14)
        assert await counted(Tally("stage_answers_in_time", due, due)) == {None: (0, 1)}
        assert await counted(tally("stage_answers_in_time")) == {None: (0, 1)}
