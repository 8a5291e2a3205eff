"""Records are reduced: what is personal leaves the facts and the feeds, and every figure of every report stays to the byte."""

from datetime import date
from typing import Any

from reporting_everything import everything
from reporting_learning import learned
from reporting_pulling import Puller
from reporting_records import Sources, ident, outcome
from reporting_rows import clear, facts
from services.reporting.tests.integration.test_rebuild import OF_READING, OF_WRITING, dump, shown
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.retention.redacting import redacted
from chassis.testing.fixtures import Database, ServiceClient
from contracts import BY_SUBJECT, audit, complaints, feedback
from contracts.base import Event

DAY, GONE_ON = date(2022, 4, 4), date(2028, 8, 2)
REFERENCE, AUDITED = "C-2022-0417", "EHCP-2022-04-001"
CASE_KEY = "c" * 32


def reductions() -> list[Event]:
    """Every kind of record of which a fact keeps something."""
    return [
        complaints.ComplaintRecordReduced(
            kind="complaint", record_id=ident("complaint", "a"), reduced_on=GONE_ON, ground="time-over"
        ),
        audit.AuditRecordReduced(kind="audit", record_id=ident("outcome", "a"), reduced_on=GONE_ON, ground="asked"),
        feedback.FeedbackRecordReduced(
            kind="response", record_id=ident("response", "a"), reduced_on=GONE_ON, ground="time-over"
        ),
    ]


def named(revision: int) -> Event:
    """An action of a complaint, with what people call it."""
    return learned("a", revision, DAY, code="1").model_copy(update={"reference": REFERENCE})


def audited() -> Event:
    """The outcome of an audit that was done here, with what people call it."""
    return outcome("a", DAY, version=2, case_key=CASE_KEY).model_copy(update={"reference": AUDITED})


def redact(sources: Sources) -> None:
    """What a service does to its log; here to everything in it."""
    for kept in sources.log.envelopes.values():
        for envelope in kept:
            data = redacted(BY_SUBJECT[envelope["type"]].personal, envelope["data"])
            if data is not None:
                envelope["data"] = data


class TestReductions:
    async def test_no_figure_changes_and_a_log_without_what_was_personal_gives_the_same(
        self, sources: Sources, database: Database, profile: dict[str, Any], client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(*everything("a"), named(2), audited())
        told = await shown(client)
        await sources.record(*reductions())
        after = await shown(client)
        # Reports stay to the byte; what a feed says of a record loses what was personal.
        assert {path for path, body in after.items() if body != told[path]} <= {
            f"0 /reporting/odata/v4/{name}"
            for name in ("LearningActions", "TrackedActions", "AuditActions", "AuditOutcomes", "AuditGrades", "Audits")
        }
        assert any(REFERENCE.encode() in body for body in told.values())
        assert not any(mark.encode() in body for body in after.values() for mark in (REFERENCE, AUDITED))
        moments = {row["submitted_at"].hour for row in await facts(worker_engine, "fact_response")}
        assert moments == {0}
        live = await dump(database)
        redact(sources)
        assert not [mark for mark in (REFERENCE, AUDITED, CASE_KEY) if f"'{mark}'" in str(sources.log.envelopes)]
        await clear(sources)
        await sources.project()
        rebuilt = await dump(database)
        assert {name for name, rows in live.items() if rows != rebuilt[name]} <= OF_WRITING | OF_READING
        assert {path for path, body in (await shown(client)).items() if body != after[path]} == set()

    async def test_whoever_pulls_what_is_new_is_told(
        self, client: ServiceClient, sources: Sources, profile: dict[str, Any]
    ) -> None:
        await sources.record(*everything("a"), named(2))
        puller = Puller(client, "LearningActions", page=50)
        await puller.to_the_end()
        assert REFERENCE in str(puller.copy)
        await sources.record(*reductions())
        await puller.to_the_end()
        assert REFERENCE not in str(puller.copy)
        assert puller.copy == await puller.table()

    async def test_a_late_account_brings_nothing_back(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(*reductions())
        await sources.record(named(1))
        [row] = await facts(worker_engine, "fact_learning_action")
        assert (row["reference"], row["code"]) == (None, "1")
