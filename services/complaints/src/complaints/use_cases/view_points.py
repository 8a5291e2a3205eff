"""The points of a complaint as they are shown: as they stood on the day, with what became of each and what stands for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters import point_links
from complaints.adapters.complaint_record import Record
from complaints.adapters.point_links import Link
from complaints.domain.case import Case, Standing
from complaints.domain.points import Became, PointFacts
from complaints.use_cases.points import WORDS
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see


@dataclass(frozen=True)
class PointView:
    """A point. `same_as` and `duplicates` name points of this complaint or others that the reader may see."""

    id: UUID
    reference: str
    facts: PointFacts
    standings: Mapping[int, Standing]
    became: Became | None = None
    ended_by: int | None = None
    into: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    same_as: Link | None = None
    duplicates: tuple[Link, ...] = ()
    words: str | None = field(default=None, repr=False)
    wanted: str | None = field(default=None, repr=False)

    @property
    def live(self) -> bool:
        """Whether it is answered and counted."""
        return self.became is None


async def view_points(
    transaction: Transaction, setup: Setup, identity: Identity, record: Record, case: Case, *, words: bool
) -> tuple[PointView, ...]:
    """The points of a complaint as the case has them; `words` for a reader who may see free text."""
    stored = {point.reference: point for point in record.points}
    elsewhere = [UUID(point.elsewhere) for point in case.book.points.values() if point.elsewhere]
    links = {
        link.same_as: link for link in await point_links.named(transaction, elsewhere) if may_see(identity, link.service_area)
    }
    naming = [link for link in await point_links.duplicates_of(transaction, record.id) if may_see(identity, link.service_area)]

    def said(key: str | None) -> str | None:
        sealed = record.history.sealed.get(key or "")
        return setup.secrets.open(transaction.org, WORDS, sealed) if words and sealed else None

    views = []
    for reference, point in case.book.points.items():
        # What was known before the service kept it tells nothing of what points were about.
        facts = point.facts if point.facts.category else stored[reference].facts
        ident = stored[reference].id
        stood = {stage.number: case.standing(stage.number, reference) for stage in case.stages}
        views.append(
            PointView(
                ident,
                reference,
                facts,
                {number: standing for number, standing in stood.items() if standing is not None},
                point.became,
                point.ended_by,
                point.into,
                point.origins,
                links.get(UUID(point.elsewhere)) if point.elsewhere else None,
                tuple(link for link in naming if link.same_as == ident),
                said(facts.words),
                said(facts.wanted),
            )
        )
    return tuple(views)
