"""A client has several credentials, each with its own end, and a history of what was done with it."""

from alembic import op

from chassis.tenancy import allow_holder, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_HASH = "'^[0-9a-f]{64}$'"


def upgrade() -> None:
    _change_client()
    _create_credential()
    _create_history()
    _create_refusal()
    _move_secrets()


def _change_client() -> None:
    op.execute(
        """
        alter table gateway.client
            add column networks text[] not null default '{}',  -- from where it may come, as CIDR; empty: from anywhere
            add column revision integer not null default 1 constraint client_revision check (revision > 0),
            add column disabled_by text,
            -- what belongs to a client names it together with its organisation
            add constraint client_of_its_organisation unique (org, client_id)
        """
    )
    # An identifier is no secret. A signed assertion names only it, and a wrong secret must be noted with the client it names.
    allow_holder(op, "gateway", "client", "client_id")


def _create_credential() -> None:
    op.execute(
        f"""
        create table gateway.credential (
            credential_id text primary key,
            org           text not null,
            client_id     text not null,
            kind          text not null constraint credential_kind
                          check (kind in ('api-key', 'client-secret', 'public-key', 'certificate')),
            name          text not null constraint credential_name check (char_length(name) between 1 and 100),
            -- SHA-256 of 256 random bits, of a certificate, or of a certificate's subject
            hash          text constraint credential_once unique constraint credential_hash check (hash ~ {_HASH}),
            public_key    jsonb,                     -- a JWK without its private part
            mark          text not null default '',  -- what its holder knows it by: key id, thumbprint, subject
            created_at    timestamptz not null default now(),
            created_by    text not null,
            expires_at    timestamptz,
            last_used_on  date,  -- to the day: enough to find what is forgotten, too coarse to watch anybody
            revoked_at    timestamptz,
            revoked_by    text,
            constraint credential_of_client foreign key (org, client_id) references gateway.client (org, client_id),
            constraint credential_is_a_hash_or_a_key check (
                (kind = 'public-key') = (public_key is not null) and (kind = 'public-key') = (hash is null)),
            -- nobody else can sign with a key that is not here
            constraint credential_key_is_public check (public_key is null or not public_key ?| array['d', 'k', 'p', 'q']),
            constraint credential_ends_after_it_begins check (expires_at is null or expires_at > created_at)
        )
        """
    )
    op.execute("create index credential_of_one_client on gateway.credential (org, client_id)")
    protect(op, "gateway", "credential", app="select, insert")
    # What a credential proves stays as it was made.
    op.execute("grant update (expires_at, last_used_on, revoked_at, revoked_by) on gateway.credential to gateway_app")
    allow_holder(op, "gateway", "credential", "hash")
    op.execute(
        "create policy assertion_of_client on gateway.credential for select using "
        "(kind = 'public-key' and client_id = nullif(current_setting('app.capability', true), ''))"
    )


def _create_history() -> None:
    op.execute(
        """
        create table gateway.client_history (
            position  bigint generated always as identity primary key,
            org       text not null,
            client_id text not null,
            at        timestamptz not null default now(),
            by        text not null,  -- subject of who did it
            by_label  text not null,
            act       text not null constraint history_act check (act in
                      ('made', 'changed', 'disabled', 'credential-made', 'credential-rotated', 'credential-revoked')),
            detail    jsonb not null default '{}',  -- codes, names of credentials, days; never a secret
            constraint history_of_client foreign key (org, client_id) references gateway.client (org, client_id)
        )
        """
    )
    op.execute("create index client_history_of_one on gateway.client_history (org, client_id, position desc)")
    protect(op, "gateway", "client_history", app="select, insert")


def _create_refusal() -> None:
    op.execute(
        """
        create table gateway.client_refusal (
            org           text not null,
            client_id     text not null,
            credential_id text not null default '',  -- empty: it named the client and proved nothing
            reason        text not null constraint refusal_reason check (reason in
                          ('wrong', 'expired', 'revoked', 'disabled', 'network', 'assertion', 'replayed')),
            last_at       timestamptz not null default now(),
            constraint refusal_once primary key (org, client_id, credential_id, reason),
            constraint refusal_of_client foreign key (org, client_id) references gateway.client (org, client_id)
        )
        """
    )
    protect(op, "gateway", "client_refusal", app="select, insert, update")


def _move_secrets() -> None:
    # Force is lifted for this one transaction, in which the owner moves the rows of every organisation.
    for table in ("client", "credential"):
        op.execute(f"alter table gateway.{table} no force row level security")
    for kind, name, column in (("api-key", "API key", "key_hash"), ("client-secret", "Client secret", "secret_hash")):
        op.execute(
            f"""
            insert into gateway.credential
                (credential_id, org, client_id, kind, name, hash, created_at, created_by, last_used_on)
            select 'c' || substr(md5(client_id || '{kind}'), 1, 15), org, client_id, '{kind}', '{name}', {column}, created_at,
                   created_by, last_used_on
            from gateway.client
            """
        )
    for table in ("client", "credential"):
        op.execute(f"alter table gateway.{table} force row level security")
    op.execute("drop policy holder_of_secret_hash on gateway.client")
    op.execute("drop policy holder_of_key_hash on gateway.client")
    op.execute("alter table gateway.client drop column secret_hash, drop column key_hash, drop column last_used_on")


def downgrade() -> None:
    op.execute("alter table gateway.client add column secret_hash text, add column key_hash text, add column last_used_on date")
    for table in ("client", "credential"):
        op.execute(f"alter table gateway.{table} no force row level security")
    # One of each is kept, the newest that is in use; who has none gets a hash that nobody holds a secret for.
    for kind, column in (("api-key", "key_hash"), ("client-secret", "secret_hash")):
        op.execute(
            f"""
            update gateway.client c set {column} = coalesce(
                (select k.hash from gateway.credential k
                 where k.org = c.org and k.client_id = c.client_id and k.kind = '{kind}' and k.revoked_at is null
                       and (k.expires_at is null or k.expires_at > now())
                 order by k.created_at desc, k.credential_id limit 1),
                encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex'))
            """
        )
    op.execute(
        "update gateway.client c set last_used_on = (select max(k.last_used_on) from gateway.credential k "
        "where k.org = c.org and k.client_id = c.client_id)"
    )
    for table in ("client_refusal", "client_history", "credential"):
        op.execute(f"drop table gateway.{table}")
    op.execute("alter table gateway.client force row level security")
    op.execute("drop policy holder_of_client_id on gateway.client")
    op.execute(
        f"""
        alter table gateway.client
            drop constraint client_of_its_organisation, drop column networks, drop column revision, drop column disabled_by,
            alter column secret_hash set not null, alter column key_hash set not null,
            add constraint client_secret_once unique (secret_hash), add constraint client_key_once unique (key_hash),
            add constraint client_secret_hash_check check (secret_hash ~ {_HASH}),
            add constraint client_key_hash_check check (key_hash ~ {_HASH})
        """
    )
    allow_holder(op, "gateway", "client", "secret_hash")
    allow_holder(op, "gateway", "client", "key_hash")
