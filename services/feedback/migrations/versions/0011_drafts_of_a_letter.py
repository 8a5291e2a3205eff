"""A draft belongs to a visit, on a letter too: those of a letter are found by their invitation."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    op.execute(f"create index draft_by_invitation on {SCHEMA}.draft (org, invitation_id)")


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.draft_by_invitation")
