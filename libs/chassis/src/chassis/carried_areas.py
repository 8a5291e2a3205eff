"""Service areas carried on the parts of a record, so that the limit is read off a row and looks nothing up (ADR 0034).

A part (a stage, a letter, words of an answer) is seen in the areas of its record. To ask the record for each row was a function
call a row; to gather the records of the caller once a statement is dear where a page wants one row. So each part says in its
column `seen_in` in which areas it is seen. Nobody writes it but triggers: whatever a statement says of it is worked out anew.

- `seen_in`, before a part is written: the areas of its records, and its own. The records are locked as their foreign keys lock
  them (`for key share`), so that one which is just being moved is waited for.
- `moves_parts`, after a record has moved: its parts are asked anew. It waits for whoever is adding one.

The functions work with the rights of the schema's owner: what limits those who serve requests must not limit what the limit is
worked out from. The tenant's policy holds for the owner too, so another organisation's record is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.tenancy import AREAS_SAID, UNLIMITED, Operations

EVERYBODY = "*"
"""Of what is seen by everybody who is limited at all, in whatever areas: it waits for somebody to say whose it is."""
_MINE = f"(select string_to_array({AREAS_SAID} || ',{EVERYBODY}', ','))::text[]"


@dataclass(frozen=True, slots=True)
class Of:
    """A record that a table's rows belong to: the column that names it, and for which rows (`{row}` stands for the row)."""

    record: str
    column: str
    when: str = ""

    def is_of(self, row: str) -> str:
        """The rest of a condition, for which rows."""
        return f" and {self.when.format(row=row)}" if self.when else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A table that carries the areas of its records; `own` is what it says itself (an array of text), read from `columns`."""

    table: str
    of: tuple[Of, ...]
    own: str = ""
    columns: tuple[str, ...] = ()


OWN_AREA = "array[{row}.service_area]"
"""Of a part that can lie elsewhere than its record, and is seen in both."""


def parts(record: str, column: str, *tables: str) -> tuple[Part, ...]:
    """Tables that are seen with one record and say nothing themselves."""
    return tuple(Part(table, (Of(record, column),)) for table in tables)


def carry(op: Operations, schema: str, known: Sequence[Part]) -> None:
    """Add `seen_in` to tables, fill it and keep it. Records stand before their parts; what is none has a `service_area`."""
    carrying = {part.table for part in known}
    touched = sorted({*carrying, *(of.record for part in known for of in part.of)})
    for table in touched:
        op.execute(f"alter table {schema}.{table} no force row level security")
    for part in known:
        op.execute(f"alter table {schema}.{part.table} add column seen_in text[]")
        _fill(op, schema, part, carrying)
        _keep(op, schema, part, carrying)
    for record in sorted({of.record for part in known for of in part.of}):
        _move(op, schema, record, known, carrying)
    for table in touched:
        op.execute(f"alter table {schema}.{table} force row level security")


def drop(op: Operations, schema: str, known: Sequence[Part]) -> None:
    """Take back `carry`; policies that read the column must be gone."""
    for record in sorted({of.record for part in known for of in part.of}):
        op.execute(f"drop trigger moves_parts on {schema}.{record}")
        op.execute(f"drop function {schema}.{record}_moves()")
    for part in known:
        op.execute(f"drop trigger seen_in on {schema}.{part.table}")
        op.execute(f"drop function {schema}.{part.table}_seen_in()")
        op.execute(f"alter table {schema}.{part.table} drop column seen_in")


def seen_where_carried(*others: str) -> str:
    """The condition under which a row that carries its areas is seen: one of them is the caller's, or one of `others` holds."""
    return f"({' or '.join([UNLIMITED, f'seen_in && {_MINE}', *others])})"


def within_carried() -> str:
    """The condition that all areas of a row are the caller's."""
    return f"({UNLIMITED} or seen_in <@ {_MINE})"


def hold_to_areas(op: Operations, schema: str, table: str, condition: str, check: str = "") -> None:
    """Hold whoever is limited to service areas to them: to read, write, change and remove rows of those, whatever code forgets.

    Restrictive: it holds beside the policy of the tenant; for those who serve requests. `check` is what a row has to be when it
    is written, where that is less than what is read.
    """
    said = f"using ({condition}) with check ({check or condition})"
    op.execute(f"create policy areas on {schema}.{table} as restrictive for all to {schema}_app {said}")


