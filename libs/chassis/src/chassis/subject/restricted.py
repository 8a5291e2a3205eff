"""Restriction of use (UK GDPR, Article 18): the table of marks on records, and the database's refusal to change them.

A record whose use is restricted is kept and shown, with the mark, and nobody changes it but whom the data protection officer
lets (`writer`). The database refuses, by a trigger on the tables that a service names in a migration, so no page, route or
batch can forget to ask. It refuses those who serve requests: the worker reminds staff and keeps clocks, and what it must not
do with a restricted record (reduce, erase, send) it asks about itself. docs/decisions/0031 says what is stopped, and why.
"""

from collections.abc import Sequence

from chassis.tenancy import Operations, protect
from chassis.unit_of_work import RESTRICTED

GROUNDS = ("accuracy", "unlawful", "claim", "objection")
"""Article 18(1), (a) to (d)."""


_OF_REQUESTS = {"subject_request": "org, id, closed_on", "subject_record": "org, request_id, record_id"}
"""What a worker reads of requests of people."""


def create_restriction_table(op: Operations, schema: str, frozen: Sequence[tuple[str, str, str]]) -> None:
    """Make the table of marks, and let each table of `frozen` refuse changes of rows of a restricted record.

    Each of `frozen` is a table, the kind of record, and SQL on the row `t` that is its id: null where a change is not refused.
    """
    op.execute(
        f"""
        create table {schema}.subject_restriction (
            org          text not null,
            id           uuid not null,
            kind         text not null,
            record_id    uuid not null,
            request_id   uuid not null,      -- of the person who asked
            ground       text not null,
            reason       bytea not null,     -- sealed: what everybody who opens the record reads
            from_on      date not null,
            by_subject   text not null,
            by_name      bytea not null,     -- sealed
            at           timestamptz not null default now(),
            writer       text,               -- sign-in of who may change it all the same, to put it right
            writer_until date,
            told_on      date,               -- Article 18(3): the person is told before it ends
            ended_on     date,
            ended_by     text,
            ending       bytea,              -- sealed: why it ended
            constraint subject_restriction_key primary key (org, id),
            constraint subject_restriction_of foreign key (org, request_id) references {schema}.subject_request (org, id),
            constraint subject_restriction_ground_known check (ground in {GROUNDS}),
            constraint subject_restriction_writer_until check ((writer is null) = (writer_until is null)),
            constraint subject_restriction_ended_whole check (
                num_nulls(ended_on, ended_by, ending, told_on) in (0, 4)),
            -- told first, and it does not end before it began
            constraint subject_restriction_in_order check (ended_on >= from_on and told_on <= ended_on)
        )
        """
    )
    # One at a time; and the question that every change of a record asks.
    op.execute(
        f"create unique index subject_restriction_once on {schema}.subject_restriction (org, kind, record_id) "
        "where ended_on is null"
    )
    op.execute(f"create index subject_restriction_of_record on {schema}.subject_restriction (org, kind, record_id, from_on)")
    changed = "update (writer, writer_until, told_on, ended_on, ended_by, ending)"
    protect(
        op, schema, "subject_restriction", app=f"select, insert, {changed}", worker="select (org, kind, record_id, ended_on)"
    )
    op.execute(f"grant select (org, kind, record_id, ended_on), delete on {schema}.subject_restriction to {schema}_retention")
    # A worker that lets something go asks first what stands against it (`chassis.retention.holding.in_force`).
    for table, columns in _OF_REQUESTS.items():
        op.execute(f"grant select ({columns}) on {schema}.{table} to {schema}_worker")
    _create_refusal(op, schema)
    for table, kind, record in frozen:
        quoted = record.replace("'", "''")
        op.execute(
            f"create trigger restricted_{kind} before insert or update or delete on {schema}.{table} "
            f"for each row execute function {schema}.refuse_restricted('{kind}', '{quoted}')"
        )


def _create_refusal(op: Operations, schema: str) -> None:
    # The record's id is made of the row by the SQL that the trigger names, and only where the organisation has restricted
    # anything at all: of all other changes it is one look into an index that is all but empty.
    op.execute(
        f"""
        create function {schema}.refuse_restricted() returns trigger language plpgsql as $$
        declare
            changed record;
            ident uuid;
        begin
            if tg_op = 'DELETE' then changed := old; else changed := new; end if;
            if current_user <> '{schema}_app' or not exists (
                select from {schema}.subject_restriction r where r.org = changed.org and r.ended_on is null
            ) then
                return changed;
            end if;
            execute format('select (%s)::uuid from (select ($1).*) t', tg_argv[1]) into ident using changed;
            if exists (
                select from {schema}.subject_restriction r
                 where r.org = changed.org and r.kind = tg_argv[0] and r.record_id = ident and r.ended_on is null
                   and (r.writer is distinct from nullif(current_setting('app.subject', true), '')
                        or r.writer is null or r.writer_until < current_date)
            ) then
                raise exception 'the use of this record is restricted' using errcode = '{RESTRICTED}';
            end if;
            return changed;
        end $$
        """  # noqa: S608 - the schema is ours
    )


def drop_restriction_table(op: Operations, schema: str, frozen: Sequence[tuple[str, str, str]]) -> None:
    """Take it away again, with every mark."""
    for table, kind, _ in frozen:
        op.execute(f"drop trigger restricted_{kind} on {schema}.{table}")
    for table, columns in _OF_REQUESTS.items():
        op.execute(f"revoke select ({columns}) on {schema}.{table} from {schema}_worker")  # noqa: S608 - a privilege, and constants
    op.execute(f"drop function {schema}.refuse_restricted")
    op.execute(f"drop table {schema}.subject_restriction")


def in_force(alias: str, kind: str, record: str) -> str:
    """SQL: whether the use of a record of the row `alias` is restricted. For queries that use words of many records at once."""
    return (
        f"exists (select from subject_restriction x where x.org = {alias}.org and x.kind = '{kind}' and x.record_id = {record} "
        "and x.ended_on is null)"
    )
