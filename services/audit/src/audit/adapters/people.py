"""Keeping the staff directory: many entries in a few statements, names and addresses sealed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, text

from audit.adapters.directory import PURPOSE
from audit.domain.staff_entry import StaffEntry
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

# One who keeps the directory at a time: two lists that give each other's sign-in away cannot meet half-way.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('people ' || :org, 0))")
_COLUMNS = "code, subject, name_sealed, email_sealed, service_area, team, manages, line_manager, duties, agency, active"
_BY_CODES = text(f"select {_COLUMNS} from person where code = any(cast(:codes as text[]))")  # noqa: S608 - constants
_SUBJECTS = text("select code, subject from person where subject = any(cast(:subjects as text[]))")
_PAGE = text(
    f"""
    select {_COLUMNS} from person
     where code > :after and (cast(:areas as text[]) is null or service_area = any(cast(:areas as text[])))
     order by code limit :limit
    """  # noqa: S608 - constants
)
# Those who change their sign-in let go of the old one first, so that two can exchange theirs.
_LET_GO = text("update person set subject = null where org = :org and code = any(cast(:codes as text[]))")
_PUT = text(
    """
    insert into person (org, code, subject, name_sealed, email_sealed, service_area, team, manages, line_manager, duties,
                        agency, active)
    select :org, n.code, n.subject, n.name, n.email, n.service_area, n.team,
           array(select jsonb_array_elements_text(n.lists::jsonb -> 'manages')), n.line_manager,
           array(select jsonb_array_elements_text(n.lists::jsonb -> 'duties')), n.agency, n.active
      from unnest(cast(:code as text[]), cast(:subject as text[]), cast(:name as bytea[]), cast(:email as bytea[]),
                  cast(:service_area as text[]), cast(:team as text[]), cast(:lists as text[]), cast(:line_manager as text[]),
                  cast(:agency as text[]), cast(:active as boolean[]))
        as n (code, subject, name, email, service_area, team, lists, line_manager, agency, active)
    on conflict (org, code) do update
       set subject = excluded.subject, name_sealed = excluded.name_sealed, email_sealed = excluded.email_sealed,
           service_area = excluded.service_area, team = excluded.team, manages = excluded.manages,
           line_manager = excluded.line_manager, duties = excluded.duties, agency = excluded.agency,
           active = excluded.active, changed_at = now()
    """
)


@dataclass(frozen=True, slots=True)
class PeopleStore:
    """Reads and writes whole entries within the transaction that was given."""

    transaction: Transaction
    secrets: Secrets

    async def lock(self) -> None:
        """Keep everybody else from changing the directory until this transaction ends."""
        await self.transaction.connection.execute(_LOCK, {"org": self.transaction.org})

    async def of(self, codes: Iterable[str]) -> dict[str, StaffEntry]:
        """The entries of some codes, as far as they are there."""
        rows = await self.transaction.connection.execute(_BY_CODES, {"codes": sorted(set(codes))})
        return {row.code: self._entry(row) for row in rows}

    async def whose(self, subjects: Iterable[str]) -> dict[str, str]:
        """Code of the person who signs in as a subject, by subject."""
        rows = await self.transaction.connection.execute(_SUBJECTS, {"subjects": sorted(set(subjects))})
        return {row.subject: row.code for row in rows}

    async def page(self, areas: frozenset[str], after: str, limit: int) -> list[StaffEntry]:
        """Entries in the order of their codes, from after one; `areas` empty is everywhere."""
        names = {"areas": sorted(areas) or None, "after": after, "limit": limit}
        return [self._entry(row) for row in await self.transaction.connection.execute(_PAGE, names)]

    async def put(self, entries: Sequence[StaffEntry], letting_go: Iterable[str]) -> None:
        """Write entries, each code once. `letting_go` are the codes of those whose sign-in changes."""
        if not entries:
            return
        org = self.transaction.org
        await self.transaction.connection.execute(_LET_GO, {"org": org, "codes": sorted(letting_go)})
        names = ("code", "subject", "service_area", "team", "line_manager", "agency", "active")
        columns: dict[str, list[Any]] = {name: [getattr(entry, name) for entry in entries] for name in names}
        columns["name"] = [self._seal(entry.name) for entry in entries]
        columns["email"] = [self._seal(entry.email) if entry.email else None for entry in entries]
        columns["lists"] = [orjson.dumps({"manages": each.manages, "duties": each.duties}).decode() for each in entries]
        await self.transaction.connection.execute(_PUT, {"org": org, **columns})

    def _seal(self, words: str) -> bytes:
        return self.secrets.seal(self.transaction.org, PURPOSE, words)

    def _entry(self, row: Row[Any]) -> StaffEntry:
        org = self.transaction.org
        # Was checked when it was written, by rules that may have been others.
        return StaffEntry.model_construct(
            code=row.code,
            subject=row.subject,
            name=self.secrets.open(org, PURPOSE, row.name_sealed),
            email=self.secrets.open(org, PURPOSE, row.email_sealed) if row.email_sealed is not None else None,
            service_area=row.service_area,
            team=row.team,
            manages=list(row.manages),
            line_manager=row.line_manager,
            duties=list(row.duties),
            agency=row.agency,
            active=row.active,
        )
