"""Facts of what came in before it was a complaint, and what was decided. As in 0005: the newest account of a thing stands."""

from alembic import op

from chassis import tenancy

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

TABLES = {
    "fact_representation": """
        representation_id uuid not null, received_on date not null, recorded_on date not null, came_by text not null,
        said text not null, language text not null, raised_by text, service_area text, from_child boolean not null,
        primary key (org, representation_id)
    """,
    "fact_representation_decision": """
        representation_id uuid not null, revision integer not null, decided_on date not null, outcome text, procedure text,
        timing text, went_to text, working_days integer, complaint_id uuid, compliment_id uuid, service_area text,
        primary key (org, representation_id)
    """,
}
DAYS = {"fact_representation": "received_on", "fact_representation_decision": "decided_on"}


def upgrade() -> None:
    for table, columns in TABLES.items():
        common = "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null"
        op.execute(f"create table {SCHEMA}.{table} ({common}, changed_sequence bigint not null, {columns})")
        op.execute(f"create index {table}_by_day on {SCHEMA}.{table} (org, {DAYS[table]})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
