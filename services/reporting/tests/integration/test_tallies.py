"""Counting where it is easy to count wrongly: several members of one fact, days of answers, what is listed nowhere."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_counting import Q1, Q2, Counting, tally
from reporting_records import Sources, complaint, counting, ident, outcome, responded, response

from contracts import complaints
from contracts.base import Event
from reporting.adapters.tally_repository import TallyRepository
from reporting.adapters.tally_sql import UnknownDimensionError
from reporting.domain.meanings import Favourable
from reporting.domain.measures import MEASURES, Collection
from reporting.domain.periods import parse
from reporting.domain.recipes import Band

DAY = date(2022, 4, 4)
BANDS = tuple(
    Band.model_validate({"code": code, "label": code, "from": first, "to": last, "open": code == "open"})
    for code, first, last in (("0-5", 0, 5), ("6-10", 6, 10), ("over-10", 11, None), ("open", None, None))
)


def informal(reference: str, *categories: str, **more: Any) -> complaints.ComplaintReceived:
    fields = {"procedure": "send-informal", "formality": "informal", "categories": categories}
    return complaint(reference, DAY, **{**fields, **more})


def stage2(reference: str, *, decided: date | None = None, started: date | None = None) -> list[Event]:
    key: dict[str, Any] = {"complaint_id": ident("complaint", reference), "stage": 2}
    events: list[Event] = []
    if decided:
        events.append(complaints.StageDecided(decided_on=decided, decision="accepted", **key))
    if started:
        events.append(complaints.StageStarted(started_on=started, due_on=started, limit=25, calendar="c", **key))
    return events


class TestSeveralMembers:
    async def test_a_complaint_stands_in_each_of_its_categories_and_once_in_all(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(
            informal("a", "x", "y"), informal("b", "x", "x"), informal("c", "p", "q"), informal("d"), informal("e", "y", "p")
        )
        found = await counted(tally("informal_received", by="category", members=("x", "y")))
        assert found == {"x": 2, "y": 2, None: 3}  # c and e have others, d has none
        assert await counted(tally("informal_received")) == {None: 5}
        assert await counted(tally("informal_received", filters=(("category", ("x", "y")),))) == {None: 3}

    async def test_cases_of_an_audit_with_two_findings_are_in_both_rows_and_once_in_all(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(
            outcome("a", DAY, cases=3, findings=("x", "y")), outcome("b", DAY, cases=2, findings=("p", "q")), outcome("c", DAY)
        )
        found = await counted(tally("cases_with_finding", by="audit_finding", members=("x", "y")))
        assert found == {"x": 3, "y": 3, None: 2}
        assert await counted(tally("cases_with_finding")) == {None: 5}
        assert await counted(tally("cases_with_finding", filters=(("audit_finding", ("x", "q")),))) == {None: 5}


class TestDays:
    async def test_open_means_not_answered_by_the_last_day_of_the_period(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            informal("a"), informal("b"), informal("c"), informal("d"),
            responded("a", DAY, 5), responded("b", DAY, 6), responded("c", DAY, 70, on=date(2022, 7, 1)),
        )  # fmt: skip
        members = tuple(band.code for band in BANDS)
        asked = tally("informal_received", by="band", members=members, bands=BANDS)
        assert await counted(asked) == {"0-5": 1, "6-10": 1, "open": 2}

    async def test_a_band_that_is_not_listed_is_shown_as_other(self, sources: Sources, counted: Counting) -> None:
        await sources.record(complaint("a", DAY), complaint("b", DAY), responded("a", DAY, 3), responded("b", DAY, 12))
        asked = tally("stage1_responses", by="band", members=("0-5", "6-10"), bands=BANDS[:3])
        assert await counted(asked) == {"0-5": 1, None: 1}

    async def test_stage_2_is_in_progress_from_its_acceptance_to_its_answer(self, sources: Sources, counted: Counting) -> None:
        before = date(2022, 2, 1)
        await sources.record(
            complaint("a", before), *stage2("a", decided=date(2022, 5, 1), started=date(2022, 4, 20)),
            complaint("b", before), *stage2("b", started=date(2022, 3, 1)),  # a procedure that cannot decline decides nothing
            complaint("c", before), *stage2("c", decided=date(2022, 7, 2)),
            responded("b", before, 40, stage=2, on=date(2022, 7, 3)),
        )  # fmt: skip
        assert await counted(tally("stage2_in_progress")) == {None: 2}
        assert await counted(tally("stage2_in_progress", Q2)) == {None: 2}
        assert await counted(tally("stage2_accepted_from_earlier")) == {None: 1}
        assert await counted(tally("stage2_accepted_from_earlier", Q2)) == {None: 1}
        assert await counted(tally("stage2_accepted", parse("2021-22-q4"))) == {None: 3}

    async def test_the_first_and_the_last_day_belong_to_a_period(self, sources: Sources, counted: Counting) -> None:
        days = (date(2022, 3, 31), Q1.first, Q1.last, date(2022, 7, 1))
        await sources.record(*(complaint(str(day), day) for day in days))
        assert await counted(tally("complaints_received")) == {None: 2}


class TestAnswers:
    async def test_favourable_is_what_the_version_says_of_those_who_answered(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            response("a", DAY, {"one": "yes", "several": ("x", "y"), "star": 4}),
            response("b", DAY, {"one": "no", "several": ("y",), "star": 3}),
            response("c", DAY, {"one": "skipped", "several": "does-not-apply", "star": "not-asked", "words": ()}),
            response("d", DAY, {"one": "maybe"}, questionnaire_version=2),
        )
        favourable = (
            Favourable("new-ehcp", 1, "one", ("yes",), None),
            Favourable("new-ehcp", 1, "several", ("x", "z"), None),
            Favourable("new-ehcp", 1, "star", (), 4),
            Favourable("new-ehcp", 2, "one", ("maybe",), None),
        )
        asked = tally("answers_favourable", by="question", members=("one", "several", "star", "words"))
        assert await counted(asked, favourable) == {"one": (2, 3), "several": (1, 2), "star": (1, 2)}

    async def test_what_was_left_out_because_it_came_in_a_rush_is_in_no_figure_until_it_is_taken_back(
        self, sources: Sources, counted: Counting
    ) -> None:
        favourable = (Favourable("new-ehcp", 1, "one", ("yes",), None),)
        asked = tally("answers_favourable", by="question", members=("one",))
        # Told of before the response itself, which makes no difference.
        await sources.record(counting("b", 1, DAY, counted=False))
        await sources.record(response("a", DAY, {"one": "yes"}), response("b", DAY, {"one": "no"}))
        assert await counted(asked, favourable) == {"one": (1, 1)}
        assert await counted(tally("responses_received", by="service_area", members=("send",))) == {"send": 1}
        await sources.record(counting("b", 2, DAY, counted=True))
        assert await counted(asked, favourable) == {"one": (1, 2)}


class TestEverything:
    async def test_every_measure_counts_by_every_dimension(self, counted: Counting) -> None:
        for code, measure in MEASURES.items():
            for dimension in measure.dimensions:
                by: dict[str, Any] = {"by": dimension, "members": ("x",)}
                if dimension == "band":
                    by = {"by": "band", "members": ("0-5",), "bands": BANDS}
                else:
                    assert set(await counted(tally(code, filters=((dimension, ("x",)),)))) <= {None}
                assert await counted(tally(code, **by)) == {}

    async def test_what_a_measure_does_not_have_is_refused(self, counted: Counting) -> None:
        for asked in (
            tally("complaints_received", by="grade", members=("good",)),
            tally("complaints_received", filters=(("category", ("x",)),)),
            tally("stage1_responses", filters=(("band", ("x",)),)),
        ):
            with pytest.raises(UnknownDimensionError):
                await counted(asked)

    async def test_collections_begin_with_their_first_record(self, app: FastAPI, sources: Sources) -> None:
        await sources.record(complaint("a", DAY), complaint("b", date(2021, 9, 9)), outcome("a", DAY))
        async with app.state.uow.begin("worcestershire") as transaction:
            facts = TallyRepository(transaction)
            both = {Collection.AUDITS: DAY, Collection.TRACKED: DAY}  # an audit may set actions, which are tracked
            assert await facts.begun() == {Collection.COMPLAINTS: date(2021, 9, 9), **both}
            assert await facts.latest() == {Collection.COMPLAINTS: DAY, **both}

    async def test_days_of_feedback_are_those_of_every_questionnaire(self, app: FastAPI, sources: Sources) -> None:
        asked = {"b": "2022-02-02", "a": "2021-03-03", "d": "2022-12-12", "c": "2022-06-06"}
        for number, (questionnaire, about) in enumerate(asked.items()):
            on = date.fromisoformat(about)
            await sources.record(response(f"{number}", on, {}, questionnaire=questionnaire))
            await sources.record(response(f"{number} later", on + timedelta(days=3), {}, questionnaire=questionnaire))
        async with app.state.uow.begin("worcestershire") as transaction:
            facts = TallyRepository(transaction)
            assert await facts.begun() == {Collection.FEEDBACK: date(2021, 3, 3)}
            assert await facts.latest() == {Collection.FEEDBACK: date(2022, 12, 15)}
            assert await facts.latest(date(2022, 12, 12)) == {Collection.FEEDBACK: date(2022, 12, 12)}
            assert await facts.latest(date(2022, 6, 8)) == {Collection.FEEDBACK: date(2022, 6, 6)}
            assert await facts.latest(date(2021, 3, 2)) == {}
