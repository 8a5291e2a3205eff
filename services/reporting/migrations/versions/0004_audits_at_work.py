"""Facts of audits at work, of disputes, and of acknowledged practice; and how an action of an audit stands."""

from alembic import op

from chassis import tenancy

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

# As in 0002: no foreign keys, the events of one record may arrive in several batches, and every column that another event tells
# of is empty until then.
TABLES = {
    "fact_audit_work": """
        audit_id uuid not null, kind text, tool text, tool_version integer, programme text, round text, service_area text,
        team text, allocated_on date, submit_by date, moderate_by date, moderated_on date, moderation_due_on date,
        departs boolean, revised boolean, review_due_on date, reviewed_on date, review_result text, reviews integer,
        withdrawn_on date, withdrawal_reason text, primary key (org, audit_id)
    """,
    "fact_audit_submission": """
        audit_id uuid not null, part text not null, submitted_on date not null, due_on date not null,
        primary key (org, audit_id, part)
    """,
    "fact_audit_escalation": """
        escalation_id uuid not null, audit_id uuid not null, raised_on date not null, acknowledged_on date,
        primary key (org, escalation_id)
    """,
    "fact_audit_action_state": """
        audit_id uuid not null, action text not null, status text not null, service_area text not null, team text,
        due_on date not null, done_on date, primary key (org, audit_id, action),
        constraint action_status_is_known check (status in ('open', 'done', 'dropped'))
    """,
    "fact_dispute": """
        dispute_id uuid not null, raised_on date, raised_by text, category text, service_area text, team text, stage text,
        stage_number integer, answer_due_on date, limit_in_all integer, ended_on date, result text, outcome text,
        informal boolean, primary key (org, dispute_id),
        constraint dispute_result_is_known check (result in ('resolved', 'withdrawn', 'reopened'))
    """,
    "fact_dispute_stage": """
        dispute_id uuid not null, number integer not null, stage text not null, reached_on date not null,
        limit_days integer not null, answer_due_on date not null, answered_on date, answered_by text, left_on date,
        working_days integer, calendar text not null, primary key (org, dispute_id, number)
    """,
    "fact_practice_acknowledgement": """
        acknowledgement_id uuid not null, acknowledged_on date not null, raised_by text not null, origin text not null,
        service_area text not null, team text, themes text[] not null, seen_on date, shared_on date, withdrawn_on date,
        primary key (org, acknowledgement_id)
    """,
}
INDEXES = {
    "fact_audit_work": "org, allocated_on",
    "fact_audit_action_state": "org, due_on",
    "fact_dispute": "org, raised_on",
    "fact_practice_acknowledgement": "org, acknowledged_on",
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(
            f"""
            create table {SCHEMA}.{table} (
                org text not null,
                occurred_at timestamptz not null,
                changed_at timestamptz not null,
                changed_sequence bigint not null,
                {columns}
            )
            """
        )
        if table in INDEXES:
            op.execute(f"create index {table}_by_day on {SCHEMA}.{table} ({INDEXES[table]})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
