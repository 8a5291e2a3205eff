"""Restriction of use (Article 18): marks on records, and tables that refuse changes of a record whose use is restricted."""

from alembic import op

from chassis.subject.restricted import create_restriction_table, drop_restriction_table

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
_TEXT = "from response_text x where x.org = t.org and x.id = t.comment_id"
FROZEN = (
    ("call", "call", "t.id"),
    ("call_log", "call", "t.call_id"),
    ("entry", "call", "t.call_id"),
    ("star", "star", "t.id"),
    # Readings that a person gave by their own link are theirs to give.
    ("star_reading", "star", "case when t.response_id is null then t.star_id end"),
    ("comment_mark", "answers", f"select x.response_id {_TEXT}"),
    # A quote can always be taken back.
    ("quote", "answers", f"case when t.state <> 'withdrawn' then (select x.response_id {_TEXT}) end"),
    ("approved_quote", "answers", "case when t.withdrawn_on is null then t.response_id end"),
)


def upgrade() -> None:
    create_restriction_table(op, SCHEMA, FROZEN)


def downgrade() -> None:
    drop_restriction_table(op, SCHEMA, FROZEN)
