"""What reporting is told of the points of a complaint."""

from collections.abc import Mapping
from uuid import UUID

from complaints.adapters.complaint_record import Record
from complaints.domain.case import Case
from complaints.domain.points import Point
from contracts.complaints import PointNow, PointsChanged


def points_changed(record: Record, case: Case, made: Mapping[str, UUID], version: int, step: str) -> PointsChanged:
    """All points of a complaint as they stand; `made` are the ids of those that the record does not have yet."""
    ids = {**made, **{point.reference: point.id for point in record.points}}

    def now(point: Point) -> PointNow:
        elsewhere = UUID(point.elsewhere) if point.elsewhere else None
        same_as = elsewhere or (ids[point.into[0]] if point.became == "duplicate" else None)
        return PointNow(
            point_id=ids[point.reference],
            category=point.facts.category,
            service_area=point.facts.service_area,
            team=point.facts.team,
            need=point.facts.need,
            desired=point.facts.desired,
            became=point.became,
            same_as=same_as,
            ancestors=tuple(ids[each] for each in case.book.ancestors(point.reference)),
        )

    points = tuple(now(point) for point in case.book.points.values())
    return PointsChanged(complaint_id=record.id, version=version, step=step, points=points)
