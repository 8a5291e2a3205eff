"""Stars are erased: when their time is over, by the worker, and for a person who asks for it, by an officer."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
TABLES = ("star_link", "star_history", "star_reading", "star")
# The worker finds those whose time is over, and must not be able to read anything of a person.
SEEN = {
    "star": "org, id, closed_on",
    "star_reading": "org, star_id",
    "star_history": "org, star_id",
    "star_link": "org, star_id",
}


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"grant delete on {SCHEMA}.{table} to {SCHEMA}_app, {SCHEMA}_worker")
        op.execute(f"grant select ({SEEN[table]}) on {SCHEMA}.{table} to {SCHEMA}_worker")
    op.execute(f"grant update (revision) on {SCHEMA}.star to {SCHEMA}_worker")  # it locks what it is about to erase
    op.execute(f"create index star_by_closing on {SCHEMA}.star (org, closed_on) where closed_on is not null")


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.star_by_closing")
    op.execute(f"revoke update (revision) on {SCHEMA}.star from {SCHEMA}_worker")
    for table in TABLES:
        op.execute(f"revoke select ({SEEN[table]}) on {SCHEMA}.{table} from {SCHEMA}_worker")
        op.execute(f"revoke delete on {SCHEMA}.{table} from {SCHEMA}_app, {SCHEMA}_worker")
