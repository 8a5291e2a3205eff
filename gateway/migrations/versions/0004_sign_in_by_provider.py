"""Sign-in by OpenID Connect: the organisations' providers, attempts under way, logout tokens that were seen."""

from alembic import op

from chassis.tenancy import INSTALLATION, allow_holder, create_profile_table, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HASH = "'^[0-9a-f]{64}$'"


def upgrade() -> None:
    create_profile_table(op, "gateway", worker="")
    # The sign-in page lists which organisations have a provider, before anybody is anyone.
    op.execute(
        "create policy installation_lists on gateway.profile for select "
        f"using (current_setting('app.org', true) = '{INSTALLATION}')"
    )
    op.execute(
        f"""
        create table gateway.sign_in_attempt (
            state_hash   text primary key check (state_hash ~ {_HASH}),
            org          text not null constraint attempt_of_organisation references gateway.organisation,
            provider     text not null,
            -- SHA-256 of the cookie of the browser that began it: nobody can be signed in by an answer to somebody else
            browser_hash text not null check (browser_hash ~ {_HASH}),
            sealed       bytea not null,  -- nonce, code verifier, where to go afterwards
            created_at   timestamptz not null default now(),
            expires_at   timestamptz not null,
            constraint attempt_ends_after_it_begins check (expires_at > created_at)
        )
        """
    )
    op.execute("create index sign_in_attempt_age on gateway.sign_in_attempt (org, expires_at)")
    # No update: an attempt is made, and taken once.
    protect(op, "gateway", "sign_in_attempt", app="select, insert, delete")
    allow_holder(op, "gateway", "sign_in_attempt", "state_hash")
    op.execute(
        f"""
        create table gateway.logout_token (
            org        text not null constraint logout_token_of_organisation references gateway.organisation,
            provider   text not null,
            jti_hash   text not null check (jti_hash ~ {_HASH}),
            expires_at timestamptz not null,  -- from then on the token is refused for its age
            constraint logout_token_once primary key (org, provider, jti_hash)
        )
        """
    )
    protect(op, "gateway", "logout_token", app="select, insert, delete")


def downgrade() -> None:
    op.execute("drop table gateway.logout_token")
    op.execute("drop table gateway.sign_in_attempt")
    op.execute("drop table gateway.profile")
