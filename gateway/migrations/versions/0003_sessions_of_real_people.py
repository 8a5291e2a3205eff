"""Sessions of people who sign in at their organisation's provider: names sealed, service areas, when they were last used."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        alter table gateway.session
            alter column label drop not null,
            add column label_sealed bytea,
            add column areas text[] not null default '{}',  -- empty: all service areas
            add column browser text not null default 'Another browser',
            add column last_used_at timestamptz not null default now(),
            add column provider text,
            -- keyed pseudonyms of what the provider calls the person and the session there; it ends sessions by these
            add column provider_subject text,
            add column provider_session text,
            -- shown to the provider again when the person signs out there too
            add column id_token_sealed bytea,
            -- A real name stands in no plain column; those of the demonstration are made up.
            add constraint session_name_is_sealed check ((provider is null) = (label is not null)
                and (provider is null) = (label_sealed is null)),
            add constraint session_knows_its_person_at_the_provider check ((provider is null) = (provider_subject is null)),
            add constraint session_browser check (char_length(browser) between 1 and 60)
        """
    )
    op.execute("create index session_of_subject on gateway.session (org, subject) where ended_at is null")
    op.execute("create index session_at_provider on gateway.session (org, provider, provider_subject) where ended_at is null")


def downgrade() -> None:
    # Names cannot be unsealed here: who came in by a provider signs in again. Row-level security hides rows from a delete.
    op.execute("alter table gateway.session no force row level security")
    op.execute("delete from gateway.session where provider is not null")
    op.execute("alter table gateway.session force row level security")
    op.execute(
        """
        alter table gateway.session
            drop constraint session_name_is_sealed,
            drop constraint session_knows_its_person_at_the_provider,
            drop constraint session_browser,
            drop column label_sealed,
            drop column areas,
            drop column browser,
            drop column last_used_at,
            drop column provider_subject,
            drop column provider_session,
            drop column id_token_sealed,
            drop column provider,
            alter column label set not null
        """
    )
    op.execute("drop index if exists gateway.session_of_subject")
    op.execute("drop index if exists gateway.session_at_provider")
