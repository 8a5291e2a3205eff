"""Outcomes in PostgreSQL. Writing takes the same few round trips for one outcome and for a thousand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.domain.outcome import Outcome
from audit.domain.versions import Current
from chassis.unit_of_work import whole_organisation

# One poster of a batch at a time, and beside single outcomes of other references only: two requests about the same outcome
# wait for one another instead of meeting in a deadlock or in a violated constraint.
_LOCK_ALL = text("select pg_advisory_xact_lock(hashtextextended('outcomes ' || :org || chr(31) || :source, 0))")
_LOCK_ONE = text(
    """
    select pg_advisory_xact_lock_shared(hashtextextended('outcomes ' || :org || chr(31) || :source, 0)),
           pg_advisory_xact_lock(hashtextextended('outcome ' || :org || chr(31) || :source || chr(31) || :reference, 0))
    """
)
_CURRENT = text(
    """
    select reference, id, version, digest, service_area from outcome
     where source = :source and reference = any(cast(:references as text[]))
    """
)
_ARRAYS = """
      from unnest(cast(:id as uuid[]), cast(:reference as text[]), cast(:version as integer[]), cast(:digest as bytea[]),
                  cast(:kind as text[]), cast(:tool as text[]), cast(:service_area as text[]), cast(:team as text[]),
                  cast(:completed_on as date[]), cast(:overall as text[]), cast(:rag as text[]))
        as n (id, reference, version, digest, kind, tool, service_area, team, completed_on, overall, rag)
"""
_INSERT = text(
    """
    insert into outcome
        (org, source, id, reference, version, digest, kind, tool, service_area, team, completed_on, overall, rag)
    select :org, :source, n.*
    """
    + _ARRAYS
)
_UPDATE = text(
    """
    update outcome
       set version = n.version, digest = n.digest, kind = n.kind, tool = n.tool, service_area = n.service_area, team = n.team,
           completed_on = n.completed_on, overall = n.overall, rag = n.rag, changed_at = now()
    """  # noqa: S608 - constants
    + _ARRAYS
    + " where outcome.org = :org and outcome.source = :source and outcome.id = n.id"
)
_INSERT_VERSIONS = text(
    """
    insert into outcome_version
        (org, posted_by, outcome_id, version, digest, service_area, tool_version, scale, suggested, content)
    select :org, :posted_by, n.outcome_id, n.version, n.digest, n.service_area, n.tool_version, n.scale, n.suggested,
           n.content::jsonb
      from unnest(cast(:id as uuid[]), cast(:version as integer[]), cast(:digest as bytea[]), cast(:service_area as text[]),
                  cast(:tool_version as integer[]), cast(:scale as text[]), cast(:suggested as text[]),
                  cast(:content as text[]))
        as n (outcome_id, version, digest, service_area, tool_version, scale, suggested, content)
    """
)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version of an outcome that is to be written."""

    outcome_id: UUID
    outcome: Outcome
    content: Mapping[str, object]
    digest: bytes
    tool_version: int
    scale: str | None
    suggested: str | None


class OutcomeWriter:
    """Writes outcomes of one source, within the transaction that was given. `posted_by` is who does it now."""

    def __init__(self, connection: AsyncConnection, org: str, source: str, posted_by: str) -> None:
        self._connection = connection
        self._names = {"org": org, "source": source}
        self._posted_by = posted_by

    @property
    def source(self) -> str:
        """Whose references they are."""
        return self._names["source"]

    async def current(self, references: Sequence[str]) -> dict[str, Current]:
        """Lock the references of the source, then return what is recorded under them."""
        if len(references) == 1:
            await self._connection.execute(_LOCK_ONE, {**self._names, "reference": references[0]})
        else:
            await self._connection.execute(_LOCK_ALL, self._names)
        names = {"source": self._names["source"], "references": list(references)}
        # A statement of its own, whose snapshot is younger than the lock.
        async with whole_organisation(self._connection):  # a reference is used once, in whatever service area
            rows = await self._connection.execute(_CURRENT, names)
        return {row.reference: Current(row.id, row.version, bytes(row.digest), row.service_area) for row in rows}

    async def write(self, versions: Sequence[NewVersion], known: Iterable[UUID]) -> None:
        """Add versions to the history, in their order, and make the last one of each outcome the current one.

        `known` are the ids of outcomes that were there before.
        """
        if not versions:
            return
        last = {version.outcome_id: version for version in versions}
        there = set(known)
        for statement, rows in (
            (_INSERT, [version for version in last.values() if version.outcome_id not in there]),
            (_UPDATE, [version for version in last.values() if version.outcome_id in there]),
        ):
            if rows:
                # Whose area it may be was decided before; a moderator finishes audits of areas that are not theirs.
                async with whole_organisation(self._connection):
                    await self._connection.execute(statement, self._names | _columns(rows))
        names = {"org": self._names["org"], "posted_by": self._posted_by, **_history(versions)}
        await self._connection.execute(_INSERT_VERSIONS, names)


def _columns(rows: Sequence[NewVersion]) -> dict[str, list[object]]:
    outcomes = [row.outcome for row in rows]
    names = ("reference", "version", "kind", "tool", "service_area", "team", "completed_on", "overall", "rag")
    columns: dict[str, list[object]] = {name: [getattr(outcome, name) for outcome in outcomes] for name in names}
    return columns | {"id": [row.outcome_id for row in rows], "digest": [row.digest for row in rows]}


def _history(rows: Sequence[NewVersion]) -> dict[str, list[object]]:
    return {
        "id": [row.outcome_id for row in rows],
        "version": [row.outcome.version for row in rows],
        "digest": [row.digest for row in rows],
        "service_area": [row.outcome.service_area for row in rows],
        "tool_version": [row.tool_version for row in rows],
        "scale": [row.scale for row in rows],
        "suggested": [row.suggested for row in rows],
        "content": [orjson.dumps(row.content).decode() for row in rows],
    }
