"""The organisation's profile as reports read it: as it was applied, with what staff published on the pages since."""

from typing import Any

from sqlalchemy import text

from chassis.errors import DomainError, FieldError, Kind
from chassis.profile_store import Applied, ProfileStore
from chassis.retention.periods import check_periods
from chassis.unit_of_work import Transaction
from reporting.adapters import dimension_store
from reporting.adapters.kpi_repository import KpiRepository
from reporting.adapters.retained import DECLARED
from reporting.domain.kpi_check import judged_otherwise
from reporting.domain.profile import Profile
from reporting.domain.published import with_published
from reporting.domain.recipe_check import check

_KEPT = 256  # organisations whose merged profile is remembered

# Which editions there are is asked each time: it is one index entry a questionnaire. What they hold is read when that changed.
_KNOWN = text("select questionnaire, max(edition) as edition from fact_questionnaire_edition group by questionnaire order by 1")


def check_all(profile: Profile) -> list[FieldError]:
    """What the models of the profile cannot see, periods too."""
    return [*check(profile), *check_periods(profile.retention, DECLARED.service, DECLARED.kinds)]


class Profiles(ProfileStore[Profile]):
    """Adds to the store the questionnaires that were published on the pages of the feedback service."""

    def __init__(self) -> None:
        super().__init__(Profile, check_all)
        self._merged: dict[str, tuple[object, Applied[Profile]]] = {}

    async def reconcile(self, transaction: Transaction, document: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Refuses a profile that would judge months of a KPI otherwise than they were judged. Raises invalid-profile (422)."""
        months = await KpiRepository(transaction).months()
        if months:
            self._cache.pop(transaction.org, None)  # another process may have applied one a moment ago
            before = (await super().current(transaction)).profile
            if wrong := list(judged_otherwise(before, self.parse(document), months)):
                detail = "The profile was not applied; what was in force stays in force. See `errors`."
                raise DomainError("invalid-profile", detail, Kind.MALFORMED, tuple(wrong[:200]))
        return document, ()

    async def current(self, transaction: Transaction) -> Applied[Profile]:
        """The profile in force, with published questionnaires that are newer than its own."""
        applied = await super().current(transaction)
        known = tuple(tuple(row) for row in await transaction.connection.execute(_KNOWN))
        if not known:
            return applied
        of = (applied.number, known)
        remembered = self._merged.get(transaction.org)
        if remembered is None or remembered[0] != of:
            editions = await dimension_store.editions(transaction.connection)
            merged = Applied(applied.number, applied.version, with_published(applied.profile, editions))
            if len(self._merged) >= _KEPT:
                self._merged.clear()
            remembered = self._merged[transaction.org] = (of, merged)
        return remembered[1]

    async def apply(self, transaction: Transaction, version: str, document: dict[str, Any], by: str) -> bool:
        """As the store does, with the dimension tables; also where nothing differs, so that applying again mends them."""
        changed = await super().apply(transaction, version, document, by)
        await dimension_store.bring_up_to_date(transaction.connection, transaction.org)
        return changed
