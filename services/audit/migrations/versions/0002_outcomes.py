"""Outcomes posted by other systems: the version that counts, and every version as it was posted."""

from alembic import op

from chassis import tenancy

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.outcome (
            org          text not null,
            id           uuid not null,
            position     bigint generated always as identity,  -- order of recording, by which lists page
            source       text not null,                        -- subject of the client that posted it
            reference    text not null,
            version      integer not null,
            digest       bytea not null,
            kind         text not null,
            tool         text not null,
            service_area text not null,
            team         text,
            completed_on date not null,
            overall      text,
            rag          text,
            recorded_at  timestamptz not null default now(),   -- of the first version
            changed_at   timestamptz not null default now(),   -- of the current version
            constraint outcome_key primary key (org, id),
            -- a system's own number names one outcome, however often it is posted
            constraint outcome_reference_once unique (org, source, reference),
            constraint outcome_position_once unique (org, position),
            constraint outcome_version_counts_from_one check (version >= 1),
            constraint outcome_kind_is_known check (
                kind in ('looped', 'single', 'targeted', 'multi-agency', 'dip-sample', 'practice-evaluation')),
            constraint outcome_rag_is_known check (rag in ('red', 'amber', 'green')),
            -- a tool either grades or rates
            constraint outcome_graded_or_rated check (overall is null or rag is null),
            -- a digest is SHA-256
            constraint outcome_digest_is_whole check (octet_length(digest) = 32)
        )
        """
    )
    op.execute(
        f"""
        create table {SCHEMA}.outcome_version (
            org          text not null,
            outcome_id   uuid not null,
            version      integer not null,
            digest       bytea not null,
            service_area text not null,     -- of this version: a correction may move an outcome to another area
            tool_version integer not null,  -- of the profile in force when it was posted
            scale        text,
            suggested    text,              -- what the sections suggested for the overall grade
            content      jsonb not null,    -- everything that was posted, the case as its pseudonym
            posted_by    text not null,
            recorded_at  timestamptz not null default now(),
            constraint outcome_version_once primary key (org, outcome_id, version),
            constraint outcome_version_of_outcome foreign key (org, outcome_id) references {SCHEMA}.outcome (org, id),
            -- the case's own number must not get in, not even by mistake
            constraint outcome_version_without_case_reference check (not content ? 'case_reference')
        )
        """
    )
    # What counts is one of the versions in the history. Deferred: outcome and version are written by two statements.
    op.execute(
        f"""
        alter table {SCHEMA}.outcome add constraint outcome_current_is_in_history
            foreign key (org, id, version) references {SCHEMA}.outcome_version (org, outcome_id, version)
            deferrable initially deferred
        """
    )
    op.execute(f"create index outcome_completed on {SCHEMA}.outcome (org, completed_on, position)")
    tenancy.protect(op, SCHEMA, "outcome", app="select, insert")
    op.execute(
        f"grant update (version, digest, kind, tool, service_area, team, completed_on, overall, rag, changed_at) "
        f"on {SCHEMA}.outcome to {SCHEMA}_app"
    )
    # A version is never changed: nobody who serves requests may.
    tenancy.protect(op, SCHEMA, "outcome_version", app="select, insert")


def downgrade() -> None:
    op.execute(f"alter table {SCHEMA}.outcome drop constraint outcome_current_is_in_history")
    op.execute(f"drop table {SCHEMA}.outcome_version")
    op.execute(f"drop table {SCHEMA}.outcome")
