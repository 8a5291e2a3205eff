"""What comes in before it is a complaint: representations with their people, decisions, drafts of the public form, comments.

Names, ways to reach somebody and what was said are sealed. What a decision makes of a representation (a complaint, a
compliment, a comment) is stored where such things are; the representation keeps the words.
"""

from alembic import op

from chassis import tenancy

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "complaints"

TABLES = (
    # Numbers without a gap, by kind and year: who asks where R-2026-0003 is gets an answer.
    """
    create table {s}.reference_counter (
        org  text not null,
        kind text not null,
        year smallint not null,
        last integer not null,
        constraint counter_key primary key (org, kind, year),
        constraint counter_counts check (last >= 1)
    )
    """,
    """
    create table {s}.representation (
        org            text not null,
        id             uuid not null,
        reference      text not null,     -- R-2026-0001; what the sender is told
        came_by        text not null,
        received_on    date not null,     -- day 0 of every clock, whenever it was typed in
        said           text not null,     -- what the sender says it is
        language       text not null default 'en',
        answer_by      text not null,
        standing       text not null,     -- for whom: as the sender says
        raised_by      text,              -- code of the profile
        from_child     boolean not null,  -- a child or care leaver: an advocate must be offered
        service_area   text,              -- where the officer or system knows it
        happened_on    date,
        urgent         boolean not null default false,  -- words of the profile's list stand in it
        details        bytea not null,    -- sealed: what was said, what is wanted, whom and what it is about
        state          text not null default 'received',
        revision       integer not null default 0,
        outcome        text,
        complaint_id   uuid,              -- what it became, or of what it is a duplicate
        compliment_id  uuid,
        comment_id     uuid,
        duplicate_of   uuid,
        went_to        text,
        advocate_offered_on date,
        advocate_offered_by text,
        advocate       text,
        own_reference  text,              -- of the system that posted it; unique
        content_hash   bytea not null,
        profile        integer not null,
        recorded_at    timestamptz not null default now(),
        recorded_by    text not null,
        constraint representation_key primary key (org, id),
        constraint representation_reference_once unique (org, reference),
        -- the same thing posted twice by a system, or sent twice from one form, is one
        constraint representation_own_reference_once unique (org, own_reference),
        constraint representation_came_by_known check (
            came_by in ('public-form', 'post', 'phone', 'e-mail', 'in-person', 'councillor-or-mp', 'other-system')),
        constraint representation_said_known check (said in ('complaint', 'comment', 'compliment', 'not-sure')),
        constraint representation_answer_by_known check (answer_by in ('post', 'e-mail', 'phone', 'other', 'none')),
        constraint representation_standing_known check (standing in ('self', 'on-behalf', 'not-said')),
        constraint representation_state_known check (state in ('received', 'decided')),
        -- decided is what has an outcome, and nothing else
        constraint representation_decided_has_outcome check ((state = 'decided') = (outcome is not null)),
        constraint representation_outcome_known check (outcome in
            ('complaint', 'informal-enquiry', 'compliment', 'comment', 'not-a-complaint', 'duplicate')),
        -- what it became stands beside what was decided
        constraint representation_became_what_was_decided check (case outcome
            when 'complaint' then complaint_id is not null
            when 'informal-enquiry' then complaint_id is not null
            when 'compliment' then compliment_id is not null
            when 'comment' then comment_id is not null
            when 'not-a-complaint' then went_to is not null
            when 'duplicate' then duplicate_of is not null or complaint_id is not null
            else coalesce(complaint_id, compliment_id, comment_id, duplicate_of) is null and went_to is null end),
        constraint representation_no_duplicate_of_itself check (duplicate_of <> id),
        constraint representation_advocate_known check (advocate in ('accepted', 'declined')),
        constraint representation_advocate_offered_first check (advocate is null or advocate_offered_on is not null),
        constraint representation_offered_by_somebody check ((advocate_offered_on is null) = (advocate_offered_by is null)),
        constraint representation_complaint foreign key (org, complaint_id) references {s}.complaint (org, id),
        constraint representation_compliment foreign key (org, compliment_id) references {s}.compliment (org, id),
        constraint representation_duplicate foreign key (org, duplicate_of) references {s}.representation (org, id)
    )
    """,
    """
    create table {s}.representation_person (
        org               text not null,
        representation_id uuid not null,
        position          smallint not null,
        role              text not null,
        details           bytea not null,  -- sealed: name and ways to reach them
        constraint representation_person_key primary key (org, representation_id, position),
        constraint representation_person_of foreign key (org, representation_id) references {s}.representation (org, id),
        constraint representation_person_role_known check (
            role in ('complainant', 'representative', 'advocate', 'mp-or-councillor', 'child'))
    )
    """,
    """
    create table {s}.representation_change (
        org               text not null,
        representation_id uuid not null,
        revision          integer not null,
        step              text not null,
        outcome           text,
        procedure         text,
        standing          text,
        timing            text,
        early_referral    text,
        words             bytea,           -- the reason, sealed
        at                timestamptz not null default now(),
        by_subject        text not null,
        by_name           bytea,           -- sealed
        -- two who decide at once cannot both win
        constraint representation_change_once primary key (org, representation_id, revision),
        constraint representation_change_of foreign key (org, representation_id) references {s}.representation (org, id),
        constraint representation_change_step_known check (step in ('receive', 'decide', 'undo', 'advocate'))
    )
    """,
    """
    create table {s}.comment (
        org               text not null,
        id                uuid not null,
        representation_id uuid not null,
        received_on       date not null,
        service_area      text not null,
        team              text,
        recorded_by       text not null,
        recorded_at       timestamptz not null default now(),
        withdrawn_at      timestamptz,     -- the decision was taken back
        constraint comment_key primary key (org, id),
        constraint comment_of foreign key (org, representation_id) references {s}.representation (org, id)
    )
    """,
    # Who opened what was said, or how to reach somebody.
    """
    create table {s}.opened (
        org        text not null,
        id         uuid not null,
        record     text not null,
        record_id  uuid not null,
        by_subject text not null,
        by_name    bytea not null,         -- sealed
        at         timestamptz not null default now(),
        constraint opened_key primary key (org, id),
        constraint opened_record_known check (record in ('representation', 'complaint', 'compliment'))
    )
    """,
    """
    create table {s}.intake_draft (
        org        text not null,
        id         bytea not null,         -- keyed hash of the secret that the sender holds
        content    bytea,                  -- sealed; gone once it was sent
        revision   integer not null default 1,
        expires_at timestamptz not null,
        representation_id uuid,
        constraint draft_key primary key (org, id),
        -- what was sent is kept by the representation, not here
        constraint draft_sent_is_empty check ((representation_id is null) = (content is not null)),
        constraint draft_representation foreign key (org, representation_id) references {s}.representation (org, id)
    )
    """,
)

