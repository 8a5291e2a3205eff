"""Retention: holds, orders, runs and proofs (`chassis.retention`), and what the role that reduces records may do.

It sees the columns by which rows are found, and never one that is sealed: it empties them unread.
"""

from alembic import op

from chassis.retention.tables import create_retention_tables, drop_retention_tables

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "audit"
EVENTS = (
    ("loop.audit.v1.outcome_recorded", "outcome_id"),
    ("loop.audit.v1.audit_allocated", "audit_id"),
    ("loop.audit.v1.dispute_raised", "dispute_id"),
)
GRANTS = {
    "audit": "select (org, id, reference, service_area, round_id, case_key, state, allocated_on, moderated_on, withdrawn_on, "
    "discussed_on), update (reference, case_key, case_sealed, worker, discussed_by, discussion_sealed, withdrawal_sealed)",
    "entry": "select (org, audit_id), update (words_sealed, saved_by)",
    "question": "select (org, audit_id), delete",
    "action": "select (org, id, audit_id, status, changed_at), update (what_sealed, evidence_sealed, owner, set_by)",
    "action_step": "select (org, action_id), update (note_sealed, by)",
    "review": "select (org, audit_id, held_on), update (words_sealed)",
    "recipient": "select (org, audit_id), delete",
    "escalation": "select (org, id, audit_id, acknowledged_at, acknowledged_by), "
    "update (words_sealed, answer_sealed, raised_by, manager, acknowledged_by)",
    "step": "select (org, audit_id), update (by)",
    "round_case": "select (org, round_id, case_key), update (case_key, case_sealed, worker)",
    "outcome": "select (org, id), update (reference, digest)",
    "outcome_version": "select (org, outcome_id, content), update (content, posted_by, digest)",
    "dispute": "select (org, id, reference, source_reference, service_area, ended_on, informal_on), update (reference, "
    "source_reference, content_hash, raised_person, case_key, case_sealed, concern_sealed, informal_sealed)",
    "dispute_change": "select (org, record_id), delete",
    "dispute_stage": "select (org, dispute_id, begun_by, answered_on, result), "
    "update (person, role_sealed, to_team, reason_sealed, answer_sealed, ending_sealed)",
    "acknowledgement": "select (org, id, reference, source_reference, service_area, acknowledged_on, withdrawn_on), "
    "update (reference, source_reference, content_hash, raised_person, worker, good_sealed, withdrawal_sealed)",
    "acknowledgement_change": "select (org, record_id), delete",
    "acknowledgement_notice": "select (org, acknowledgement_id, told_on, seen_on, shared_on), update (person)",
}


def upgrade() -> None:
    create_retention_tables(op, SCHEMA, GRANTS, EVENTS)


def downgrade() -> None:
    drop_retention_tables(op, SCHEMA, GRANTS, EVENTS)
