"""The star schema: one table a kind of fact, at the finest grain that holds no personal data.

Every fact carries the day by which it is counted, `occurred_at` (when the source first told of it; never changes), `changed_at`
(when the source last changed it) and `changed_sequence` (that change's number in the source's log: the high-water mark). All of
it comes out of events alone, so that a rebuild gives the same rows. What several facts are filtered by (procedure, tool, team)
is repeated in each: reports and BI tools then read one table.
"""

from alembic import op

from chassis import tenancy

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

# No foreign keys between facts: events of different sources arrive in any order, and the order within one is the consumer's.
TABLES = {
    "fact_audit": """
        outcome_id uuid not null, version integer not null, kind text not null, tool text not null,
        tool_version integer not null, service_area text not null, team text, completed_on date not null,
        allocated_on date, submitted_on date, moderated_on date, scale text, overall text, rag text,
        findings text[] not null, themes text[] not null, cases integer not null,
        lead integer not null, peer integer not null, moderation integer not null, single integer not null,
        primary key (org, outcome_id),
        constraint audit_counts_are_not_negative check (least(cases, lead, peer, moderation, single) >= 0)
    """,
    "fact_audit_section": """
        outcome_id uuid not null, section text not null, position integer not null, tool text not null,
        tool_version integer not null, kind text not null, service_area text not null, team text,
        completed_on date not null, scale text, state text not null, grade text, lead_grade text, peer_grade text,
        primary key (org, outcome_id, section)
    """,
    "fact_audit_action": """
        outcome_id uuid not null, action text not null, tool text not null, service_area text not null, team text,
        completed_on date not null, due_on date not null, done_on date,
        primary key (org, outcome_id, action)
    """,
    "fact_invitation": """
        invitation_id uuid not null, questionnaire text, questionnaire_version integer, channel text, reusable boolean,
        service_area text, team text, about_on date, issued_on date, expires_on date, withdrawn_on date,
        primary key (org, invitation_id)
    """,
    "fact_response": """
        response_id uuid not null, invitation_id uuid, questionnaire text not null, questionnaire_version integer not null,
        language text not null, channel text not null, service_area text not null, team text, about_on date not null,
        answered_on date not null, submitted_at timestamptz not null,
        primary key (org, response_id)
    """,
    "fact_answer": """
        response_id uuid not null, question text not null, position integer not null, questionnaire text not null,
        questionnaire_version integer not null, channel text not null, service_area text not null, team text,
        about_on date not null, answered_on date not null, state text not null, choices text[] not null, score integer,
        primary key (org, response_id, question),
        constraint answer_state_is_known check (state in ('answered', 'skipped', 'does-not-apply', 'not-asked'))
    """,
    "fact_complaint": """
        complaint_id uuid not null, procedure text not null, formality text not null, received_on date not null,
        service_area text not null, team text, need text, route text, raised_by text, points integer not null,
        primary key (org, complaint_id),
        constraint complaint_formality_is_known check (formality in ('formal', 'informal'))
    """,
    "fact_point": """
        point_id uuid not null, complaint_id uuid not null, category text not null, service_area text not null,
        procedure text not null, formality text not null, received_on date not null, team text, need text, route text,
        raised_by text, primary key (org, point_id)
    """,
    "fact_stage": """
        complaint_id uuid not null, stage integer not null, requested_on date, decided_on date, decision text,
        started_on date, due_on date, limit_days integer, extended_on date, responded_on date, working_days integer,
        calendar text, primary key (org, complaint_id, stage),
        constraint stage_decision_is_known check (decision in ('accepted', 'declined'))
    """,
    "fact_finding": """
        point_id uuid not null, stage integer not null, complaint_id uuid not null, finding text not null,
        found_on date not null, primary key (org, point_id, stage)
    """,
    "fact_ombudsman": """
        case_id uuid not null, complaint_id uuid, service_area text, accepted_on date, outcome_on date, outcome text,
        actions integer, primary key (org, case_id)
    """,
    "fact_compliment": """
        compliment_id uuid not null, received_on date not null, service_area text not null, team text, source text not null,
        external boolean not null, primary key (org, compliment_id)
    """,
}

# Reports ask for an organisation and a span of days, most for one questionnaire, tool or procedure too.
INDEXES = {
    "fact_audit": "org, completed_on",
    "fact_audit_section": "org, tool, completed_on",
    "fact_audit_action": "org, due_on",
    "fact_invitation": "org, questionnaire, issued_on",
    "fact_response": "org, questionnaire, about_on",
    "fact_answer": "org, questionnaire, about_on",
    "fact_complaint": "org, received_on",
    "fact_point": "org, received_on",
    "fact_finding": "org, complaint_id",
    "fact_ombudsman": "org, accepted_on",
    "fact_compliment": "org, received_on",
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
    # Up to where a rebuild has to read before reports answer again: half a read model gives wrong figures.
    op.execute(
        f"""
        create table {SCHEMA}.rebuild_target (
            org      text not null default '{tenancy.INSTALLATION}',
            source   text primary key,
            sequence bigint not null,
            constraint target_is_of_the_installation check (org = '{tenancy.INSTALLATION}')
        )
        """
    )
    tenancy.protect(op, SCHEMA, "rebuild_target", app="select, insert, update", worker="select")


def downgrade() -> None:
    for table in ("rebuild_target", *reversed(TABLES)):
        op.execute(f"drop table {SCHEMA}.{table}")
