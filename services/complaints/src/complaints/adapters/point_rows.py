"""The rows of a complaint's points: as they stand, what they were about before, and what was done to them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.domain.case import Case
from complaints.domain.points import NewPoint, PointChange, PointFacts

POINTS = """
           (select jsonb_agg(to_jsonb(p) - 'org' - 'complaint_id' order by p.position)
              from complaint_point p where p.org = c.org and p.complaint_id = c.id)::text as points,
           (select jsonb_agg((to_jsonb(v) - 'org' - 'complaint_id' - 'words_sealed' - 'wanted_sealed') || jsonb_build_object(
                   'words_hex', encode(v.words_sealed, 'hex'), 'wanted_hex', encode(v.wanted_sealed, 'hex')) order by v.version)
              from point_version v where v.org = c.org and v.complaint_id = c.id)::text as point_versions,
           (select jsonb_agg(jsonb_build_array(h.version, h.kind, h.on_day, h.same_as, h.taken_back_on,
                   (select jsonb_agg(jsonb_build_array(t.part, t.point_id) order by t.position) from point_change_part t
                     where t.org = h.org and t.complaint_id = h.complaint_id and t.version = h.version)) order by h.version)
              from point_change h where h.org = c.org and h.complaint_id = c.id)::text as point_changes
"""
"""What is read of the points of a complaint `c`."""

_CODES = ("category", "service_area", "team", "need", "desired")
_SAID = ("words", "wanted")
_CREATE = text(
    """
    insert into complaint_point (org, id, complaint_id, position, reference, category, service_area, team, need, desired,
                                 words_key, wanted_key, ancestors)
    values (:org, :id, :complaint_id, :position, :reference, :category, :service_area, :team, :need, :desired, :words, :wanted,
            :ancestors)
    """
)
_VERSION = text(
    """
    insert into point_version (org, complaint_id, point_id, version, category, service_area, team, need, desired, words_key,
                               wanted_key, words_sealed, wanted_sealed)
    values (:org, :complaint_id, :id, :version, :category, :service_area, :team, :need, :desired, :words, :wanted,
            :words_sealed, :wanted_sealed)
    """
)
_STANDS = text(
    """
    update complaint_point
       set category = :category, service_area = :service_area, team = :team, need = :need, desired = :desired,
           words_key = :words, wanted_key = :wanted, live = :live, ancestors = :ancestors
     where org = :org and id = :id
    """
)
_CHANGE = text(
    """
    insert into point_change (org, complaint_id, version, kind, on_day, same_as)
    values (:org, :complaint_id, :version, :kind, :on_day, :same_as)
    """
)
_PART = text(
    """
    insert into point_change_part (org, complaint_id, version, part, position, point_id)
    values (:org, :complaint_id, :version, :part, :position, :id)
    """
)
_TAKEN_BACK = text(
    """
    update point_change set taken_back_on = :on_day, taken_back_in = :taken_back_in
     where org = :org and complaint_id = :complaint_id and version = :version
    """
)


@dataclass(frozen=True)
class Point:
    """A point of a complaint as it stands. `ancestors` are the points that it was split from or merged of."""

    id: UUID
    reference: str
    category: str
    service_area: str
    team: str | None = None
    need: str | None = None
    desired: str | None = None
    words: str | None = None
    wanted: str | None = None
    live: bool = True
    ancestors: tuple[UUID, ...] = ()

    @property
    def facts(self) -> PointFacts:
        """What it is about."""
        return PointFacts(self.category, self.service_area, self.team, self.need, self.desired, self.words, self.wanted)


@dataclass(frozen=True)
class PointHistory:
    """What points were about when they came in, what happened to them, and their sealed words by their keys."""

    first: Mapping[str, PointFacts] = field(default_factory=dict)
    changes: tuple[PointChange, ...] = ()
    sealed: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class NewPoints:
    """The ids of points that a change makes, by reference, and sealed words by their keys."""

    ids: Mapping[str, UUID] = field(default_factory=dict)
    sealed: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def points_of(points: str, versions: str | None, changes: str | None) -> tuple[tuple[Point, ...], PointHistory]:
    """The points of a complaint, and their history, of what was read of them as JSON."""
    stand = tuple(_point(row) for row in orjson.loads(points))
    references = {str(point.id): point.reference for point in stand}
    about: dict[tuple[str, int], PointFacts] = {}
    sealed: dict[str, bytes] = {}
    for row in orjson.loads(versions or "[]"):
        about[references[row["point_id"]], row["version"]] = _facts(row)
        sealed |= {row[f"{said}_key"]: bytes.fromhex(row[f"{said}_hex"]) for said in _SAID if row[f"{said}_key"]}
    told = tuple(_change(row, references, about) for row in orjson.loads(changes or "[]"))
    made = {reference for change in told for reference in change.made}
    first = {point.reference: about.get((point.reference, 1), point.facts) for point in stand if point.reference not in made}
    return stand, PointHistory(first, told, sealed)


def _facts(row: Mapping[str, Any]) -> PointFacts:
    return PointFacts(**{name: row[name] for name in _CODES}, **{said: row[f"{said}_key"] for said in _SAID})


def _point(row: Mapping[str, Any]) -> Point:
    ancestors = tuple(UUID(each) for each in row["ancestors"])
    return Point(UUID(row["id"]), row["reference"], **asdict(_facts(row)), live=row["live"], ancestors=ancestors)


def _change(row: list[Any], references: Mapping[str, str], about: Mapping[tuple[str, int], PointFacts]) -> PointChange:
    version, kind, on, same_as, taken_back_on, parts = row
    of = tuple(references[point] for part, point in parts if part == "of")
    left = of if kind == "correct" else tuple(references[point] for part, point in parts if part == "made")
    return PointChange(
        version,
        kind,
        date.fromisoformat(on),
        of,
        tuple(NewPoint(reference, about[reference, version]) for reference in left),
        references.get(same_as),
        None if same_as is None or same_as in references else same_as,
        None if taken_back_on is None else date.fromisoformat(taken_back_on),
    )


async def create_points(
    connection: AsyncConnection, org: str, complaint_id: UUID, points: Iterable[Point], history: PointHistory
) -> None:
    """Store the points that a complaint comes in with."""
    rows = [
        {
            "org": org,
            "complaint_id": complaint_id,
            "id": point.id,
            "position": position,
            "reference": point.reference,
            **asdict(point.facts),
            "ancestors": [],
            "version": 1,
            **_sealed(point.facts, history.sealed),
        }
        for position, point in enumerate(points, 1)
    ]
    await connection.execute(_CREATE, rows)
    await connection.execute(_VERSION, rows)


async def save_points(
    connection: AsyncConnection,
    org: str,
    complaint_id: UUID,
    version: int,
    ids: Mapping[str, UUID],
    before: Case,
    after: Case,
    new: NewPoints,
) -> None:
    """Store a change of points that led to a version, or that one was taken back in it; `ids` are of those that were there."""
    own = {"org": org, "complaint_id": complaint_id}
    known = {**new.ids, **ids}
    for change in after.changes[len(before.changes) :]:
        await _save_change(connection, own, change, after, known, new)
    for was, now in zip(before.changes, after.changes, strict=False):
        if was != now:
            values = {**own, "version": now.number, "on_day": now.taken_back_on, "taken_back_in": version}
            await connection.execute(_TAKEN_BACK, values)
    for reference, point in after.book.points.items():
        if reference in ids and before.book.points[reference] != point:
            await connection.execute(_STANDS, {"org": org, **_standing(after, reference, known), "live": point.live})


async def _save_change(
    connection: AsyncConnection, own: dict[str, Any], change: PointChange, after: Case, ids: Mapping[str, UUID], new: NewPoints
) -> None:
    order = list(after.book.points)
    for each in change.points:
        place = {"reference": each.reference, "position": 1 + order.index(each.reference)}
        values = {**own, **_standing(after, each.reference, ids), **place}
        if each.reference in change.made:
            await connection.execute(_CREATE, values)
        about = {**values, "version": change.number, **asdict(each.facts), **_sealed(each.facts, new.sealed)}
        await connection.execute(_VERSION, about)
    same_as = ids[change.same_as] if change.same_as is not None else change.elsewhere and UUID(change.elsewhere)
    head = {**own, "version": change.number, "kind": change.kind, "on_day": change.on, "same_as": same_as}
    await connection.execute(_CHANGE, head)
    for part, references in (("of", change.of), ("made", change.made)):
        for position, reference in enumerate(references, 1):
            values = {**own, "version": change.number, "part": part, "position": position, "id": ids[reference]}
            await connection.execute(_PART, values)


def _standing(case: Case, reference: str, ids: Mapping[str, UUID]) -> dict[str, Any]:
    ancestors = [ids[each] for each in case.book.ancestors(reference)]
    return {"id": ids[reference], **asdict(case.book.points[reference].facts), "ancestors": ancestors}


def _sealed(facts: PointFacts, sealed: Mapping[str, bytes]) -> dict[str, bytes | None]:
    return {
        "words_sealed": sealed[facts.words] if facts.words else None,
        "wanted_sealed": sealed[facts.wanted] if facts.wanted else None,
    }
