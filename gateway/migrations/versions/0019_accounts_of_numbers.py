"""Which account at a provider a number in the directory of staff belongs to."""

from alembic import op

from chassis.tenancy import protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_HASH = "'^[0-9a-f]{32}$'"


def upgrade() -> None:
    op.execute(
        f"""
        create table gateway.account (
            org      text not null constraint account_of_organisation references gateway.organisation,
            subject  text not null,  -- by which services know somebody: staff-E100
            provider text not null,
            issued   text not null check (issued ~ {_HASH}),   -- keyed: the issuer, and the client that we are there
            account  text not null check (account ~ {_HASH}),  -- keyed: its `sub`, which no other account is ever given
            since    timestamptz not null default now(),
            constraint account_of_number primary key (org, subject, provider)
        )
        """
    )
    protect(op, "gateway", "account", app="select, insert, delete")
    op.execute("grant update (issued, account, since) on gateway.account to gateway_app")


def downgrade() -> None:
    op.execute("drop table gateway.account")
