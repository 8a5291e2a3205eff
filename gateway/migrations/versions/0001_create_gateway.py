"""Create who may come in: organisations, API clients, sessions."""

from alembic import op

from chassis.tenancy import INSTALLATION, ORG_PATTERN, allow_holder, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_HASH = "'^[0-9a-f]{64}$'"


def upgrade() -> None:
    op.execute(
        f"""
        create table gateway.organisation (
            org        text primary key constraint organisation_code check (org ~ '{ORG_PATTERN}'),
            name       text not null constraint organisation_name check (char_length(name) between 1 and 200),
            created_at timestamptz not null default now(),
            changed_at timestamptz not null default now()
        )
        """
    )
    protect(op, "gateway", "organisation")
    # Codes and names of organisations are no secret: the sign-in page and the operator list them.
    op.execute(
        "create policy installation_lists on gateway.organisation for select "
        f"using (current_setting('app.org', true) = '{INSTALLATION}')"
    )

    op.execute(
        f"""
        create table gateway.client (
            client_id    text primary key,
            org          text not null constraint client_of_organisation references gateway.organisation,
            name         text not null constraint client_name check (char_length(name) between 1 and 100),
            scopes       text[] not null constraint client_may_something check (cardinality(scopes) > 0),
            areas        text[] not null default '{{}}',  -- empty: all service areas
            -- SHA-256 of 256 random bits; the secrets themselves are shown once and kept nowhere
            secret_hash  text not null constraint client_secret_once unique check (secret_hash ~ {_HASH}),
            key_hash     text not null constraint client_key_once unique check (key_hash ~ {_HASH}),
            created_at   timestamptz not null default now(),
            created_by   text not null,
            disabled_at  timestamptz,
            last_used_on date  -- to the day: enough to find forgotten clients, too coarse to watch anybody
        )
        """
    )
    # Two clients in use may not look alike to the person who has to disable one of them.
    op.execute("create unique index client_name_once on gateway.client (org, name) where disabled_at is null")
    protect(op, "gateway", "client")
    allow_holder(op, "gateway", "client", "secret_hash")
    allow_holder(op, "gateway", "client", "key_hash")

    op.execute(
        f"""
        create table gateway.session (
            session_hash text primary key check (session_hash ~ {_HASH}),
            org          text not null constraint session_of_organisation references gateway.organisation,
            subject      text not null,
            label        text not null,
            role         text not null,
            created_at   timestamptz not null default now(),
            expires_at   timestamptz not null,
            ended_at     timestamptz,
            constraint session_ends_after_it_begins check (expires_at > created_at)
        )
        """
    )
    op.execute("create index session_age on gateway.session (expires_at)")
    protect(op, "gateway", "session", app="select, insert, update, delete")
    allow_holder(op, "gateway", "session", "session_hash")


def downgrade() -> None:
    op.execute("drop table gateway.session")
    op.execute("drop table gateway.client")
    op.execute("drop table gateway.organisation")
