"""The worker clears away what was begun and is of no use any more."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "feedback"

# What tells that a row is of no use, and nothing of what was written.
READ = {
    "draft": "org, invitation_id, touched_on, submitted",
    "entry": "org, touched_at, response_id",
    "code_failure": "minute",
}


def upgrade() -> None:
    for table, columns in READ.items():
        op.execute(f"grant select ({columns}), delete on {SCHEMA}.{table} to {SCHEMA}_worker")
    op.execute(f"create index entry_by_time on {SCHEMA}.entry (org, touched_at)")


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.entry_by_time")
    for table, columns in READ.items():
        op.execute(f"revoke select ({columns}), delete on {SCHEMA}.{table} from {SCHEMA}_worker")
