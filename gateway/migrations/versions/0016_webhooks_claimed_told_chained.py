"""Webhooks: who is told when one is disabled, claims that all workers count, and what is done with it in the chained trail."""

from alembic import op

from chassis.tenancy import create_mail_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is under way is an attempt without an outcome: few, in whatever process, and counted at each claim.
    op.execute("create index webhook_under_way on gateway.webhook_attempt (at) include (message_id) where kind is null")
    op.execute(
        """
        alter table gateway.webhook_subscription
            add column contact bytea,         -- sealed: where a mail goes when it is disabled
            add constraint webhook_deleted_has_no_contact check (status <> 'deleted' or contact is null)
        """
    )
    create_mail_table(op, "gateway")
    # From here on a history is read from the trail, and what was noted beside it stays as it is.
    op.execute("revoke insert on gateway.client_history from gateway_app")
    op.execute("revoke insert on gateway.webhook_history from gateway_app")
    op.execute("revoke insert on gateway.webhook_history from gateway_worker")
    for of in ("client", "subscription"):
        op.execute(
            f"create index trail_of_{of} on gateway.trail (org, (parameters ->> '{of}_id'), number) "
            f"where parameters ->> 'of' = '{of}'"
        )
    # The worker joins what it does itself: that a receiver answered, that a subscription was disabled. It seals nothing.
    op.execute("grant select (org, number, hash), insert on gateway.trail to gateway_worker")
    op.execute("grant select (org, at) on gateway.trail_checkpoint to gateway_worker")
    op.execute("create policy mechanism on gateway.trail to gateway_worker using (true) with check (true)")
    op.execute("create policy mechanism on gateway.trail_checkpoint for select to gateway_worker using (true)")


def downgrade() -> None:
    op.execute("drop policy mechanism on gateway.trail_checkpoint")
    op.execute("drop policy mechanism on gateway.trail")
    op.execute("revoke select (org, at) on gateway.trail_checkpoint from gateway_worker")
    op.execute("revoke select (org, number, hash), insert on gateway.trail from gateway_worker")
    for of in ("client", "subscription"):
        op.execute(f"drop index gateway.trail_of_{of}")
    op.execute("grant insert on gateway.webhook_history to gateway_worker")
    op.execute("grant insert on gateway.webhook_history to gateway_app")
    op.execute("grant insert on gateway.client_history to gateway_app")
    op.execute("drop table gateway.mail")
    op.execute("alter table gateway.webhook_subscription drop column contact")
    op.execute("drop index gateway.webhook_under_way")
