"""A subscription says when it was deleted, so that its names go after the period, and a key's second factor with its name."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FACTOR = "totp_sealed, totp_since, totp_step"


def upgrade() -> None:
    op.execute("alter table gateway.webhook_subscription add column deleted_at timestamptz")
    # It was told by the history beside the subscription, and since migration 0016 is by the trail.
    for table in ("webhook_subscription", "webhook_history", "trail"):
        op.execute(f"alter table gateway.{table} no force row level security")
    op.execute(
        """
        update gateway.webhook_subscription s set deleted_at = coalesce(
            (select max(h.at) from gateway.webhook_history h where h.subscription_id = s.subscription_id and h.act = 'deleted'),
            (select max(t.at) from gateway.trail t where t.org = s.org and t.parameters ->> 'of' = 'subscription'
                and t.parameters ->> 'subscription_id' = s.subscription_id and t.parameters ->> 'act' = 'deleted'),
            now())
         where s.status = 'deleted'
        """
    )
    for table in ("webhook_subscription", "webhook_history", "trail"):
        op.execute(f"alter table gateway.{table} force row level security")
    op.execute(
        "alter table gateway.webhook_subscription "
        "add constraint webhook_deleted_says_when check ((status = 'deleted') = (deleted_at is not null))"
    )
    op.execute(f"grant update ({FACTOR}) on gateway.operator_key to gateway_worker")


def downgrade() -> None:
    op.execute(f"revoke update ({FACTOR}) on gateway.operator_key from gateway_worker")
    op.execute("alter table gateway.webhook_subscription drop column deleted_at")
