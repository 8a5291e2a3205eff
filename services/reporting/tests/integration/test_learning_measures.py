"""The measures of what is learned from complaints, each against an example that was counted by hand."""

from datetime import date

from reporting_counting import Q1, Q2, Counting, tally
from reporting_learning import declined, learned
from reporting_records import Sources, complaint, responded

from reporting.domain.tallies import Tally

APRIL, MAY, JUNE, JULY = date(2022, 4, 12), date(2022, 5, 12), date(2022, 6, 12), date(2022, 7, 12)


def until(measure: str, day: date) -> Tally:
    """A measure in the first quarter, counted up to a day."""
    return Tally(measure, Q1.first, day)


class TestPoints:
    async def test_those_upheld_count_by_the_latest_finding_and_need_an_action_or_a_reason(
        self, sources: Sources, counted: Counting
    ) -> None:
        points = ("send-communication",) * 2
        for reference in ("a", "b", "c", "d"):
            await sources.record(complaint(reference, APRIL, categories=points))
        await sources.record(
            responded("a", APRIL, 9, ("upheld", "partially-upheld")),
            responded("b", APRIL, 9, ("upheld", "not-upheld")),
            responded("c", APRIL, 9, ("upheld", "upheld")),
            # Stage 2 finds otherwise on the first point of c.
            responded("c", MAY, 9, ("not-upheld",), stage=2),
            responded("d", JULY, 9, ("upheld",)),
            learned("a", 1, MAY), declined("a", MAY, 2),
            learned("b", 1, MAY), learned("b", 2, JUNE, "dropped", recorded_on=MAY),
            learned("c", 1, MAY), learned("d", 1, JULY),
        )  # fmt: skip
        # Asked for: both of a, the first of b, the second of c. Answered: both of a.
        assert await counted(tally("points_with_learning")) == {None: (2, 4)}
        assert await counted(tally("points_with_learning", Q2)) == {None: (1, 1)}


class TestActions:
    async def test_are_open_and_overdue_as_they_stood_on_the_day(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            learned("a", 1, APRIL, due_on=MAY),
            learned("a", 3, JUNE, "done", due_on=MAY, recorded_on=APRIL, done_on=JUNE),
            learned("b", 1, APRIL, due_on=MAY, themes=("timeliness", "communication")),
            learned("b", 2, MAY, due_on=JULY, recorded_on=APRIL, themes=("timeliness",)),
            learned("c", 1, APRIL, due_on=JULY, themes=()),
            learned("c", 2, MAY, "dropped", due_on=JULY, recorded_on=APRIL, themes=()),
        )  # fmt: skip
        assert await counted(tally("learning_actions_recorded")) == {None: 3}
        by_theme = tally("learning_actions_recorded", by="theme", members=("communication", "timeliness"))
        assert await counted(by_theme) == {"communication": 1, "timeliness": 1, None: 1}
        assert await counted(until("learning_actions_open", APRIL)) == {None: 3}
        assert await counted(until("learning_actions_overdue", date(2022, 5, 20))) == {None: 1}
        assert await counted(tally("learning_actions_open")) == {None: 1}
        assert await counted(tally("learning_actions_overdue")) == {None: 0}

    async def test_done_in_time_and_whether_they_made_a_difference(self, sources: Sources, counted: Counting) -> None:
        reviewed = {"recorded_on": APRIL, "done_on": MAY, "reviewed_on": JUNE}
        await sources.record(
            learned("a", 1, APRIL, due_on=MAY),
            learned("a", 2, MAY, "done", due_on=MAY, recorded_on=APRIL, done_on=MAY),
            learned("a", 3, JUNE, "reviewed", due_on=MAY, difference="partly", **reviewed),
            learned("b", 1, APRIL, due_on=MAY),
            learned("b", 2, JUNE, "reviewed", due_on=APRIL, difference="no", **reviewed),
            learned("c", 1, APRIL, due_on=MAY),
            learned("d", 1, APRIL, "dropped", due_on=MAY),
        )  # fmt: skip
        assert await counted(tally("learning_actions_in_time")) == {None: (1, 3)}
        assert await counted(tally("learning_made_a_difference")) == {None: (1, 2)}
