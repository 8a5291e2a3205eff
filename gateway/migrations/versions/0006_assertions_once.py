"""A signed assertion gets an access token once, whichever process it is shown to (RFC 7523, 3)."""

from alembic import op

from chassis.tenancy import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table gateway.assertion (
            org        text not null,
            client_id  text not null,
            jti_hash   text not null constraint assertion_hash check (jti_hash ~ '^[0-9a-f]{64}$'),
            expires_at timestamptz not null,
            constraint assertion_once primary key (org, client_id, jti_hash),
            constraint assertion_of_client foreign key (org, client_id) references gateway.client (org, client_id)
        )
        """
    )
    op.execute("create index assertion_age on gateway.assertion (expires_at)")
    protect(op, "gateway", "assertion", app="select, insert, delete")


def downgrade() -> None:
    op.execute("drop table gateway.assertion")
