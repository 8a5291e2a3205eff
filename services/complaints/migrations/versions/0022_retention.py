"""Retention: holds, orders, runs and proofs (`chassis.retention`), and what the role that reduces records may do.

It sees the columns by which rows are found, and never one that is sealed: it empties them unread.
"""

from alembic import op

from chassis.retention.tables import create_retention_tables, drop_retention_tables

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
LEARNING = ("recorded", "changed", "completed", "reviewed")
EVENTS = tuple((f"loop.complaints.v1.learning_action_{each}", "complaint_id") for each in LEARNING)
GRANTS = {
    "complaint": "select (org, id, reference, received_on, referred_on, service_area, open), "
    "update (reference, content_hash, created_by)",
    "complaint_change": "select (org, complaint_id, dated_on), update (reason, by_name, recorded_by)",
    "complaint_person": "select (org, complaint_id), delete",
    "complaint_point": "select (org, id, complaint_id, service_area, live, ancestors), update (words_key, wanted_key)",
    "point_version": "select (org, complaint_id), update (words_sealed, words_key, wanted_sealed, wanted_key)",
    "finding": "select (org, complaint_id, stage, point_id, finding, void_from, reason, brought_in), update (reason)",
    "stage": "select (org, complaint_id, number, opened_on, responded_on)",
    "stage_request": "select (org, complaint_id, decided_on)",
    "learning_ask": "select (org, point_id, complaint_id), insert, delete",  # by the trigger that keeps it
    "learning_action": "select (org, id, complaint_id, point_id, team, status, recorded_on, done_on, reviewed_on), "
    "update (what_sealed, owner_sealed, owner_key, owner_name_key, evidence_sealed, created_by, reference)",
    "learning_step": "select (org, action_id), update (note_sealed, by)",
    "learning_none": "select (org, complaint_id, point_id, replaced_on), update (reason_sealed, decided_by)",
    "ombudsman_case": "select (org, id, complaint_id, reference, outcome_on), update (reference, content_hash, created_by)",
    "ombudsman_deadline": "select (org, id, case_id, done_on, done_by), update (what_sealed, done_by, created_by)",
    "letter": "select (org, id, complaint_id, sent_on), delete",
    "letter_draft": "select (org, complaint_id, changed_at), delete",
    "opened": "select (org, record, record_id), delete",
    "attachment": "select (org, file_id, complaint_id, representation_id, added_at)",
    "stored_file": "select (org, id), delete",
    "representation": "select (org, id, reference, own_reference, received_on, service_area, state, complaint_id, "
    "compliment_id, comment_id, duplicate_of, advocate_offered_by), update (details, reference, own_reference, content_hash, "
    "happened_on, advocate_offered_by, recorded_by)",
    "representation_change": "select (org, representation_id, at), update (words, by_name, by_subject)",
    "representation_person": "select (org, representation_id), delete",
    "intake_draft": "select (org, representation_id), delete",
    "comment": "select (org, id, representation_id), update (recorded_by)",
    "comment_passed_on": "select (org, comment_id), delete",
    "compliment": "select (org, id, reference, received_on, service_area), update (reference, content_hash, created_by)",
    "compliment_words": "select (org, compliment_id), delete",
    "compliment_passed_on": "select (org, compliment_id, at), delete",
    "mail": "select (org, key, state), delete",
}


def upgrade() -> None:
    create_retention_tables(op, SCHEMA, GRANTS, EVENTS)
    op.execute(f"create index mail_of_record on {SCHEMA}.mail (org, split_part(key, ':', 2))")


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.mail_of_record")
    drop_retention_tables(op, SCHEMA, GRANTS, EVENTS)
