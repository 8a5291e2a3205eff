"""Calls with their log, callers and what they owe, and answers that staff are taking down."""

from alembic import op

from chassis import tenancy

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
STEPS = "'added', 'no-answer', 'wrong-number', 'call-back', 'declined', 'done', 'take', 'hand-over', 'close', 'reopen', 'moved'"
APP_CHANGES = (
    "due_on, caller, state, revision, attempts, call_back_on, wrong_number, tried_on, ground, ended_on, response_id, "
    "language, service_area, team, about_on"
)


def upgrade() -> None:
    _call()
    _log()
    _callers()
    _entry()


def _call() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.call (
            org           text not null,
            id            uuid not null,
            programme     text not null,
            reference     text not null,         -- of the case-management system, where name and number are; neither is here
            due_on        date not null,
            due_month     date generated always as (due_on - (extract(day from due_on)::integer - 1)) stored,
            questionnaire text not null,
            language      text,                  -- null: the questionnaire's first
            service_area  text not null,
            team          text,
            about_on      date,
            caller        text,                  -- subject of who makes it; null: whoever takes it
            state         text not null default 'due'
                constraint call_state_is_known check (state in ('due', 'call-back', 'done', 'declined', 'closed')),
            revision      integer not null default 0,
            attempts      integer not null default 0,
            call_back_on  date,
            wrong_number  boolean not null default false,
            tried_on      date,
            ground        text
                constraint call_ground_is_known
                check (ground in ('not-reached', 'no-number', 'not-to-be-called', 'entered-by-mistake')),
            ended_on      date,
            response_id   uuid,
            added_at      timestamptz not null,
            primary key (org, id),
            foreign key (org, response_id) references {SCHEMA}.response (org, id),
            -- somebody is asked once a month in a programme, however often their call is sent
            constraint call_once_a_month unique (org, programme, reference, due_month),
            -- answers are stored with the attempt that brought them, or not at all
            constraint call_done_has_answers check ((state = 'done') = (response_id is not null)),
            constraint call_back_has_a_day check ((state = 'call-back') = (call_back_on is not null)),
            constraint call_closed_says_why check ((state = 'closed') = (ground is not null)),
            constraint call_open_has_not_ended check ((state in ('due', 'call-back')) = (ended_on is null)),
            constraint call_was_tried_by_somebody check (attempts = 0 or (caller is not null and tried_on is not null))
        ) with (fillfactor = 85)
        """
    )
    op.execute(f"create index call_to_make on {SCHEMA}.call (org, caller, due_on) where state in ('due', 'call-back')")
    op.execute(f"create index call_by_id on {SCHEMA}.call (org, programme, id)")
    tenancy.protect(op, SCHEMA, "call", app="select, insert")
    op.execute(f"grant update ({APP_CHANGES}) on {SCHEMA}.call to {SCHEMA}_app")


def _log() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.call_log (
            org          text not null,
            id           uuid not null,
            call_id      uuid not null,
            at           timestamptz not null,
            on_day       date not null,            -- the day in Britain: months are counted by it
            what         text not null constraint call_log_what_is_known check (what in ({STEPS})),
            programme    text not null,
            by_subject   text not null,
            by_name      bytea not null,           -- sealed
            revision     integer not null,         -- which the call had after it
            attempt      integer,                  -- which attempt it was
            code         text,                     -- a ground, or to whom it was handed over
            call_back_on date,
            consent      boolean,                  -- said before any answer was taken down
            note         bytea,                    -- sealed, short
            primary key (org, id),
            foreign key (org, call_id) references {SCHEMA}.call (org, id),
            -- two people never take the same step at once
            constraint call_log_revision_once unique (org, call_id, revision),
            constraint call_log_attempt_is_numbered check (
                (what in ('no-answer', 'wrong-number', 'call-back', 'declined', 'done')) = (attempt is not null)),
            constraint call_log_answers_need_consent check (what <> 'done' or consent)
        )
        """
    )
    op.execute(f"create index call_log_by_month on {SCHEMA}.call_log (org, on_day, by_subject) where attempt is not null")
    # Added to and read: nobody changes what somebody did.
    tenancy.protect(op, SCHEMA, "call_log", app="select, insert")


def _callers() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.caller (
            org     text not null,
            subject text not null,
            name    bytea not null,               -- sealed; as it stood when they last opened their calls
            seen_on date not null,
            primary key (org, subject)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "caller", app="select, insert, update")
    op.execute(
        f"""
        create table {SCHEMA}.caller_duty (
            org       text not null,
            subject   text not null,
            programme text not null,
            from_on   date not null,
            until_on  date,
            minimum   integer,                    -- calls a month; null: no number
            primary key (org, subject, programme, from_on),
            foreign key (org, subject) references {SCHEMA}.caller (org, subject),
            constraint caller_duty_minimum_is_positive check (minimum > 0),
            -- one that began and was taken back on the same day held on none
            constraint caller_duty_ends_after_it_began check (until_on >= from_on - 1)
        )
        """
    )
    # Of two officers at once one finds that it is held already.
    op.execute(f"create unique index caller_duty_once on {SCHEMA}.caller_duty (org, subject, programme) where until_on is null")
    tenancy.protect(op, SCHEMA, "caller_duty", app="select, insert")
    op.execute(f"grant update (until_on, minimum) on {SCHEMA}.caller_duty to {SCHEMA}_app")


def _entry() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.entry (
            org           text not null,
            id            uuid not null,
            made_by       text not null,         -- subject; nobody else may open it
            call_id       uuid,
            questionnaire text not null,
            version       integer not null,      -- with which it was begun
            channel       text not null
                constraint entry_channel_is_known check (channel in ('call', 'visit', 'audit', 'paper')),
            reference     text not null,
            language      text not null,
            service_area  text not null,
            team          text,
            about_on      date,
            answered_on   date not null,
            return_to     text,                  -- the page of ours that led here
            answers       jsonb not null,        -- by question; free text is sealed
            consent       boolean not null default false,
            revision      integer not null default 0,
            touched_at    timestamptz not null,
            response_id   uuid,
            worry         boolean not null default false,
            primary key (org, id),
            foreign key (org, call_id) references {SCHEMA}.call (org, id),
            foreign key (org, response_id) references {SCHEMA}.response (org, id),
            -- what was sent stands in the response, and nowhere beside it
            constraint entry_is_emptied_when_sent check (response_id is null or answers = '{{}}')
        ) with (fillfactor = 70)
        """
    )
    # Two windows in which the same call is begun show the same page.
    op.execute(f"create unique index entry_once_a_call on {SCHEMA}.entry (org, call_id, made_by) where response_id is null")
    op.execute(f"create index entry_by_person on {SCHEMA}.entry (org, made_by, touched_at)")
    tenancy.protect(op, SCHEMA, "entry", app="select, insert, delete")
    op.execute(
        f"grant update (answers, consent, reference, revision, touched_at, response_id, worry, version) "
        f"on {SCHEMA}.entry to {SCHEMA}_app"
    )


def downgrade() -> None:
    for table in ("entry", "caller_duty", "caller", "call_log", "call"):
        op.execute(f"drop table {SCHEMA}.{table}")
