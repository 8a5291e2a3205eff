"""What is learned from complaints: actions as they stood after each change, and reasons for none."""

from alembic import op

from chassis import tenancy

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
_COMMON = (
    "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null, changed_sequence bigint not null"
)
_POINT = "complaint_id uuid not null, point_id uuid not null, stage integer not null, finding text not null"
TABLES = {
    # A row a revision, so that it does not matter in which order they come, and what stood on a past day is still known.
    "fact_learning_action": f"""
        action_id uuid not null, revision integer not null, {_POINT}, service_area text not null, team text,
        themes text[] not null, recorded_on date not null, first_due_on date not null, due_on date not null,
        status text not null, done_on date, reviewed_on date, difference text, changed_on date not null,
        primary key (org, action_id, revision)
    """,
    "fact_learning_none": f"""
        decision_id uuid not null, {_POINT}, service_area text not null, decided_on date not null,
        primary key (org, decision_id)
    """,
}
INDEXES = {
    "fact_learning_action_by_point": "fact_learning_action (org, point_id)",
    "fact_learning_action_by_due": "fact_learning_action (org, due_on)",
    "fact_learning_none_by_point": "fact_learning_none (org, point_id)",
}
_VIEW = f"""
    select f.org, f.action_id, f.complaint_id, f.point_id, f.stage, f.finding, f.service_area, f.team,
           array_to_string(f.themes, ';') as themes, f.themes as theme_codes, f.recorded_on, f.first_due_on, f.due_on, f.status,
           f.done_on, f.reviewed_on, f.difference, f.occurred_at, f.changed_at, f.changed_sequence
      from {SCHEMA}.fact_learning_action f
     where not exists (select from {SCHEMA}.fact_learning_action x
                        where x.org = f.org and x.action_id = f.action_id and x.revision > f.revision)
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} ({_COMMON}, {columns})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")
    for name, columns in INDEXES.items():
        op.execute(f"create index {name} on {SCHEMA}.{columns}")
    op.execute(f"create view {SCHEMA}.feed_learning_action with (security_invoker = true) as {_VIEW}")
    op.execute(f"grant select on {SCHEMA}.feed_learning_action to {SCHEMA}_app")


def downgrade() -> None:
    op.execute(f"drop view {SCHEMA}.feed_learning_action")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
