"""Outcome stars: a person's course, its readings, who changed what, and links that are tied to a person and a point."""

from alembic import op

from chassis import tenancy

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
TABLES = ("star_link", "star_history", "star_reading", "star")


def upgrade() -> None:
    _star()
    _reading()
    _history()
    _link()


def _star() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.star (
            org          text not null,
            id           uuid not null,
            kind         text not null,         -- a code of the profile
            person_key   text not null,         -- keyed hash of the reference: what it is looked up by, and told of in events
            reference    bytea not null,        -- sealed: the case system's own name for the person
            service_area text not null,
            team         text,
            worker       bytea,                 -- sealed
            worker_key   text,                  -- keyed hash of the same
            opened_on    date not null,
            closed_on    date,
            closed_for   text,                  -- 'end-star', or a reason of the profile's
            revision     integer not null default 0,
            primary key (org, id),
            constraint star_worker_can_be_found check ((worker is null) = (worker_key is null)),
            constraint star_closed_says_why check ((closed_on is null) = (closed_for is null))
        ) with (fillfactor = 85)
        """
    )
    # A person has one course of a kind at a time; a new one begins when the last is over.
    op.execute(f"create unique index star_open_once on {SCHEMA}.star (org, kind, person_key) where closed_on is null")
    op.execute(f"create index star_by_person on {SCHEMA}.star (org, person_key, id)")
    op.execute(f"create index star_by_worker on {SCHEMA}.star (org, worker_key) where closed_on is null")
    tenancy.protect(op, SCHEMA, "star", app="select, insert")
    changes = "service_area, team, worker, worker_key, closed_on, closed_for, revision"
    op.execute(f"grant update ({changes}) on {SCHEMA}.star to {SCHEMA}_app")


def _reading() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.star_reading (
            org           text not null,
            id            uuid not null,
            star_id       uuid not null,
            point         text not null constraint star_reading_point_is_known check (point in ('start', 'mid', 'end')),
            taken_on      date not null,
            scores        jsonb not null,       -- by scale, of those that were answered
            answered_by   text not null
                constraint star_reading_answered_by_is_known
                check (answered_by in ('self', 'with-help', 'for-them', 'worker')),
            channel       text not null
                constraint star_reading_channel_is_known check (channel in ('link', 'staff', 'system')),
            questionnaire text not null,
            version       integer not null,
            service_area  text not null,        -- whose it was when it was taken
            team          text,
            state         text not null
                constraint star_reading_state_is_known check (state in ('counted', 'aside', 'withdrawn')),
            aside_for     text,                 -- why what a family sent does not count as it came
            response_id   uuid,                 -- the answers of a link
            revision      integer not null default 0,
            recorded_at   timestamptz not null,
            primary key (org, id),
            foreign key (org, star_id) references {SCHEMA}.star (org, id),
            foreign key (org, response_id) references {SCHEMA}.response (org, id),
            constraint star_reading_once_a_response unique (org, response_id),
            constraint star_reading_by_link_has_answers check ((channel = 'link') = (response_id is not null)),
            constraint star_reading_aside_says_why check ((state = 'aside') <= (aside_for is not null)),
            -- a reading without a score says nothing about anybody
            constraint star_reading_counted_has_scores check (state <> 'counted' or scores <> '{{}}')
        ) with (fillfactor = 90)
        """
    )
    # One start and one end a course, and what is posted again is found again: whoever of two comes second.
    for point in ("start", "end"):
        where = f"point = '{point}' and state = 'counted'"
        op.execute(f"create unique index star_reading_one_{point} on {SCHEMA}.star_reading (org, star_id) where {where}")
    op.execute(
        f"create unique index star_reading_once_a_day on {SCHEMA}.star_reading (org, star_id, point, taken_on) "
        f"where state = 'counted'"
    )
    op.execute(f"create index star_reading_by_star on {SCHEMA}.star_reading (org, star_id, taken_on)")
    tenancy.protect(op, SCHEMA, "star_reading", app="select, insert")
    changes = "point, taken_on, scores, answered_by, version, state, aside_for, revision"
    op.execute(f"grant update ({changes}) on {SCHEMA}.star_reading to {SCHEMA}_app")


def _history() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.star_history (
            org        text not null,
            id         uuid not null,
            star_id    uuid not null,
            reading_id uuid,
            at         timestamptz not null,
            what       text not null constraint star_history_what_is_known check (what in (
                'recorded', 'aside', 'corrected', 'withdrawn', 'closed', 'reopened', 'moved', 'link')),
            by_subject text,                    -- null for a family that answers by a link
            by_name    bytea,                   -- sealed
            before     jsonb,                   -- codes, days and scores, never words
            after      jsonb,
            primary key (org, id),
            foreign key (org, star_id) references {SCHEMA}.star (org, id),
            constraint star_history_says_who check ((by_subject is null) = (by_name is null)),
            -- a correction keeps what stood there
            constraint star_history_correction_keeps_what_was
                check (what not in ('corrected', 'withdrawn') or before is not null)
        )
        """
    )
    op.execute(f"create index star_history_by_star on {SCHEMA}.star_history (org, star_id, at, id)")
    # Added to and read: nobody changes what somebody did.
    tenancy.protect(op, SCHEMA, "star_history", app="select, insert")


def _link() -> None:
    # Beside the invitation, so that nothing in the list of links says whose it is.
    op.execute(
        f"""
        create table {SCHEMA}.star_link (
            org           text not null,
            invitation_id uuid not null,
            star_id       uuid not null,
            point         text not null constraint star_link_point_is_known check (point in ('start', 'mid', 'end')),
            answered_by   text not null,
            issued_on     date not null,
            primary key (org, invitation_id),
            foreign key (org, invitation_id) references {SCHEMA}.invitation (org, id),
            foreign key (org, star_id) references {SCHEMA}.star (org, id)
        )
        """
    )
    op.execute(f"create index star_link_by_star on {SCHEMA}.star_link (org, star_id)")
    tenancy.protect(op, SCHEMA, "star_link", app="select, insert")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"drop table {SCHEMA}.{table}")
