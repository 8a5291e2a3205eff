"""Retention: holds, orders, runs and proofs (`chassis.retention`), and what the role that reduces records may do.

It sees the columns by which rows are found, and never one that is sealed: it empties them unread.
"""

from alembic import op

from chassis.retention.tables import create_retention_tables, drop_retention_tables

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
EVENTS = (("loop.feedback.v1.response_submitted", "response_id"),)
GRANTS = {
    "response": "select (org, id, invitation_id, reference, channel, service_area, answered_on, may_quote), "
    "update (client, reference, fingerprint, submitted_at, may_quote)",
    "response_text": "select (org, id, response_id), update (sealed)",
    "response_standing": "select (org, response_id, changed_by), update (changed_by)",
    "comment_look": "select (org, comment_id), delete",
    "comment_history": "select (org, comment_id), update (by_subject, by_name)",
    "quote": "select (org, id, comment_id, state, decided_by), update (words, redacted_by, decided_by)",
    "quote_history": "select (org, of_id), update (by_subject, by_name, words)",
    "approved_quote": "select (org, response_id, withdrawn_on), update (words, redacted_by, approved_by)",
    "entry": "select (org, response_id, call_id), delete",
    "invitation": "select (org, id, reference, reusable, service_area, used_on, withdrawn_on, expires_on), "
    "update (reference, fingerprint)",
    "draft": "select (org, invitation_id), delete",
    "link": "select (org, invitation_id), delete",
    "send_address": "select (org, invitation_id), delete",
    "sending": "select (org, invitation_id), update (no_hash)",
    "message": "select (org, invitation_id), update (carrier_id, last_error)",
    "concern": "select (org, id, response_id, number, state, closed_at, service_area, looked_at_by), "
    "update (asked, looked_at_by)",
    "concern_history": "select (org, concern_id, by_subject), update (by_subject, by_name, words)",
    "call": "select (org, id, reference, service_area, ended_on, response_id), update (reference)",
    "call_log": "select (org, call_id), update (note, by_name)",
}
# Whom a hold by reference holds, before a star or a request goes by its age.
_PEOPLE = {"star": "person_key"}


def upgrade() -> None:
    create_retention_tables(op, SCHEMA, GRANTS, EVENTS)
    for table, column in _PEOPLE.items():
        op.execute(f"grant select ({column}) on {SCHEMA}.{table} to {SCHEMA}_worker")


def downgrade() -> None:
    for table, column in _PEOPLE.items():
        op.execute(f"revoke select ({column}) on {SCHEMA}.{table} from {SCHEMA}_worker")
    drop_retention_tables(op, SCHEMA, GRANTS, EVENTS)
