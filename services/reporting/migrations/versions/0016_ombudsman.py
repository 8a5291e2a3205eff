"""Ombudsman cases as they stand: what was wanted by when and done when, what outcomes ask for; points brought in."""

from alembic import op

from chassis import tenancy

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
_COMMON = (
    "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null, changed_sequence bigint not null"
)
_CASE = "complaint_id uuid, service_area text not null, accepted_on date not null, outcome text"
TABLES = {
    "fact_ombudsman_case": f"""
        case_id uuid not null, version integer not null, {_CASE}, outcome_on date, actions integer, remedies text[] not null,
        primary key (org, case_id)
    """,
    "fact_ombudsman_deadline": f"""
        deadline_id uuid not null, case_id uuid not null, version integer not null, {_CASE}, kind text not null,
        due_on date not null, done_on date, remedy text,
        primary key (org, deadline_id)
    """,
}
_STAMPS = "f.occurred_at, f.changed_at, f.changed_sequence"
# A case of which nothing but its acceptance, or its outcome, was told has no row of its own as a whole yet.
_CASES = f"""
    select f.org, f.case_id, f.complaint_id, f.service_area, f.accepted_on,
           coalesce(c.outcome_on, f.outcome_on) as outcome_on, coalesce(c.outcome, f.outcome) as outcome,
           coalesce(c.actions, f.actions) as actions, coalesce(c.remedies, '{{}}') as remedy_codes,
           array_to_string(c.remedies, ';') as remedies, least(f.occurred_at, c.occurred_at) as occurred_at,
           greatest(f.changed_at, c.changed_at) as changed_at,
           greatest(f.changed_sequence, c.changed_sequence) as changed_sequence
      from {SCHEMA}.fact_ombudsman f
      left join {SCHEMA}.fact_ombudsman_case c on c.org = f.org and c.case_id = f.case_id
     where f.accepted_on is not null
"""
_DEADLINES = f"""
    select f.org, f.deadline_id, f.case_id, f.complaint_id, f.service_area, f.accepted_on, f.outcome, f.kind, f.remedy,
           f.due_on, f.done_on, {_STAMPS}
      from {SCHEMA}.fact_ombudsman_deadline f
"""
VIEWS = {"feed_ombudsman_case": _CASES, "feed_ombudsman_deadline": _DEADLINES}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} ({_COMMON}, {columns})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")
    op.execute(f"create index fact_ombudsman_deadline_by_due on {SCHEMA}.fact_ombudsman_deadline (org, due_on)")
    for view, statement in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{view} with (security_invoker = true) as {statement}")
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")
    op.execute(f"alter table {SCHEMA}.fact_point add came_by text")


def downgrade() -> None:
    op.execute(f"alter table {SCHEMA}.fact_point drop came_by")
    for view in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