def _areas_of(record: str, carrying: set[str]) -> str:
    return "r.seen_in" if record in carrying else "array[r.service_area]"


def _fill(op: Operations, schema: str, part: Part, carrying: set[str]) -> None:
    """Say it of the rows that are there. Not by the trigger, and with none of the table's own: nothing else changes of them."""
    found = [
        f"coalesce((select {_areas_of(of.record, carrying)} from {schema}.{of.record} r "  # noqa: S608 - names of ours
        f"where r.org = c.org and r.id = c.{of.column}{of.is_of('c')}), '{{}}')"
        for of in part.of
    ]
    own = [f"coalesce({part.own.format(row='c')}, '{{}}')"] if part.own else []
    op.execute(f"alter table {schema}.{part.table} disable trigger user")
    op.execute(f"update {schema}.{part.table} c set seen_in = {' || '.join([*found, *own])}")  # noqa: S608 - names of ours
    op.execute(f"alter table {schema}.{part.table} enable trigger user")


def _keep(op: Operations, schema: str, part: Part, carrying: set[str]) -> None:
    asked = "".join(
        f"""
            select {_areas_of(of.record, carrying)} into more from {schema}.{of.record} r
             where r.org = new.org and r.id = new.{of.column}{of.is_of("new")} for key share;
            found := found || more;"""  # noqa: S608 - names of ours
        for of in part.of
    )
    own = f"found := found || {part.own.format(row='new')};" if part.own else ""
    _function(op, schema, f"{part.table}_seen_in", f"{asked}\n            {own}\n            new.seen_in := found;", "new")
    columns = ", ".join(dict.fromkeys(("seen_in", *(of.column for of in part.of), *part.columns)))
    op.execute(
        f"create trigger seen_in before insert or update of {columns} on {schema}.{part.table} "
        f"for each row execute function {schema}.{part.table}_seen_in()"
    )
    # Also where rows come in by replication, and in tests that put the other rules of the tables aside.
    op.execute(f"alter table {schema}.{part.table} enable always trigger seen_in")


def _move(op: Operations, schema: str, record: str, known: Sequence[Part], carrying: set[str]) -> None:
    of_record = [(part.table, of) for part in known for of in part.of if of.record == record]
    waited = f"perform from {schema}.{record} where org = new.org and id = new.id for update;"
    asked = "\n            ".join(
        f"update {schema}.{table} p set seen_in = null where p.org = new.org and p.{of.column} = new.id"  # noqa: S608 - names of ours
        f"{of.is_of('p')};"
        for table, of in of_record
    )
    _function(op, schema, f"{record}_moves", f"{waited}\n            {asked}", "null")
    column = "seen_in" if record in carrying else "service_area"
    op.execute(
        f"create trigger moves_parts after update on {schema}.{record} for each row "
        f"when (old.{column} is distinct from new.{column}) execute function {schema}.{record}_moves()"
    )


def _function(op: Operations, schema: str, name: str, body: str, result: str) -> None:
    op.execute(
        f"""
        create function {schema}.{name}() returns trigger
        language plpgsql security definer set search_path = {schema}, pg_temp as $$
        declare
            found text[] := '{{}}';
            more text[];
        begin
            {body}
            return {result};
        end $$
        """
    )


def hold_writing_too(op: Operations, schema: str) -> None:
    """Let every limit of a schema that is for reading (`tenancy.limit_to_areas`) hold for writing as well, as it stands."""
    _remake(op, schema, "r", "for all to %I using (%s) with check (%4$s)")


def hold_reading_only(op: Operations, schema: str) -> None:
    """Take back `hold_writing_too`."""
    _remake(op, schema, "*", "for select to %I using (%s)")


def _remake(op: Operations, schema: str, command: str, said: str) -> None:
    op.execute(
        f"""
        do $$
        declare
            held record;
        begin
            for held in select p.polrelid::regclass as name, pg_get_expr(p.polqual, p.polrelid) as condition from pg_policy p
                          join pg_class c on c.oid = p.polrelid
                         where c.relnamespace = '{schema}'::regnamespace and p.polname = 'areas' and p.polcmd = '{command}'
            loop
                execute format('drop policy areas on %s', held.name);
                execute format('create policy areas on %s as restrictive {said}',
                               held.name, '{schema}_app', held.condition, held.condition);
            end loop;
        end $$
        """  # noqa: S608 - names of ours
    )
