"""A review of an audit says, if its reviewer can, whether the actions made a difference."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.review add column difference text")
    # What is yet to be held has made none; the reviewer of one that was held need not say.
    op.execute(
        f"alter table {SCHEMA}.review add constraint review_difference_is_known check "
        "(difference is null or (held_on is not null and difference in ('yes', 'partly', 'no', 'too-early')))"
    )


def downgrade() -> None:
    op.execute(f"alter table {SCHEMA}.review drop column difference")
