"""Record outcomes that another system posts: one, or many of which each stands or is refused by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from audit.adapters.outcomes import NewVersion, OutcomeWriter
from audit.domain.outcome import Outcome, Status, content_of, digest_of
from audit.domain.profile import AuditProfile
from audit.domain.rules import suggested, violations
from audit.domain.versions import Current, decide
from audit.events.outcome_recorded import outcome_recorded
from chassis.days import british_today
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.profile_store import ProfileStore
from chassis.retention import known
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from contracts.audit import OutcomeRecorded

CASE = "case"
"""Purpose of the pseudonym under which a child's case stands."""


TURN = 50
"""Outcomes that are worked on before others get a turn: about ten milliseconds."""

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, with a pause after every few, so that a batch holds up nobody else's request to this process."""
    for number, item in enumerate(items, 1):
        yield item
        if number % TURN == 0:
            await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a posted outcome. `suggested` is the overall grade that its sections suggest."""

    outcome_id: UUID
    reference: str
    version: int
    status: Status
    suggested: str | None


class RecordOutcomes:
    """The use case; one instance a process."""

    def __init__(self, profiles: ProfileStore[AuditProfile], secrets: Secrets) -> None:
        self._profiles = profiles
        self._secrets = secrets

    async def one(self, transaction: Transaction, poster: Identity, outcome: Outcome) -> Recorded:
        """Record one outcome. Raises `DomainError` where it is refused."""
        (result,) = await self.many(transaction, poster, [outcome])
        if isinstance(result, DomainError):
            raise result
        return result

    async def many(
        self, transaction: Transaction, poster: Identity, posted: Sequence[Outcome | DomainError], *, source: str | None = None
    ) -> list[Recorded | DomainError]:
        """Record outcomes in their order, the second of the same reference after the first; a result for each.

        What could not even be read comes in as the error that it is, and goes out at its place. A refusal stops no other.
        `source` is whose references they are: the poster's own, unless it is one that several people share.
        """
        writer = OutcomeWriter(transaction.connection, transaction.org, source or poster.subject, poster.subject)
        posting = await self._weigh(transaction, writer, poster, posted)
        await writer.write(posting.versions, posting.known)
        for event in posting.events:
            transaction.record(event)
        return posting.results

    async def check(
        self, transaction: Transaction, poster: Identity, posted: Sequence[Outcome | DomainError], *, source: str | None = None
    ) -> list[Recorded | DomainError]:
        """What `many` would do now. Nothing is recorded; the references stay locked until the transaction ends."""
        writer = OutcomeWriter(transaction.connection, transaction.org, source or poster.subject, poster.subject)
        return (await self._weigh(transaction, writer, poster, posted)).results

    async def numbered(
        self, transaction: Transaction, poster: Identity, posted: Sequence[tuple[Outcome, bool]], *, source: str | None = None
    ) -> list[Outcome]:
        """Outcomes with versions for those that count none (False): the current one for the same content, else the next."""
        writer = OutcomeWriter(transaction.connection, transaction.org, source or poster.subject, poster.subject)
        # All references, as `many` will lock them: to lock some first and all later would end in a deadlock.
        found = await writer.current(sorted({outcome.reference for outcome, _ in posted})) if posted else {}
        return [
            outcome if counted else outcome.model_copy(update={"version": self._version(transaction.org, outcome, found)})
            async for outcome, counted in in_turns(posted)
        ]

    def case_key(self, org: str, case: str | None) -> str | None:
        """The pseudonym of a case's number."""
        return self._secrets.pseudonym(org, CASE, case) if case is not None else None

    def _version(self, org: str, outcome: Outcome, found: Mapping[str, Current]) -> int:
        current = found.get(outcome.reference)
        if current is None:
            return 1
        content = content_of(outcome, self.case_key(org, outcome.case_reference))
        return current.version if digest_of(content) == current.digest else current.version + 1

    async def _weigh(
        self, transaction: Transaction, writer: OutcomeWriter, poster: Identity, posted: Sequence[Outcome | DomainError]
    ) -> "_Posting":
        profile = (await self._profiles.current(transaction)).profile
        references = {outcome.reference for outcome in posted if isinstance(outcome, Outcome)}
        named = {known.posted_as("outcome", writer.source, each): each for each in references}
        reduced = await known.reduced_on(transaction, self._secrets, named)
        found = await writer.current(sorted(references)) if references else {}
        there = [current.outcome_id for current in found.values()]
        gone = {named[each]: day for each, day in reduced.items()}
        posting = _Posting(transaction.org, poster, profile, self.case_key, british_today(), dict(found), there, gone)
        posting.results.extend([posting.take(outcome) async for outcome in in_turns(posted)])
        return posting


@dataclass(slots=True)
class _Posting:
    """One request at work: what is recorded under each reference so far, and what there is to write and to tell."""

    org: str
    poster: Identity
    profile: AuditProfile
    case_key: Callable[[str, str | None], str | None]
    today: date
    current: dict[str, Current]
    known: list[UUID]
    reduced: Mapping[str, date]
    versions: list[NewVersion] = field(default_factory=list)
    events: list[OutcomeRecorded] = field(default_factory=list)
    results: list[Recorded | DomainError] = field(default_factory=list)

    def take(self, outcome: Outcome | DomainError) -> Recorded | DomainError:
        if isinstance(outcome, DomainError):
            return outcome
        try:
            return self._record(outcome)
        except DomainError as error:
            return error

    def _record(self, outcome: Outcome) -> Recorded:
        current = self.current.get(outcome.reference)
        self._assert_within_areas(outcome, current)
        if outcome.reference in self.reduced:
            raise known.was_reduced("outcome", self.reduced[outcome.reference])
        key = self.case_key(self.org, outcome.case_reference)
        content = content_of(outcome, key)
        digest = digest_of(content)
        status = decide(current, outcome.version, digest)
        # The same again is not held against a profile that may have changed since: it is recorded already.
        if status != "unchanged" and (errors := violations(outcome, self.profile, self.today)):
            raise invalid_outcome(errors)
        tool = self.profile.tools.get(outcome.tool)
        suggestion = suggested(outcome, tool, self.profile.scale_of(tool)) if tool else None
        outcome_id = current.outcome_id if current else new_id()
        if status != "unchanged" and tool is not None:
            self.current[outcome.reference] = Current(outcome_id, outcome.version, digest, outcome.service_area)
            self.versions.append(NewVersion(outcome_id, outcome, content, digest, tool.version, tool.scale, suggestion))
            self.events.append(outcome_recorded(outcome_id, outcome, tool, key))
        return Recorded(outcome_id, outcome.reference, outcome.version, status, suggestion)

    def _assert_within_areas(self, outcome: Outcome, current: Current | None) -> None:
        limit = self.poster.areas
        if limit and (outcome.service_area not in limit or (current is not None and current.service_area not in limit)):
            detail = f"You may post outcomes of these service areas only: {', '.join(sorted(limit))}."
            raise DomainError("service-area-not-allowed", detail, Kind.FORBIDDEN)


def invalid_outcome(errors: Sequence[FieldError]) -> DomainError:
    """The refusal of an outcome that breaks rules."""
    detail = "The outcome was not recorded, since it does not fit your organisation's profile. See `errors`."
    return DomainError("invalid-outcome", detail, Kind.MALFORMED, tuple(errors))
