"""Retention of what staff write: holds, orders, runs and proofs (`chassis.retention`), and what the role that reduces may do.

Texts, choices of quotes and figures get an id of their own, by which one is held, reduced and proved.
"""

from alembic import op

from chassis.retention.tables import (
    REQUESTS,
    create_known_keys,
    create_retention_tables,
    drop_retention_tables,
)

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
NAMED = ("report_commentary", "report_quotes", "kpi_observation")
PARTS = ("plan_workstream", "plan_action", "plan_milestone")
GRANTS = {
    **REQUESTS,
    "report_commentary": "select (org, id, report, period, service_area, section, version, by, at), "
    "update (words_sealed, by, name_sealed)",
    "report_quotes": "select (org, id, report, period, service_area, version, by, at), update (by, name_sealed)",
    "report_issue": "select (org, id, report, period, service_area, number, state, prepared_by, checked_by, issued_by, "
    "ended_by, issued_at, ended_at, ended_reason), update (prepared_by, prepared_name, checked_by, checked_name, issued_by, "
    "issued_name, ended_by, ended_name, ended_reason)",
    "plan": "select (org, id, service_area, state, closed_on), update (words)",
    **dict.fromkeys(PARTS, "select (org, plan_id), update (words)"),
    "plan_step": "select (org, plan_id), update (by_subject, by_name, words)",
    "kpi_observation": "select (org, id, observation_id, kpi, month, service_area, version, reason, via, recorded_by, "
    "recorded_at), "
    "update (reason, recorded_by, recorded_name)",
}


def upgrade() -> None:
    for table in NAMED:
        op.execute(f"alter table {SCHEMA}.{table} add column id uuid not null default gen_random_uuid()")
        op.execute(f"alter table {SCHEMA}.{table} add constraint {table}_id_once unique (org, id)")
    create_retention_tables(op, SCHEMA, GRANTS, ())
    create_known_keys(op, SCHEMA)


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.retention_key")
    drop_retention_tables(op, SCHEMA, GRANTS, ())
    for table in NAMED:
        op.execute(f"alter table {SCHEMA}.{table} drop column id")
