"""Complaints and compliments of past years, brought in from a sheet: uploads that wait for a yes, and what came so is marked.

A finding that was brought in asks for no learning: what was learned of it was kept elsewhere, and thousands of points at once
would bury those that ask today. A finding made here on such a complaint asks as any other.
"""

from alembic import op

from chassis import tenancy

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    tenancy.create_upload_table(op, SCHEMA)
    for table in ("complaint", "compliment", "finding"):
        op.execute(f"alter table {SCHEMA}.{table} add brought_in boolean not null default false")
    op.execute(f"drop trigger finding_asks on {SCHEMA}.finding")
    for name, happens, when in (
        ("finding_asks", "insert or update", "not new.brought_in"),
        ("finding_asks_no_more", "delete", "not old.brought_in"),
    ):
        op.execute(
            f"create constraint trigger {name} after {happens} on {SCHEMA}.finding deferrable initially deferred "
            f"for each row when ({when}) execute function {SCHEMA}.refresh_learning_ask()"
        )


def downgrade() -> None:
    for name in ("finding_asks", "finding_asks_no_more"):
        op.execute(f"drop trigger {name} on {SCHEMA}.finding")
    op.execute(
        f"create constraint trigger finding_asks after insert or update or delete on {SCHEMA}.finding "
        f"deferrable initially deferred for each row execute function {SCHEMA}.refresh_learning_ask()"
    )
    for table in ("complaint", "compliment", "finding"):
        op.execute(f"alter table {SCHEMA}.{table} drop brought_in")
    op.execute(f"drop table {SCHEMA}.upload")
