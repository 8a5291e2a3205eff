"""Restriction of use (Article 18): marks on records, and tables that refuse changes of a record whose use is restricted."""

from alembic import op

from chassis.subject.restricted import create_restriction_table, drop_restriction_table

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
FROZEN = (
    ("complaint", "complaint", "t.id"),
    ("complaint_change", "complaint", "t.complaint_id"),
    ("complaint_person", "complaint", "t.complaint_id"),
    ("complaint_point", "complaint", "t.complaint_id"),
    ("point_version", "complaint", "t.complaint_id"),
    ("stage", "complaint", "t.complaint_id"),
    ("finding", "complaint", "t.complaint_id"),
    ("letter", "complaint", "t.complaint_id"),
    ("letter_draft", "complaint", "t.complaint_id"),
    ("learning_action", "complaint", "t.complaint_id"),
    ("learning_none", "complaint", "t.complaint_id"),
    ("attachment", "complaint", "t.complaint_id"),
    ("learning_step", "complaint", "select a.complaint_id from learning_action a where a.org = t.org and a.id = t.action_id"),
    ("representation", "representation", "t.id"),
    ("representation_person", "representation", "t.representation_id"),
    ("representation_change", "representation", "t.representation_id"),
    ("comment", "representation", "t.representation_id"),
    ("attachment", "representation", "t.representation_id"),
    (
        "comment_passed_on",
        "representation",
        "select c.representation_id from comment c where c.org = t.org and c.id = t.comment_id",
    ),
    ("compliment", "compliment", "t.id"),
    ("compliment_words", "compliment", "t.compliment_id"),
    ("compliment_passed_on", "compliment", "t.compliment_id"),
)


def upgrade() -> None:
    create_restriction_table(op, SCHEMA, FROZEN)


def downgrade() -> None:
    drop_restriction_table(op, SCHEMA, FROZEN)
