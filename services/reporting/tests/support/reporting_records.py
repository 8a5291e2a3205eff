"""Events as the producing services would record them, projected through the consumer, and the profiles as they are sent."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
import yaml
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumer import BatchApplier
from chassis.event_log import LogPage
from contracts import audit, complaints, feedback
from contracts.base import Event
from reporting.events.projection import ReportingProjection
from reporting.worker import models_of

ROOT = Path(__file__).resolve().parents[4]
NAMESPACE = UUID("5b1d2a52-7c9e-4c61-9d7b-0a6f0c3f9e11")
WORCESTERSHIRE = "worcestershire"
START = datetime(2022, 4, 1, 9, tzinfo=UTC)


def ident(*parts: Any) -> UUID:
    """The same id for the same words."""
    return uuid5(NAMESPACE, "/".join(str(part) for part in parts))


def document(org: str) -> dict[str, Any]:
    """The parts of a profile that reporting is sent; a fresh copy each time."""
    return deepcopy(_document(org))


@cache
def _document(org: str) -> dict[str, Any]:
    folder = ROOT / "profiles" / org

    def read(path: Path) -> Any:
        class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # the C one, ten times as fast
            """YAML 1.2 words only: dates stay text, as the operator's command leaves them."""

        Loader.yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in each if tag != "tag:yaml.org,2002:timestamp"]
            for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }
        return yaml.load(path.read_text(), Loader=Loader)  # a SafeLoader

    names = ("organisation", "audit", "stars", "calls", "complaints", "kpis", "reports")
    parts = {name: read(folder / f"{name}.yaml") for name in names}
    return {**parts, "questionnaires": [read(path) for path in sorted((folder / "questionnaires").glob("*.yaml"))]}


class Log:
    """A producer's event log, kept in memory: numbers what is recorded, and can be read as over HTTP."""

    def __init__(self) -> None:
        self.envelopes: dict[str, list[dict[str, Any]]] = {"audit": [], "feedback": [], "complaints": []}

    def record(self, org: str, *events: Event, at: datetime = START) -> list[dict[str, Any]]:
        """Number events and keep them; each happens as many minutes after `at` as its number says."""
        made = []
        for event in events:
            source = event.subject.split(".")[1]
            kept = self.envelopes[source]
            number = len(kept) + 1
            envelope = {
                "specversion": "1.0",
                "id": str(ident(source, number)),
                "source": f"loop/{source}",
                "type": event.subject,
                "time": (at + timedelta(minutes=number)).isoformat(),
                "datacontenttype": "application/json",
                "org": org,
                "sequence": str(number),
                "data": orjson.loads(event.model_dump_json()),
            }
            kept.append(envelope)
            made.append(envelope)
        return made

    async def read(self, source: str, after: int, limit: int = 1_000) -> LogPage:
        """As `chassis.event_log.LogClient.read`."""
        kept = self.envelopes[source]
        return LogPage(kept[after : after + limit], len(kept))


