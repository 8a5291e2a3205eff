"""How somebody who asks for their complaint is found: keyed hashes of the words of a name, and references from their end.

The columns that hold references are generated, so that no way in which a record is made can forget them. They are compared with
operators that do not leak, since under row-level security an index helps nothing else. Who was stored before has no hashes yet:
`keyed` is false for them, and the worker, which holds the key, goes through them.
"""

from alembic import op

from chassis import tenancy

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "complaints"

REFERENCES = ("complaint", "representation", "ombudsman_case", "compliment")
TABLES = (
    """
    create table {s}.person_found_by (
        org       text not null,
        key       text not null,         -- keyed hash of a word of the name, a number, a mail address or a postcode
        person_id uuid not null,
        constraint person_found_by_once primary key (org, key, person_id),
        constraint person_found_by_of foreign key (org, person_id) references {s}.complaint_person (org, id) on delete cascade
    )
    """,
    """
    create table {s}.sender_found_by (
        org               text not null,
        key               text not null,
        representation_id uuid not null,
        position          smallint not null,
        constraint sender_found_by_once primary key (org, key, representation_id, position),
        constraint sender_found_by_of foreign key (org, representation_id, position)
            references {s}.representation_person (org, representation_id, position) on delete cascade
    )
    """,
)
WAITING = "org, state, received_on, urgent, service_area"
KEYED = ("complaint_person", "representation_person")
KEYS = {"person_found_by": "person_id", "sender_found_by": "representation_id, position"}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement.format(s=SCHEMA))
    for table, columns in KEYS.items():
        tenancy.protect(op, SCHEMA, table, app="select, insert", worker="select, insert")
        op.execute(f"create index {table}_of_person on {SCHEMA}.{table} (org, {columns})")
    for table in KEYED:
        op.execute(f"alter table {SCHEMA}.{table} add column keyed boolean not null default false")
        op.execute(f"grant select, update (keyed) on {SCHEMA}.{table} to {SCHEMA}_worker")
        op.execute(f"grant update (keyed) on {SCHEMA}.{table} to {SCHEMA}_app")
    op.execute(f"create index person_not_keyed on {SCHEMA}.complaint_person (org, id) where not keyed")
    columns = "(org, representation_id, position)"
    op.execute(f"create index representation_person_not_keyed on {SCHEMA}.representation_person {columns} where not keyed")
    # The worker says each morning what is due: how much waits to be decided, and which next stages were asked for.
    op.execute(f"grant select ({WAITING}) on {SCHEMA}.representation to {SCHEMA}_worker")
    op.execute(f"grant select on {SCHEMA}.stage_request to {SCHEMA}_worker")
    # Whoever reads a record knows nobody by their sign-in. Changes recorded before keep it alone.
    op.execute(f"alter table {SCHEMA}.complaint_change add column by_name bytea")
    for table in REFERENCES:
        made = "generated always as (reverse(upper(reference))) stored"
        op.execute(f'alter table {SCHEMA}.{table} add column asked_for text collate "C" {made}')
        op.execute(f"create index {table}_asked_for on {SCHEMA}.{table} (org, asked_for)")


def downgrade() -> None:
    for table in REFERENCES:
        op.execute(f"alter table {SCHEMA}.{table} drop column asked_for")
    op.execute(f"alter table {SCHEMA}.complaint_change drop column by_name")
    op.execute(f"revoke select on {SCHEMA}.stage_request from {SCHEMA}_worker")
    op.execute(f"revoke select ({WAITING}) on {SCHEMA}.representation from {SCHEMA}_worker")
    for table in KEYED:
        op.execute(f"revoke select, update (keyed) on {SCHEMA}.{table} from {SCHEMA}_worker")
        op.execute(f"revoke update (keyed) on {SCHEMA}.{table} from {SCHEMA}_app")
        op.execute(f"alter table {SCHEMA}.{table} drop column keyed")
    # What migration 0012 had granted of one of them went with the whole.
    person = "org, id, complaint_id, role, details, from_on, until_on, added_at"
    op.execute(f"grant select ({person}) on {SCHEMA}.complaint_person to {SCHEMA}_worker")
    for table in reversed(KEYS):
        op.execute(f"drop table {SCHEMA}.{table}")
