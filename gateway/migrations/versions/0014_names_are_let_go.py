"""The worker lets go names of who kept access, where the installation says after how long (`gateway.access.names_over`)."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# What tells that a row is over, and what of it goes; never a hash or a key.
ALLOWED = {
    "client_history": "select (at, by), update (by, by_label)",
    "webhook_history": "select (at, by, act, subscription_id), update (by, by_label)",
    "client_refusal": "select (last_at), delete",
    "credential": "select (org, client_id, revoked_at, expires_at, created_by, revoked_by), "
    "update (name, mark, created_by, revoked_by)",
    "client": "select (created_by, disabled_by), update (name, created_by, disabled_by, networks)",
    "webhook_subscription": "update (name, created_by)",
    "operator_key": "select (ended_at, expires_at, created_by, ended_by), update (name, created_by, ended_by)",
}


def upgrade() -> None:
    for table, granted in ALLOWED.items():
        op.execute(f"grant {granted} on gateway.{table} to gateway_worker")
        op.execute(f"create policy names_over on gateway.{table} to gateway_worker using (true) with check (true)")


def downgrade() -> None:
    for table, granted in ALLOWED.items():
        op.execute(f"drop policy names_over on gateway.{table}")
        op.execute(f"revoke {granted} on gateway.{table} from gateway_worker")
