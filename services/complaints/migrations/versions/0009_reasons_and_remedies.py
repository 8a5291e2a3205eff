"""Why a finding was made, and what was done to put things right."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.finding
            add reason bytea,                           -- free text, sealed with the organisation's key
            add remedies text[] not null default '{{}}' -- codes of the profile
        """
    )


def downgrade() -> None:
    op.execute(f"alter table {SCHEMA}.finding drop reason, drop remedies")
