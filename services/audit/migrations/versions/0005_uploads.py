"""Uploads: what was read of a sheet, until the person who sent it says that it is to be recorded."""

from alembic import op

from chassis import tenancy

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    tenancy.create_upload_table(op, SCHEMA)


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.upload")
