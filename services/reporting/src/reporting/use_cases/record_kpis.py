"""Recording observations of KPIs: all of a batch, or none of it with what is wrong in each item."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters.kpi_repository import KpiRepository, Recorder
from reporting.domain.kpi_posting import Outcome, Posted, Status, check_posted, compare
from reporting.domain.profile import Profile

REASON = "reporting/kpi-reason"
STAFF = "reporting/staff"
MOST_ERRORS = 200

Wrong = list[list[FieldError]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an item."""

    outcome: Outcome
    observation_id: UUID


class RecordKpis:
    """The use case; one instance a process."""

    def __init__(self, profiles: ProfileStore[Profile], secrets: Secrets, today: Callable[[], date]) -> None:
        self.profiles = profiles
        self._secrets = secrets
        self.today = today

    async def check(
        self, transaction: Transaction, identity: Identity, items: Sequence[Posted]
    ) -> tuple[list[Outcome], Wrong, Wrong]:
        """What would become of each item, what is wrong with it, and what stands against it. Nothing is recorded."""
        profile = (await self.profiles.current(transaction)).profile
        malformed = check_posted(items, profile, self.today(), identity.areas)
        known = await KpiRepository(transaction).known([each.key for each in items])
        outcomes, conflicts = compare(items, {key: each for key, (each, _) in known.items()})
        return outcomes, malformed, conflicts

    async def record(self, transaction: Transaction, identity: Identity, items: Sequence[Posted], via: str) -> list[Recorded]:
        """Record all items. What is recorded already with the same figures stays as it is.

        Raises `DomainError`: invalid-observations (422) where an item can never be recorded, observations-conflict (409) where
        another figure is recorded and no reason was given, or it was corrected since; each error names its item and field.
        """
        repository = KpiRepository(transaction)
        await repository.lock()
        outcomes, malformed, conflicts = await self.check(transaction, identity, items)
        _assert_none(malformed, conflicts)
        known = await repository.known([each.key for each in items])
        reasons = [
            self._secrets.seal(transaction.org, REASON, each.posted.reason) if each.status is Status.CORRECTED else None
            for each in outcomes
        ]
        by = Recorder(identity.subject, self._name(transaction.org, identity), via)
        ids = await repository.add(outcomes, {key: ident for key, (_, ident) in known.items()}, reasons, by)
        return [Recorded(each, ids[each.posted.key]) for each in outcomes]

    def open_reason(self, org: str, sealed: bytes | None) -> str:
        """Why something was corrected; empty for what was not."""
        return self._secrets.open(org, REASON, sealed) if sealed else ""

    def open_name(self, org: str, sealed: bytes | None, subject: str) -> str:
        """Who recorded something, by name; a system by its id."""
        return self._secrets.open(org, STAFF, sealed) if sealed else subject

    def _name(self, org: str, identity: Identity) -> bytes | None:
        return self._secrets.seal(org, STAFF, identity.label) if identity.label else None


def _assert_none(malformed: Wrong, conflicts: Wrong) -> None:
    both = [[*one, *other] for one, other in zip(malformed, conflicts, strict=True)]
    number = sum(map(bool, both))
    if not number:
        return
    errors = tuple(
        FieldError(f"/observations/{place}/{each.pointer.lstrip('/')}", each.detail)
        for place, wrong in enumerate(both)
        for each in wrong
    )
    is_malformed = any(malformed)
    slug = "invalid-observations" if is_malformed else "observations-conflict"
    kind = Kind.MALFORMED if is_malformed else Kind.CONFLICT
    more = f" The first {MOST_ERRORS} are listed." if len(errors) > MOST_ERRORS else ""
    of = "1 observation is" if number == 1 else f"{number} observations are"
    detail = f"{of} not as needed; see `errors`.{more} Nothing was stored. Put them right and send all of them again."
    raise DomainError(slug, detail, kind, errors[:MOST_ERRORS])
