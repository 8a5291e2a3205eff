"""The beginning of a rush is held too, although it was told of when it came."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    # Of a row that holds: whether the others had been told of the answer before. What has no such row was told at once.
    op.execute(
        f"""
        alter table {SCHEMA}.response_standing
            add column was_told boolean not null default false,
            add constraint response_standing_told_before_it_was_held
                check (not was_told or (standing = 'held' and revision = 1))
        """
    )


def downgrade() -> None:
    op.execute(
        f"alter table {SCHEMA}.response_standing "
        "drop constraint response_standing_told_before_it_was_held, drop column was_told"
    )
