"""Reaching families: messages by text and e-mail with their reminders, and families who ask to be contacted."""

from alembic import op

from chassis import tenancy

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
APP_SEES_OF_MESSAGES = "org, invitation_id, number, state, delivery, sent_at, last_error"
WORKER_SEES_OF_INVITATIONS = (
    "org, id, questionnaire, language, service_area, team, reusable, issued_on, expires_on, withdrawn_on, used_on"
)
WORKER_SEES_OF_REQUESTS = "org, id, reference, service_area, team, asked_on, due_on, state, closed_on, told"
CONCERN_COLUMNS = ("asked", "questionnaire", "service_area", "team", "language")


def upgrade() -> None:
    _sending()
    _send_address()
    _message()
    _contact_request()
    _contact_history()
    _contact_once()
    _concern()
    op.execute(f"grant select ({WORKER_SEES_OF_INVITATIONS}) on {SCHEMA}.invitation to {SCHEMA}_worker")
    # The worker tells that a message went out, in the transaction that writes it down.
    op.execute(f"grant insert on {SCHEMA}.outbox to {SCHEMA}_worker")


def _sending() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.sending (
            org           text not null,
            invitation_id uuid not null,
            channel       text not null constraint sending_channel_is_known check (channel in ('email', 'text')),
            no_hash       text not null constraint sending_no_once unique,  -- keyed hash of the address that says no
            said_no_on    date,
            primary key (org, invitation_id),
            foreign key (org, invitation_id) references {SCHEMA}.invitation (org, id)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "sending", app="select, insert", worker="select")
    op.execute(f"grant update (said_no_on) on {SCHEMA}.sending to {SCHEMA}_app")
    tenancy.allow_holder(op, SCHEMA, "sending", "no_hash")


def _send_address() -> None:
    # Apart, so that it can go while everything else stays: answered, withdrawn, ended, said no, or nothing left to be sent.
    op.execute(
        f"""
        create table {SCHEMA}.send_address (
            org           text not null,
            invitation_id uuid not null,
            address       bytea not null,  -- sealed
            token         bytea not null,  -- sealed: the link's, which a reminder repeats
            made_by       text not null,   -- subject of who issued it
            hint          bytea not null,  -- sealed: what they are shown of it, such as j•••@
            primary key (org, invitation_id),
            foreign key (org, invitation_id) references {SCHEMA}.sending (org, invitation_id)
        )
        """
    )
    # Those who serve pages put one in and take it away, and cannot read it.
    tenancy.protect(op, SCHEMA, "send_address", app="insert, delete", worker="select, delete")
    op.execute(f"grant select (org, invitation_id, made_by, hint) on {SCHEMA}.send_address to {SCHEMA}_app")


def _message() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.message (
            org           text not null,
            id            uuid not null,           -- what the carrier knows it by, the same for each attempt
            invitation_id uuid not null,
            number        smallint not null,       -- 0 brings the link, 1 and 2 remind
            state         text not null default 'waiting'
                constraint message_state_is_known check (state in ('waiting', 'sending', 'sent', 'failed', 'stopped')),
            attempts      integer not null default 0,
            doubtful      boolean not null default false,  -- an attempt may have got through without our knowing
            next_try_at   timestamptz not null default now(),
            created_at    timestamptz not null default now(),
            sent_at       timestamptz,
            carrier_id    text,                    -- under which the carrier tells what became of it
            delivery      text not null default 'none'
                constraint message_delivery_is_known check (delivery in ('none', 'unknown', 'pending', 'delivered', 'failed')),
            looks         integer not null default 0,
            next_look_at  timestamptz,
            last_error    text,                    -- names no person
            primary key (org, id),
            foreign key (org, invitation_id) references {SCHEMA}.sending (org, invitation_id),
            -- each once, however many workers look
            constraint message_once unique (org, invitation_id, number),
            -- a family is reminded twice at most, whatever a profile or a worker says
            constraint message_reminders_at_most_two check (number between 0 and 2),
            constraint message_sent_says_when check ((state = 'sent') = (sent_at is not null)),
            constraint message_delivery_of_what_was_sent check ((state = 'sent') = (delivery <> 'none')),
            constraint message_pending_is_looked_at check ((delivery = 'pending') = (next_look_at is not null))
        ) with (fillfactor = 85)
        """
    )
    op.execute(f"create index message_due on {SCHEMA}.message (org, next_try_at) where state in ('waiting', 'sending')")
    op.execute(f"create index message_looked_at on {SCHEMA}.message (org, next_look_at) where delivery = 'pending'")
    changed = "state, attempts, doubtful, next_try_at, sent_at, carrier_id, delivery, looks, next_look_at, last_error"
    tenancy.protect(op, SCHEMA, "message", app="insert", worker="select, insert")
    op.execute(f"grant select ({APP_SEES_OF_MESSAGES}) on {SCHEMA}.message to {SCHEMA}_app")
    op.execute(f"grant update (state) on {SCHEMA}.message to {SCHEMA}_app")
    op.execute(f"grant update ({changed}) on {SCHEMA}.message to {SCHEMA}_worker")


def _contact_request() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.contact_request (
            org           text not null,
            id            uuid not null,         -- random: it must not tell when it came
            reference     text not null,         -- random too, such as C-7KQ4M
            questionnaire text not null,
            service_area  text not null,
            team          text,
            language      text not null,
            young         boolean not null,
            details       bytea not null,        -- sealed: name, telephone or mail, best time, what about
            asked_on      date not null,         -- a day, not a time: it must not lead to an answer
            due_on        date not null,
            told          boolean not null default false,
            state         text not null default 'waiting'
                constraint contact_state_is_known check (state in ('waiting', 'taken', 'reached', 'closed')),
            revision      integer not null default 0,
            taken_by      text,
            closed_on     date,
            primary key (org, id),
            constraint contact_reference_once unique (org, reference),
            constraint contact_due_after_it_came check (due_on >= asked_on),
            constraint contact_taken_by_somebody check ((state = 'waiting') = (taken_by is null)),
            constraint contact_closed_says_when check ((state = 'closed') = (closed_on is not null))
        )
        """
    )
    op.execute(f"create index contact_to_do on {SCHEMA}.contact_request (org, due_on, reference) where state <> 'closed'")
    tenancy.protect(op, SCHEMA, "contact_request", app="select, insert", worker="delete")
    op.execute(f"grant update (state, revision, taken_by, closed_on) on {SCHEMA}.contact_request to {SCHEMA}_app")
    op.execute(f"grant select ({WORKER_SEES_OF_REQUESTS}) on {SCHEMA}.contact_request to {SCHEMA}_worker")
    op.execute(f"grant update (told) on {SCHEMA}.contact_request to {SCHEMA}_worker")


