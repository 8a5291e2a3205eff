"""When somebody last proved who they are; and no ID token any more, which nothing needs since signing out does not send it."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table gateway.session drop column id_token_sealed")
    op.execute("alter table gateway.session add column proven_at timestamptz")  # null: the provider does not say


def downgrade() -> None:
    op.execute("alter table gateway.session drop column proven_at")
    op.execute("alter table gateway.session add column id_token_sealed bytea")