class Sources:
    """Records events and projects them at once, source by source."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.log = Log()
        self.appliers = {
            source: BatchApplier("reporting", source, engine, ReportingProjection(), models_of(source), self.log)  # type: ignore[arg-type]
            for source in self.log.envelopes
        }

    async def record(self, *events: Event, org: str = WORCESTERSHIRE, on: date | None = None) -> None:
        """Record events of one organisation, from the morning of a day, and project them."""
        at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC) if on else START
        self.log.record(org, *events, at=at)
        await self.project()

    async def project(self) -> None:
        """Read the logs to their ends."""
        for applier in self.appliers.values():
            await applier.catch_up()


def complaint(
    reference: str,
    received: date,
    *,
    procedure: str = "send",
    area: str = "send",
    categories: Sequence[str] = (),
    formality: Any = "formal",
    **more: Any,
) -> complaints.ComplaintReceived:
    """A complaint with a point for each category."""
    return complaints.ComplaintReceived(
        complaint_id=ident("complaint", reference),
        procedure=procedure,
        formality=formality,
        received_on=received,
        service_area=area,
        points=tuple(
            complaints.Point(point_id=ident("point", reference, n), category=category, service_area=area)
            for n, category in enumerate(categories, 1)
        ),
        **more,
    )


def responded(
    reference: str, started: date, working_days: int, findings: Sequence[Any] = (), *, stage: int = 1, on: date | None = None
) -> complaints.StageResponded:
    """The response of a stage with a finding on each of the first points."""
    return complaints.StageResponded(
        complaint_id=ident("complaint", reference),
        stage=stage,
        started_on=started,
        due_on=started + timedelta(days=14),
        responded_on=on or started + timedelta(days=working_days * 7 // 5),
        working_days=working_days,
        calendar="2026-11-23-fa8aa550",
        findings=tuple(
            complaints.PointFinding(point_id=ident("point", reference, n), finding=finding)
            for n, finding in enumerate(findings, 1)
        ),
    )


def started(reference: str, on: date, *, stage: int = 1, due: date | None = None, **more: Any) -> complaints.StageStarted:
    """A stage that began, with a limit of 10 working days."""
    due_on = due or on + timedelta(days=14)
    return complaints.StageStarted(
        complaint_id=ident("complaint", reference), stage=stage, started_on=on, due_on=due_on, limit=10, calendar="c", **more
    )


def recounted(
    reference: str, step: str, started: date | None, *, stage: int = 1, findings: Sequence[Any] = (), **more: Any
) -> complaints.StageRecounted:
    """A stage as it stands as a whole, with a finding on each of the first points."""
    return complaints.StageRecounted(
        complaint_id=ident("complaint", reference),
        stage=stage,
        version=2,
        step=step,
        started_on=started,
        due_on=started + timedelta(days=14) if started else None,
        limit=10 if started else None,
        calendar="2026-11-23-fa8aa550" if started else None,
        findings=tuple(
            complaints.PointFinding(point_id=ident("point", reference, n), finding=finding)
            for n, finding in enumerate(findings, 1)
        ),
        **more,
    )


def point_now(reference: str, n: int, category: str = "send-communication", **more: Any) -> complaints.PointNow:
    """The n-th point of a complaint as it stands; `ancestors` by their numbers."""
    ancestors = tuple(ident("point", reference, each) for each in more.pop("ancestors", ()))
    of = {"category": category, "service_area": "send", "ancestors": ancestors}
    return complaints.PointNow(point_id=ident("point", reference, n), **{**of, **more})


def points_changed(reference: str, version: int, step: str, *points: complaints.PointNow) -> complaints.PointsChanged:
    """All points of a complaint as they stand."""
    return complaints.PointsChanged(complaint_id=ident("complaint", reference), version=version, step=step, points=points)


def outcome(reference: str, completed: date, *, version: int = 1, **more: Any) -> audit.OutcomeRecorded:
    """The outcome of a looped audit."""
    fields: dict[str, Any] = {
        "kind": "looped",
        "tool": "social-care-case-file",
        "tool_version": 1,
        "service_area": "safeguarding",
        "scale": "ofsted",
        "overall": "good",
        "activity": audit.Activity(lead=1, peer=1, moderation=1),
    }
    return audit.OutcomeRecorded(
        outcome_id=ident("outcome", reference), version=version, completed_on=completed, **{**fields, **more}
    )


def response(reference: str, about: date, answers: dict[str, Any], **more: Any) -> feedback.ResponseSubmitted:
    """A survey; answers by question: a code, several codes, a score, or a state (skipped, does-not-apply, not-asked)."""
    fields = {"questionnaire": "new-ehcp", "questionnaire_version": 1, "channel": "link", "service_area": "send"}
    return feedback.ResponseSubmitted(
        response_id=ident("response", reference),
        language="en",
        about_on=about,
        answered_on=about + timedelta(days=5),
        submitted_at=datetime(about.year, about.month, about.day, 12, tzinfo=UTC) + timedelta(days=5),
        answers=tuple(_answer(question, given) for question, given in answers.items()),
        **{**fields, **more},
    )


def counting(reference: str, revision: int, on: date, *, counted: bool) -> feedback.ResponseCountingChanged:
    """A person said whether a response counts that came in a rush."""
    return feedback.ResponseCountingChanged(
        response_id=ident("response", reference), counted=counted, revision=revision, changed_on=on
    )


def _answer(question: str, given: Any) -> feedback.Answer:
    if given in {"skipped", "does-not-apply", "not-asked"}:
        return feedback.Answer(question=question, state=given)
    if isinstance(given, int):
        return feedback.Answer(question=question, state="answered", score=given)
    choices = (given,) if isinstance(given, str) else tuple(given)
    return feedback.Answer(question=question, state="answered", choices=choices)
