"""A complaint as it is stored, and how it is read from a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.calendar import WorkingDays
from complaints.adapters.other_records import OmbudsmanCase
from complaints.adapters.point_rows import Point, PointHistory, points_of
from complaints.adapters.stage_rows import stage_of
from complaints.domain.case import Case, Formality, Request, Rules, Stage

PLAIN = (
    "id",
    "reference",
    "procedure",
    "formality",
    "received_on",
    "service_area",
    "team",
    "need",
    "route",
    "raised_by",
    "version",
    "content_hash",
    "referred_on",
)
"""Columns of a complaint that are read as they stand."""


@dataclass(frozen=True)
class Told:
    """What was said of a finding besides: why, sealed, and the codes of its remedies."""

    reason: bytes | None = None
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A change of a complaint: what was done, dated when, recorded when and by whom. `reason` and `by_name` are sealed.

    `code` is that of the reason of a suspension, or the date that was corrected; `facts` how the complaint stood afterwards.
    """

    version: int
    step: str
    stage: int
    dated_on: date
    recorded_at: datetime
    recorded_by: str
    reason: bytes | None
    code: str | None = None
    facts: Mapping[str, Any] | None = None
    by_name: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Record:
    """A complaint as it is stored.

    `calendars` is the version by which each stage was counted last; `recounted` are the stages of which reporting was told as a
    whole, and is from then on; `told` is what was said of findings, by stage and reference of the point. `points` are all that
    there ever were, as they stand; `history` is what happened to them.
    """

    id: UUID
    reference: str
    procedure: str
    formality: Formality
    received_on: date
    service_area: str
    team: str | None
    need: str | None
    route: str | None
    raised_by: str | None
    version: int
    content_hash: bytes
    points: tuple[Point, ...]
    stages: tuple[Stage, ...]
    requests: tuple[Request, ...]
    calendars: Mapping[int, str]
    recounted: frozenset[int]
    ombudsman: tuple[OmbudsmanCase, ...]
    told: Mapping[tuple[int, str], Told]
    history: PointHistory
    referred_on: date | None = None

    @property
    def live(self) -> tuple[Point, ...]:
        """The points that are answered and counted."""
        return tuple(point for point in self.points if point.live)

    def case(self, rules: Rules) -> Case:
        """The complaint as the stage machine sees it."""
        first = self.history.first
        changes = self.history.changes
        return Case(rules, self.received_on, tuple(first), self.stages, self.requests, first, changes, self.referred_on)

    def calendar(self, stage: int) -> WorkingDays:
        """The calendar by which a stage was counted: the one that shows what its clock said."""
        return WorkingDays.load(self.calendars[stage])


def record_of(row: Any) -> Record:
    """A complaint of its row, whose points, stages, findings, requests and Ombudsman cases come as JSON."""
    points, history = points_of(row.points, row.point_versions, row.point_changes)
    references = {str(point.id): point.reference for point in points}
    findings: dict[int, dict[str, Any]] = {}
    told: dict[tuple[int, str], Told] = {}
    for number, point_id, finding, reason, remedies in orjson.loads(row.findings or "[]"):
        findings.setdefault(number, {})[references[point_id]] = finding
        told[number, references[point_id]] = Told(bytes.fromhex(reason) if reason else None, tuple(remedies))
    stages, requests = orjson.loads(row.stages), orjson.loads(row.requests or "[]")
    plain = {name: getattr(row, name) for name in PLAIN}
    return Record(
        **plain,
        points=points,
        stages=tuple(stage_of(stage, findings.get(stage["number"], {})) for stage in stages if not stage["void"]),
        requests=tuple(_request(request) for request in requests),
        calendars={stage["number"]: stage["calendar"] for stage in stages},
        recounted=frozenset(
            [each["number"] for each in stages if each["recounted"]] + [each["stage"] for each in requests if each["recounted"]]
        ),
        ombudsman=tuple(_ombudsman_case(*each) for each in orjson.loads(row.ombudsman or "[]")),
        told=told,
        history=history,
    )


def _ombudsman_case(
    ident: str, reference: str, area: str, accepted_on: str, outcome_on: str | None, outcome: str | None, actions: int | None
) -> OmbudsmanCase:
    return OmbudsmanCase(UUID(ident), reference, area, date.fromisoformat(accepted_on), _day(outcome_on), outcome, actions)


def _request(row: dict[str, Any]) -> Request:
    requested_on = date.fromisoformat(row["requested_on"])
    return Request(row["stage"], requested_on, row["late"], _day(row["decided_on"]), row["decision"])


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
