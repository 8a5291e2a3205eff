"""The worker clears away sessions, attempts to sign in, and tokens that are over."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What tells that a row is over, and nothing of anybody.
READ = {
    "session": "expires_at, ended_at",
    "sign_in_attempt": "expires_at",
    "logout_token": "expires_at",
    "assertion": "expires_at",
}


def upgrade() -> None:
    for table, columns in READ.items():
        op.execute(f"grant select ({columns}), delete on gateway.{table} to gateway_worker")
        op.execute(f"create policy mechanism on gateway.{table} to gateway_worker using (true)")


def downgrade() -> None:
    for table, columns in READ.items():
        op.execute(f"drop policy mechanism on gateway.{table}")
        op.execute(f"revoke select ({columns}), delete on gateway.{table} from gateway_worker")
