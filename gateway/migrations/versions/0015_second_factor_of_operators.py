"""The second factor of operators: what their codes are made of, and the passes that a right code gives for some hours."""

from alembic import op

from chassis.tenancy import INSTALLATION, protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        alter table gateway.operator_key
            add column totp_sealed bytea,       -- what the codes are made of, sealed
            add column totp_since  timestamptz, -- when the first right code came; before that it does not count
            add column totp_step   bigint,      -- of the last code that was taken: none counts twice
            add column wrong_codes integer not null default 0
                constraint operator_key_wrong_codes check (wrong_codes >= 0),
            add column wrong_at    timestamptz,
            add constraint operator_key_second_factor_is_kept check (totp_since is null or totp_sealed is not null)
        """
    )
    op.execute(
        "grant update (totp_sealed, totp_since, totp_step, wrong_codes, wrong_at) on gateway.operator_key to gateway_app"
    )
    op.execute(
        f"""
        create table gateway.operator_pass (
            org        text not null default '{INSTALLATION}',
            pass_hash  text primary key constraint operator_pass_hash check (pass_hash ~ '^[0-9a-f]{{64}}$'),
            key_id     text not null references gateway.operator_key (key_id),
            created_at timestamptz not null default now(),
            expires_at timestamptz not null,
            constraint operator_pass_is_of_the_installation check (org = '{INSTALLATION}'),
            -- a working day: whoever finds one finds it of no use the next morning
            constraint operator_pass_ends_the_same_day check (
                expires_at > created_at and expires_at <= created_at + interval '12 hours')
        )
        """
    )
    op.execute("create index operator_pass_of_key on gateway.operator_pass (key_id)")
    protect(op, "gateway", "operator_pass", app="select, insert, delete")


def downgrade() -> None:
    op.execute("drop table gateway.operator_pass")
    op.execute(
        "alter table gateway.operator_key drop column totp_sealed, drop column totp_since, drop column totp_step, "
        "drop column wrong_codes, drop column wrong_at"
    )
