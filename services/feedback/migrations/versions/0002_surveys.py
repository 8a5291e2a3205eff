"""Invitations with their links, drafts, responses and their texts, concerns, and wrong short codes."""

from alembic import op

from chassis import tenancy

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    _invitation()
    _link()
    _draft()
    _response()
    _concern()
    _code_failure()


def _invitation() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.invitation (
            org            text not null,
            id             uuid not null,
            client         text not null,                -- who asked for it
            reference      text,                         -- the client's own; never shown beside an answer
            fingerprint    bytea not null,               -- of what was asked for, to tell a repetition from a mistake
            questionnaire  text not null,
            version        integer not null,
            profile_number integer not null,             -- the wording that this link began with, for good
            channel        text not null
                constraint invitation_channel_is_known
                check (channel in ('letter', 'email', 'text', 'poster', 'handed-over')),
            reusable       boolean not null,
            service_area   text not null,
            team           text,
            about_on       date,
            issued_on      date not null,
            expires_on     date not null,
            withdrawn_on   date,
            used_on        date,
            primary key (org, id),
            constraint invitation_reference_once unique (org, client, reference),
            constraint invitation_expires_after_issue check (expires_on >= issued_on),
            -- a poster is answered by many and never used up
            constraint invitation_reusable_is_not_used_up check (not reusable or used_on is null),
            foreign key (org, profile_number) references {SCHEMA}.profile (org, number)
        ) with (fillfactor = 90)
        """
    )
    op.execute(f"create index invitation_by_questionnaire on {SCHEMA}.invitation (org, questionnaire)")
    tenancy.protect(op, SCHEMA, "invitation", app="select, insert")
    op.execute(f"grant update (withdrawn_on, used_on) on {SCHEMA}.invitation to {SCHEMA}_app")


def _link() -> None:
    # Apart from the invitation: who holds a link, without an organisation, sees which invitation it is for and nothing more.
    op.execute(
        f"""
        create table {SCHEMA}.link (
            org           text not null,
            invitation_id uuid not null,
            token_hash    text not null constraint link_token_once unique,
            code_hash     text not null constraint link_code_once unique,
            primary key (org, invitation_id),
            foreign key (org, invitation_id) references {SCHEMA}.invitation (org, id)
        )
        """
    )
    # A withdrawn link is deleted: from then on it is as unknown as one that never was.
    tenancy.protect(op, SCHEMA, "link", app="select, insert, delete")
    tenancy.allow_holder(op, SCHEMA, "link", "token_hash")
    tenancy.allow_holder(op, SCHEMA, "link", "code_hash")


def _draft() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.draft (
            org           text not null,
            id            uuid not null,        -- of a letter: its invitation's; of a poster: of one visit
            invitation_id uuid not null,
            answers       jsonb not null,       -- by question; free text is sealed
            touched_on    date not null,        -- a day, not a time: it must not lead to an answer
            submitted     boolean not null default false,
            primary key (org, id),
            foreign key (org, invitation_id) references {SCHEMA}.invitation (org, id),
            -- what was submitted stands in the response, and nowhere beside it
            constraint draft_is_emptied_on_submit check (not submitted or answers = '{{}}')
        ) with (fillfactor = 70)
        """
    )
    op.execute(f"create index draft_by_day on {SCHEMA}.draft (org, touched_on)")
    tenancy.protect(op, SCHEMA, "draft", app="select, insert, update, delete")


def _response() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.response (
            org           text not null,
            id            uuid not null,
            invitation_id uuid,                 -- null where staff entered the answers
            client        text,                 -- who entered them
            reference     text,
            fingerprint   bytea,                -- keyed: the answers could be guessed from a plain one
            questionnaire text not null,
            version       integer not null,
            language      text not null,
            channel       text not null
                constraint response_channel_is_known check (channel in ('link', 'call', 'visit', 'audit', 'paper')),
            service_area  text not null,
            team          text,
            about_on      date not null,
            answered_on   date not null,
            submitted_at  timestamptz not null,
            answers       jsonb not null,       -- state, choices, score, day by question; no text
            worry         boolean not null,
            primary key (org, id),
            foreign key (org, invitation_id) references {SCHEMA}.invitation (org, id),
            constraint response_reference_once unique (org, client, reference),
            -- what comes by a link has an invitation and names nobody; what staff enter has who entered it and their reference
            constraint response_has_one_origin check (
                case when channel = 'link'
                then invitation_id is not null and num_nonnulls(client, reference, fingerprint) = 0
                else num_nulls(client, reference, fingerprint) = 0
                end
            )
        )
        """
    )
    op.execute(f"create index response_by_questionnaire on {SCHEMA}.response (org, questionnaire)")
    tenancy.protect(op, SCHEMA, "response", app="select, insert")
    op.execute(
        f"""
        create table {SCHEMA}.response_text (
            org         text not null,
            response_id uuid not null,
            question    text not null,
            sealed      bytea not null,
            primary key (org, response_id, question),
            foreign key (org, response_id) references {SCHEMA}.response (org, id)
        )
        """
    )
    # Nothing reads the words yet, so nothing may.
    tenancy.protect(op, SCHEMA, "response_text", app="insert")


def _concern() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.concern (
            org         text not null,
            id          uuid not null,
            response_id uuid not null,
            questions   text[] not null,
            opened_at   timestamptz not null,
            state       text not null default 'open' constraint concern_state_is_known check (state in ('open')),
            primary key (org, id),
            constraint concern_once_a_response unique (org, response_id),
            foreign key (org, response_id) references {SCHEMA}.response (org, id)
        )
        """
    )
    # Restricted: the web process can open one and count them, and cannot see whose they are.
    tenancy.protect(op, SCHEMA, "concern", app="insert")
    op.execute(f"grant select (org, opened_at, state) on {SCHEMA}.concern to {SCHEMA}_app")


def _code_failure() -> None:
    # Of the installation: a wrong code belongs to no organisation.
    op.execute(
        f"""
        create table {SCHEMA}.code_failure (
            org      text not null default '{tenancy.INSTALLATION}',
            visitor  text not null,             -- keyed hash of a visit's random number, or '*' for all visits together
            minute   timestamptz not null,
            failures integer not null,
            primary key (org, visitor, minute),
            constraint code_failure_is_of_the_installation check (org = '{tenancy.INSTALLATION}')
        )
        """
    )
    op.execute(f"create index code_failure_by_minute on {SCHEMA}.code_failure (minute)")
    tenancy.protect(op, SCHEMA, "code_failure", app="select, insert, update, delete")


def downgrade() -> None:
    for table in ("code_failure", "concern", "response_text", "response", "draft", "link", "invitation"):
        op.execute(f"drop table {SCHEMA}.{table}")
