"""Retention of outcomes of other systems, case lists, people who left and requests of people; what was reduced is known again.

A person gets a random id: by a hash of their code, which is often a name, whoever knows codes could find what was theirs. And
whoever reduces an audit may write whom it concerns, as the trigger does: one with an action could not be reduced without.
"""

from alembic import op

from chassis.retention.tables import REQUESTS, create_known_keys, grant_to_retention, revoke_from_retention

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "audit"
GRANTS = {
    **REQUESTS,
    "outcome": "select (source, reference, service_area, completed_on)",
    "round": "select (org, id, code, moderate_by), update (title, findings_sealed, created_by)",
    "round_case": "select (worker)",
    "round_step": "select (org, round_id), update (by)",
    "person": "select (org, id, code, subject, service_area, active, changed_at, line_manager), "
    "update (code, subject, name_sealed, email_sealed, team, manages, line_manager, duties)",
    "part": "select (org, audit_id, person), update (person)",
    "audit": "select (worker, reviewer), update (reviewer)",
    "action": "select (owner)",
    "review": "select (reviewer), update (reviewer)",
    "recipient": "select (person), update (person)",
    "escalation": "select (manager)",
    "dispute": "select (source, raised_person)",
    "dispute_stage": "select (person)",
    "acknowledgement": "select (source, raised_person, worker)",
    "acknowledgement_notice": "select (person)",
    "audit_person": "select, insert, delete",
    "mail": "select (org, key, state), delete",
}


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.person add column id uuid not null default gen_random_uuid()")
    op.execute(f"alter table {SCHEMA}.person add constraint person_id_once unique (org, id)")
    create_known_keys(op, SCHEMA)
    grant_to_retention(op, SCHEMA, GRANTS)


def downgrade() -> None:
    revoke_from_retention(op, SCHEMA, GRANTS)
    op.execute(f"drop table {SCHEMA}.retention_key")
    op.execute(f"alter table {SCHEMA}.person drop column id")
