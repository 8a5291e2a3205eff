"""Events become facts: once, in any batches, corrected, and the same again when everything is rebuilt."""

from datetime import date
from itertools import islice
from typing import Any

import pytest
from reporting_published import worcestershire
from reporting_records import Log, Sources, complaint, ident, outcome, responded, response
from reporting_rows import clear, digest, facts
from reporting_stories import actions, graded, mixed
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumer import BatchApplier
from chassis.event_log import LogPage
from contracts import SERVICES, complaints, feedback
from reporting.events.projection import HANDLERS, ReportingProjection
from reporting.worker import models_of

DAY = date(2022, 4, 4)


class Small:
    """A log that is read in pages of another size, so that batches end elsewhere."""

    def __init__(self, log: Log, size: int) -> None:
        self._log = log
        self._size = size

    async def read(self, source: str, after: int, limit: int = 1_000) -> LogPage:
        return await self._log.read(source, after, min(limit, self._size))


class TestEveryEvent:
    def test_has_a_handler(self) -> None:
        assert set(HANDLERS) == {event for events in SERVICES.values() for event in events}


class TestApplying:
    async def test_the_same_events_again_change_nothing(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(*islice(worcestershire(), 200))
        before = await digest(worker_engine)
        for source, applier in sources.appliers.items():
            await applier.apply(sources.log.envelopes[source])
        assert await digest(worker_engine) == before

    async def test_a_repetition_under_another_id_changes_nothing(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(
            outcome("a", DAY), complaint("a", DAY, categories=["send-other"]), response("a", DAY, {"q": "yes"})
        )
        before = [await facts(worker_engine, table) for table in ("fact_audit", "fact_audit_section")]
        await sources.record(outcome("a", DAY))
        assert [await facts(worker_engine, table) for table in ("fact_audit", "fact_audit_section")] == before

    @pytest.mark.parametrize("size", [1, 7, 1000])
    async def test_where_batches_end_makes_no_difference(self, size: int, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(*mixed())
        expected = await digest(worker_engine)
        await clear(sources)
        assert (await digest(worker_engine)) != expected
        for source in sources.appliers:
            logs: Any = Small(sources.log, size)
            await BatchApplier("reporting", source, worker_engine, ReportingProjection(), models_of(source), logs).catch_up()
        assert await digest(worker_engine) == expected

    async def test_a_response_counts_although_its_invitation_is_unknown(
        self, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(response("a", DAY, {"q": "yes"}, invitation_id=ident("nobody")))
        assert len(await facts(worker_engine, "fact_response")) == 1
        assert len(await facts(worker_engine, "fact_answer")) == 1

    async def test_what_became_of_messages_is_told_whichever_event_comes_first(
        self, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        link: dict[str, Any] = {"invitation_id": ident("invitation", "a"), "channel": "text"}
        await sources.record(
            feedback.InvitationUndelivered(message=1, found_on=date(2022, 4, 16), **link),
            feedback.InvitationSent(sent_on=DAY, **link),
            feedback.InvitationReminded(reminder=1, reminded_on=date(2022, 4, 14), **link),
            feedback.RemindersDeclined(invitation_id=link["invitation_id"], declined_on=date(2022, 4, 17)),
        )
        rows = {row["message"]: row for row in await facts(worker_engine, "fact_invitation_message")}
        assert [(rows[n]["sent_on"], rows[n]["undelivered_on"]) for n in (0, 1)] == [
            (DAY, None), (date(2022, 4, 14), date(2022, 4, 16)),
        ]  # fmt: skip
        assert {row["channel"] for row in rows.values()} == {"text"}
        [refusal] = await facts(worker_engine, "fact_reminder_refusal")
        assert refusal["declined_on"] == date(2022, 4, 17)

    async def test_what_no_table_takes_is_put_aside_and_the_rest_goes_on(
        self, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(outcome("a", DAY), outcome("b", DAY, cases=-1), outcome("c", DAY))
        assert len(await facts(worker_engine, "fact_audit")) == 2
        (dead,) = await facts(worker_engine, "dead_letter")
        assert "audit_counts_are_not_negative" in dead["reason"]


class TestCorrections:
    async def test_a_higher_version_replaces_the_outcome_and_all_of_its_parts(
        self, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        first = outcome("a", DAY, sections=graded("plans", "assessments"), actions=actions("one", "two"))
        second = outcome(
            "a", date(2022, 5, 4), version=2, overall="inadequate", sections=graded("plans"), actions=actions("two")
        )
        await sources.record(first)
        (before,) = await facts(worker_engine, "fact_audit")
        await sources.record(second)
        (after,) = await facts(worker_engine, "fact_audit")
        assert (after["version"], after["overall"], after["completed_on"]) == (2, "inadequate", date(2022, 5, 4))
        assert after["occurred_at"] == before["occurred_at"]
        assert after["changed_at"] > before["changed_at"]
        assert after["changed_sequence"] == 2
        assert [row["section"] for row in await facts(worker_engine, "fact_audit_section")] == ["plans"]
        assert [row["action"] for row in await facts(worker_engine, "fact_audit_action")] == ["two"]

    async def test_a_lower_version_is_ignored_in_the_same_batch_and_in_another(
        self, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(outcome("a", DAY, version=3, overall="good"), outcome("a", DAY, version=2, overall="inadequate"))
        await sources.record(outcome("a", DAY, version=1, overall="outstanding"))
        (held,) = await facts(worker_engine, "fact_audit")
        assert (held["version"], held["overall"]) == (3, "good")

    async def test_a_stage_gathers_what_several_events_tell(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        key: dict[str, Any] = {"complaint_id": ident("complaint", "a"), "stage": 1}
        started = complaints.StageStarted(started_on=DAY, due_on=DAY, limit=10, calendar="c", **key)
        extended = complaints.StageExtended(extended_on=DAY, due_on=date(2022, 5, 4), limit=20, **key)
        await sources.record(complaint("a", DAY, categories=["send-other"]), started, extended)
        await sources.record(responded("a", DAY, 12, ["upheld"]))
        (stage,) = await facts(worker_engine, "fact_stage")
        assert (stage["limit_days"], stage["extended_on"], stage["working_days"]) == (20, DAY, 12)
        (finding,) = await facts(worker_engine, "fact_finding")
        assert finding["finding"] == "upheld"

    async def test_an_event_that_was_put_aside_and_comes_late_overwrites_nothing_newer(
        self, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        key: dict[str, Any] = {"complaint_id": ident("complaint", "a"), "stage": 2}
        log = sources.log
        late = log.record(
            "worcestershire",
            complaints.StageRequested(requested_on=DAY, **key),
            complaints.StageStarted(started_on=DAY, due_on=DAY, limit=25, calendar="c", **key),
        )
        types = [envelope["type"] for envelope in late]
        for envelope in late:
            envelope["type"] = "loop.complaints.v1.unheard_of"
        await sources.project()
        await sources.record(complaints.StageExtended(extended_on=DAY, due_on=date(2022, 8, 4), limit=65, **key))
        async with worker_engine.begin() as connection:
            for type_ in types:
                await connection.execute(
                    text(
                        "update dead_letter set envelope = jsonb_set(envelope, '{type}', to_jsonb(cast(:type as text)))"
                        " where envelope ->> 'sequence' = :sequence"
                    ),
                    {"type": type_, "sequence": str(types.index(type_) + 1)},
                )
        assert await sources.appliers["complaints"].redrive() == (2, 0)
        (stage,) = await facts(worker_engine, "fact_stage")
        assert (stage["requested_on"], stage["started_on"], stage["limit_days"]) == (DAY, DAY, 65)
        assert stage["due_on"] == date(2022, 8, 4)
