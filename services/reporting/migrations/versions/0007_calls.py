"""Calls, attempts to make them, and what callers owe a month; the views behind their feeds name no caller."""

from alembic import op

from chassis import tenancy

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
TABLES = {
    "fact_call": """
        call_id uuid not null, programme text not null, questionnaire text not null, service_area text not null, team text,
        due_on date not null, status text not null, ended_on date, ground text, primary key (org, call_id)
    """,
    "fact_call_attempt": """
        call_id uuid not null, number integer not null, programme text not null, questionnaire text not null,
        service_area text not null, team text, caller_key text not null, attempted_on date not null, outcome text not null,
        primary key (org, call_id, number)
    """,
    # Whose number of calls a month it is, as a keyed pseudonym: without it nothing could be counted against a minimum.
    "fact_caller_duty": """
        caller_key text not null, programme text not null, from_on date not null, service_area text, until_on date,
        minimum integer, primary key (org, caller_key, programme, from_on)
    """,
}
INDEXES = {"fact_call": "org, due_on", "fact_call_attempt": "org, attempted_on"}
VIEWS = {
    "feed_call": f"""
        select k.org, k.call_id, k.programme, k.questionnaire, k.service_area, k.team, k.due_on, k.status, k.ended_on, k.ground,
               (select count(*) from {SCHEMA}.fact_call_attempt a where a.org = k.org and a.call_id = k.call_id)::integer
                   as attempts,
               k.occurred_at, greatest(k.changed_at, l.changed_at) as changed_at,
               greatest(k.changed_sequence, l.changed_sequence) as changed_sequence
          from {SCHEMA}.fact_call k
          left join lateral (
               select max(a.changed_at) as changed_at, max(a.changed_sequence) as changed_sequence
                 from {SCHEMA}.fact_call_attempt a where a.org = k.org and a.call_id = k.call_id) l on true
    """,
    "feed_call_attempt": f"""
        select org, call_id, number, programme, questionnaire, service_area, team, attempted_on, outcome, occurred_at,
               changed_at, changed_sequence
          from {SCHEMA}.fact_call_attempt
    """,
}


def upgrade() -> None:
    common = "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null"
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} ({common}, changed_sequence bigint not null, {columns})")
        if table in INDEXES:
            op.execute(f"create index {table}_by_day on {SCHEMA}.{table} ({INDEXES[table]})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")
    for view, query in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{view} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
