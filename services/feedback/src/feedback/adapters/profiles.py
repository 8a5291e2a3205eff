"""Profiles as the feedback service keeps them: the one in force, and the older ones that links still use."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from chassis.errors import DomainError, FieldError, Kind
from chassis.profile_store import Applied, ProfileStore
from chassis.retention.periods import check_periods
from chassis.unit_of_work import Transaction
from feedback.adapters.retained import DECLARED
from feedback.domain.profile import FeedbackProfile
from feedback.domain.profile_check import changed_shape, check
from feedback.domain.publishing import keep_published
from feedback.domain.questionnaire import Questionnaire

_KEPT = 256  # questionnaires of older profiles; they never change

_STORED = text("select number, version, document::text as document from profile order by number desc limit 1")
_IN_FORCE = text("select document::text from profile order by number desc limit 1")
_NUMBERED = text(
    """
    select each.value::text from profile, jsonb_array_elements(document -> 'questionnaires') as each
     where number = :number and each.value ->> 'code' = :code
    """
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A profile as it is stored: its number, the version of the files that it came from, and its document."""

    number: int
    version: str
    document: dict[str, Any]


def _check(profile: FeedbackProfile) -> list[FieldError]:
    """What the models cannot see, periods too."""
    return [*check(profile), *check_periods(profile.retention, DECLARED.service, DECLARED.kinds)]


class Profiles(ProfileStore[FeedbackProfile]):
    """Adds to the store what surveys need: a version in use keeps its shape, and a link the wording it began with."""

    def __init__(self) -> None:
        super().__init__(FeedbackProfile, _check)
        self._kept: dict[tuple[str, int, str], Questionnaire] = {}

    async def apply(self, transaction: Transaction, version: str, document: dict[str, Any], by: str) -> bool:
        """Apply a profile; a `DomainError` where a version in force would change in more than its wording."""
        before = (await transaction.connection.execute(_IN_FORCE)).scalar_one_or_none()
        if before is not None:
            self._refuse_changed_shapes(FeedbackProfile.model_validate(orjson.loads(before)), self.parse(document))
        return await super().apply(transaction, version, document, by)

    async def reconcile(self, transaction: Transaction, document: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """A folder's document with the questionnaires that the pages published since, and which these are."""
        before = await self.in_force(transaction)
        if before is None:
            return document, ()
        kept, notes = keep_published(before.document["questionnaires"], document["questionnaires"])
        return {**document, "questionnaires": kept}, notes

    async def in_force(self, transaction: Transaction) -> Stored | None:
        """The profile in force as it is stored, whatever this process remembers; None before the first."""
        row = (await transaction.connection.execute(_STORED)).one_or_none()
        return Stored(row.number, row.version, orjson.loads(row.document)) if row else None

    def _refuse_changed_shapes(self, before: FeedbackProfile, after: FeedbackProfile) -> None:
        errors: list[FieldError] = []
        for place, questionnaire in enumerate(after.questionnaires):
            old = before.questionnaire(questionnaire.code)
            if old is not None:
                errors += changed_shape(old, questionnaire, f"/questionnaires/{place}")
        if errors:
            detail = "The profile was not applied; what was in force stays in force. See `errors`."
            raise DomainError("invalid-profile", detail, Kind.MALFORMED, tuple(errors))

    async def questionnaire(
        self, transaction: Transaction, applied: Applied[FeedbackProfile], number: int, code: str
    ) -> Questionnaire:
        """A questionnaire as profile `number` has it. Raises LookupError where it has none."""
        if number == applied.number:
            found = applied.profile.questionnaire(code)
            if found is None:
                raise LookupError(code)
            return found
        key = (transaction.org, number, code)
        if key not in self._kept:
            row = (await transaction.connection.execute(_NUMBERED, {"number": number, "code": code})).scalar_one_or_none()
            if row is None:
                raise LookupError(code)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = Questionnaire.model_validate(orjson.loads(row))
        return self._kept[key]
