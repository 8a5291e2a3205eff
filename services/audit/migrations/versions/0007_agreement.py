"""Agreement between auditors is counted over every grade of a period: an index of grades without the words beside them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    # Everything that is read of entry, so that its rows (kilobytes of sealed words each) are not: an index-only scan.
    op.execute(
        f"create index entry_grades on {SCHEMA}.entry (org, audit_id, part, entry) "
        f"include (grade, first_grade, not_applicable) where grade is not null or not_applicable"
    )
    op.execute(
        f"create index audit_moderated on {SCHEMA}.audit (org, moderated_on, tool) where state in ('moderated', 'closed')"
    )


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.audit_moderated")
    op.execute(f"drop index {SCHEMA}.entry_grades")