def _contact_history() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.contact_history (
            org        text not null,
            id         uuid not null,
            contact_id uuid not null,
            at         timestamptz not null,
            what       text not null
                constraint contact_history_what_is_known check (what in ('read', 'take', 'tried', 'reached', 'close')),
            by_subject text not null,
            by_name    bytea not null,        -- sealed
            revision   integer,               -- of a step: which the request had after it
            words      bytea,                 -- sealed
            primary key (org, id),
            foreign key (org, contact_id) references {SCHEMA}.contact_request (org, id) on delete cascade,
            -- two people never take the same step at once
            constraint contact_history_revision_once unique (org, contact_id, revision),
            constraint contact_history_step_has_revision check ((what = 'read') = (revision is null))
        )
        """
    )
    op.execute(f"create index contact_history_by_request on {SCHEMA}.contact_history (org, contact_id, at, id)")
    # Added to and read; it goes with its request and in no other way.
    tenancy.protect(op, SCHEMA, "contact_history", app="select, insert")


def _contact_once() -> None:
    # That a visit has asked, by a keyed hash that leads to no request; kept as long as a visit's cookie lives.
    op.execute(
        f"""
        create table {SCHEMA}.contact_once (
            org       text not null,
            visit_key text not null,
            day       date not null,
            primary key (org, visit_key)
        )
        """
    )
    op.execute(f"create index contact_once_by_day on {SCHEMA}.contact_once (org, day)")
    tenancy.protect(op, SCHEMA, "contact_once", app="select, insert", worker="delete")
    op.execute(f"grant select (org, day) on {SCHEMA}.contact_once to {SCHEMA}_worker")


def _concern() -> None:
    # A worry can also stand in what somebody wrote who asked to be contacted. Such a request goes after some weeks and belongs
    # to no answers; so the worry has a copy of its own.
    op.execute(
        f"""
        alter table {SCHEMA}.concern
            alter column response_id drop not null,
            add column asked         bytea,  -- sealed: who asked to be contacted, how, and what about
            add column questionnaire text,
            add column service_area  text,
            add column team          text,
            add column language      text,
            add constraint concern_has_one_origin check (
                case when response_id is null
                then num_nulls(asked, questionnaire, service_area, language) = 0
                else num_nonnulls(asked, questionnaire, service_area, team, language) = 0
                end
            )
        """
    )


def downgrade() -> None:
    op.execute(f"revoke insert on {SCHEMA}.outbox from {SCHEMA}_worker")
    op.execute(f"revoke select ({WORKER_SEES_OF_INVITATIONS}) on {SCHEMA}.invitation from {SCHEMA}_worker")
    # The release before knows no worry without a response. Stops, with nothing changed, where there is one: a worry is not
    # thrown away for a downgrade.
    op.execute(f"alter table {SCHEMA}.concern drop constraint concern_has_one_origin, alter column response_id set not null")
    for column in CONCERN_COLUMNS:
        op.execute(f"alter table {SCHEMA}.concern drop column {column}")
    for table in ("contact_once", "contact_history", "contact_request", "message", "send_address", "sending"):
        op.execute(f"drop table {SCHEMA}.{table}")
