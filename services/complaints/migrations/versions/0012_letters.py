"""Letters about complaints: drafts, which people change, and what was sent, which nobody does."""

from alembic import op

from chassis import tenancy

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
KINDS = "('acknowledgement', 'extension', 'holding', 'response', 'closing', 'other')"
WAYS = "('email', 'post', 'handed-over', 'other')"

TABLES = (
    f"""
    create table {SCHEMA}.letter_draft (
        org          text not null,
        id           uuid not null,      -- becomes that of the letter
        complaint_id uuid not null,
        stage        smallint not null,
        kind         text not null,
        template     text,               -- code of the profile; none where it was begun without
        language     text not null,
        way          text not null,
        again_of     uuid,               -- the letter that it repeats
        revision     integer not null default 1,
        content      bytea not null,     -- sealed: to whom, what it says, what its step needs
        created_at   timestamptz not null default now(),
        created_by   text not null,
        changed_at   timestamptz not null default now(),
        changed_by   text not null,
        constraint letter_draft_key primary key (org, id),
        constraint letter_draft_of foreign key (org, complaint_id) references {SCHEMA}.complaint (org, id),
        constraint letter_draft_kind_known check (kind in {KINDS}),
        constraint letter_draft_way_known check (way in {WAYS})
    )
    """,
    f"""
    create table {SCHEMA}.letter (
        org          text not null,
        id           uuid not null,
        complaint_id uuid not null,
        stage        smallint not null,
        kind         text not null,
        template     text,
        language     text not null,
        way          text not null,
        sent_on      date not null,      -- the day that counts; by post that of posting
        recorded_at  timestamptz not null default now(),
        recorded_by  text not null,
        elsewhere    boolean not null default false,  -- made and sent outside, and recorded here
        how          text,               -- what it did to its stage: null for nothing
        version      integer,            -- of the complaint, as the step left it
        again_of     uuid,
        mail_key     text,               -- of the mail that carries it
        content      bytea,              -- sealed: to whom, and its words
        file         bytea,              -- sealed: the PDF exactly as it was sent
        constraint letter_key primary key (org, id),
        constraint letter_of foreign key (org, complaint_id) references {SCHEMA}.complaint (org, id),
        constraint letter_repeats foreign key (org, again_of) references {SCHEMA}.letter (org, id),
        -- what did not arrive is sent again once; that letter can be sent again in its turn
        constraint letter_again_once unique (org, again_of),
        constraint letter_kind_known check (kind in {KINDS}),
        constraint letter_way_known check (way in {WAYS}),
        constraint letter_how_known check (how in ('taken', 'attached', 'corrected')),
        constraint letter_step_has_version check ((how is null) = (version is null)),
        constraint letter_mailed_where_by_mail check ((way = 'email' and not elsewhere) = (mail_key is not null)),
        -- what we send is kept whole
        constraint letter_kept_whole check (elsewhere or (content is not null and file is not null))
    )
    """,
)
INDEXES = (
    f"create index letter_draft_of_complaint on {SCHEMA}.letter_draft (org, complaint_id, created_at)",
    f"create index letter_of_complaint on {SCHEMA}.letter (org, complaint_id, sent_on, recorded_at, id)",
    f"create unique index letter_by_mail on {SCHEMA}.letter (org, mail_key) where mail_key is not null",
    # Few mails fail; the lists of what did not arrive begin with those.
    f"create index mail_failed on {SCHEMA}.mail (org, key) where state = 'failed'",
)
_SENT = "org, id, complaint_id, stage, kind, way, sent_on, version, again_of, mail_key"


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    changed = "stage, way, revision, content, changed_at, changed_by"
    tenancy.protect(op, SCHEMA, "letter_draft", app=f"select, insert, update ({changed}), delete")
    tenancy.protect(op, SCHEMA, "letter", app="select, insert")
    # Who runs a case is told when a mail did not arrive: where the letter stands, and how to reach them.
    op.execute(f"grant select ({_SENT}) on {SCHEMA}.letter to {SCHEMA}_worker")
    op.execute(f"grant select (org, complaint_id, version, step, stage, code) on {SCHEMA}.complaint_change to {SCHEMA}_worker")
    person = "org, id, complaint_id, role, details, from_on, until_on, added_at"
    op.execute(f"grant select ({person}) on {SCHEMA}.complaint_person to {SCHEMA}_worker")
    _know_openings("'representation', 'complaint', 'compliment', 'letter'")


def downgrade() -> None:
    op.execute(f"delete from {SCHEMA}.opened where record = 'letter'")
    _know_openings("'representation', 'complaint', 'compliment'")
    for table in ("complaint_person", "complaint_change"):
        op.execute(f"revoke select on {SCHEMA}.{table} from {SCHEMA}_worker")
    op.execute(f"drop index {SCHEMA}.mail_failed")
    op.execute(f"drop table {SCHEMA}.letter")
    op.execute(f"drop table {SCHEMA}.letter_draft")


def _know_openings(records: str) -> None:
    op.execute(f"alter table {SCHEMA}.opened drop constraint opened_record_known")
    op.execute(f"alter table {SCHEMA}.opened add constraint opened_record_known check (record in ({records}))")
