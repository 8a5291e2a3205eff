"""Restriction of use (Article 18): marks on records, and tables that refuse changes of a record whose use is restricted."""

from alembic import op

from chassis.subject.restricted import create_restriction_table, drop_restriction_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "audit"
FROZEN = (
    ("audit", "audit", "t.id"),
    ("part", "audit", "t.audit_id"),
    ("entry", "audit", "t.audit_id"),
    ("question", "audit", "t.audit_id"),
    ("action", "audit", "t.audit_id"),
    ("review", "audit", "t.audit_id"),
    ("action_step", "audit", "select a.audit_id from action a where a.org = t.org and a.id = t.action_id"),
    ("dispute", "dispute", "t.id"),
    ("dispute_stage", "dispute", "t.dispute_id"),
    ("acknowledgement", "acknowledgement", "t.id"),
    ("outcome", "outcome", "t.id"),
    ("outcome_version", "outcome", "t.outcome_id"),
)


def upgrade() -> None:
    create_restriction_table(op, SCHEMA, FROZEN)


def downgrade() -> None:
    drop_restriction_table(op, SCHEMA, FROZEN)