INDEXES = (
    "create index representation_open on {s}.representation (org, received_on, id) where state = 'received'",
    "create index representation_newest on {s}.representation (org, received_on desc, id desc)",
    "create index representation_of_complaint on {s}.representation (org, complaint_id) where complaint_id is not null",
    "create index representation_of_compliment on {s}.representation (org, compliment_id) where compliment_id is not null",
    "create index representation_duplicates on {s}.representation (org, duplicate_of) where duplicate_of is not null",
    "create index comment_newest on {s}.comment (org, received_on desc, id desc)",
    "create index comment_of_representation on {s}.comment (org, representation_id)",
    "create index opened_of_record on {s}.opened (org, record, record_id, at desc)",
    "create index draft_expiry on {s}.intake_draft (expires_at)",
    "create index draft_of_representation on {s}.intake_draft (org, representation_id) where representation_id is not null",
)

_DECIDED = "state, revision, outcome, complaint_id, compliment_id, comment_id, duplicate_of, went_to"
_ADVOCATE = "advocate_offered_on, advocate_offered_by, advocate, from_child, service_area"
GRANTS = {
    "reference_counter": "select, insert, update (last)",
    "representation": f"select, insert, update ({_DECIDED}, {_ADVOCATE})",
    "representation_person": "select, insert",
    "representation_change": "select, insert",
    "comment": "select, insert, update (withdrawn_at)",
    "opened": "select, insert",
    "intake_draft": "select, insert, update (content, revision, expires_at, representation_id), delete",
}


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement.format(s=SCHEMA))
    for table, grants in GRANTS.items():
        # Old drafts are cleared away for all organisations.
        draft = table == "intake_draft"
        worker = "select (org, id, expires_at), delete" if draft else ""
        tenancy.protect(op, SCHEMA, table, app=grants, worker=worker, worker_sees_all=draft)
    tenancy.create_mail_table(op, SCHEMA)


def downgrade() -> None:
    for table in ("mail", *reversed(GRANTS)):
        op.execute(f"drop table {SCHEMA}.{table}")
