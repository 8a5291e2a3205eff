"""Consent to quote, comments with their themes, quotes that two people made, and what was changed because of feedback."""

from alembic import op

from chassis import tenancy

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "feedback"
PERSON = "by_subject text not null, by_name bytea not null"  # the name is sealed


def upgrade() -> None:
    _consent()
    _who_reads_words()
    _comment()
    _quote()
    _change()


def _consent() -> None:
    # Null is "not asked": words of such answers, old ones among them, are quoted nowhere.
    op.execute(
        f"""
        alter table {SCHEMA}.draft
            add column may_quote boolean,
            -- what was submitted stands in the response, and nowhere beside it
            add constraint draft_consent_goes_on_submit check (not submitted or may_quote is null)
        """
    )
    op.execute(f"alter table {SCHEMA}.response add column may_quote boolean")


def _who_reads_words() -> None:
    # An id of its own: the page of a comment must not carry the number of the response, which leads to all of its answers.
    op.execute(
        f"""
        alter table {SCHEMA}.response_text
            add column id uuid not null default gen_random_uuid(),
            add constraint response_text_id_once unique (org, id)
        """
    )
    op.execute(f"drop policy only_of_worries on {SCHEMA}.response_text")
    # Words are read for one of two reasons, and a transaction that does not say that it is about comments sees what it saw
    # before: words of worries. As comments are read those of all other answers, and of worries in which a person found nothing.
    op.execute(
        f"""
        create policy for_a_reason on {SCHEMA}.response_text as restrictive for select to {SCHEMA}_app using (
            case when current_setting('app.reading', true) = 'comments'
            then not exists (
                select from {SCHEMA}.concern c
                 where c.org = response_text.org and c.response_id = response_text.response_id
                   and not (c.state = 'closed' and c.finding = 'no-concern'))
            else exists (
                select from {SCHEMA}.concern c
                 where c.org = response_text.org and c.response_id = response_text.response_id)
            end)
        """
    )
    op.execute(f"create index response_by_day on {SCHEMA}.response (org, answered_on)")
    # How many answered of the same team in the same quarter.
    op.execute(f"create index response_by_group on {SCHEMA}.response (org, questionnaire, service_area, team, about_on)")


def _comment() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.comment_mark (
            org        text not null,
            comment_id uuid not null,
            revision   integer not null default 0,
            read_on    date not null,           -- the first day on which somebody said that it is read
            themes     text[] not null default '{{}}',
            primary key (org, comment_id),
            constraint comment_mark_is_of_a_comment
                foreign key (org, comment_id) references {SCHEMA}.response_text (org, id),
            constraint comment_mark_few_themes check (cardinality(themes) <= 50)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "comment_mark", app="select, insert")
    op.execute(f"grant update (revision, themes) on {SCHEMA}.comment_mark to {SCHEMA}_app")
    op.execute(
        f"""
        create table {SCHEMA}.comment_history (
            org        text not null,
            id         uuid not null,
            comment_id uuid not null,
            at         timestamptz not null,
            {PERSON},
            revision   integer not null,
            added      text[] not null,
            removed    text[] not null,
            primary key (org, id),
            constraint comment_history_is_of_a_comment
                foreign key (org, comment_id) references {SCHEMA}.response_text (org, id),
            constraint comment_history_revision_once unique (org, comment_id, revision),
            constraint comment_history_says_what check (cardinality(added) + cardinality(removed) > 0)
        )
        """
    )
    # Added to and read: nobody changes what somebody did.
    tenancy.protect(op, SCHEMA, "comment_history", app="select, insert")
    op.execute(
        f"""
        create table {SCHEMA}.comment_look (
            org        text not null,
            id         uuid not null,          -- of one page that was shown to somebody
            comment_id uuid not null,          -- each of those on it
            at         timestamptz not null,
            page       text not null
                constraint comment_look_page_is_known check (page in ('list', 'search', 'comment', 'quote')),
            {PERSON},
            primary key (org, id, comment_id),
            constraint comment_look_is_of_a_comment
                foreign key (org, comment_id) references {SCHEMA}.response_text (org, id)
        )
        """
    )
    op.execute(f"create index comment_look_by_comment on {SCHEMA}.comment_look (org, comment_id, at)")
    tenancy.protect(op, SCHEMA, "comment_look", app="select, insert")


def _quote() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.quote (
            org         text not null,
            id          uuid not null,
            comment_id  uuid not null,
            state       text not null
                constraint quote_state_is_known check (state in ('waiting', 'sent-back', 'approved', 'withdrawn')),
            revision    integer not null,
            version     integer not null,       -- of the text: a new redaction of an approved one is the next
            words       bytea not null,         -- what is left of the comment after redaction, sealed
            redacted_by text not null,
            decided_by  text,
            primary key (org, id),
            constraint quote_once_a_comment unique (org, comment_id),
            constraint quote_is_of_a_comment foreign key (org, comment_id) references {SCHEMA}.response_text (org, id),
            constraint quote_decided_by_somebody check (state = 'waiting' or decided_by is not null),
            -- two people, always
            constraint quote_approved_by_somebody_else check (state <> 'approved' or decided_by <> redacted_by)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "quote", app="select, insert")
    op.execute(f"grant update (state, revision, version, words, redacted_by, decided_by) on {SCHEMA}.quote to {SCHEMA}_app")
    # Without a yes of the person who wrote it nothing is even begun.
    op.execute(
        f"""
        create policy only_with_consent on {SCHEMA}.quote as restrictive for insert to {SCHEMA}_app with check (exists (
            select from {SCHEMA}.response_text t join {SCHEMA}.response r on r.org = t.org and r.id = t.response_id
             where t.org = quote.org and t.id = quote.comment_id and r.may_quote))
        """
    )
    op.execute(
        f"""
        create table {SCHEMA}.approved_quote (
            org           text not null,
            quote_id      uuid not null,
            version       integer not null,
            response_id   uuid not null,        -- shown nowhere: a quote of an answer with an open worry is used nowhere
            words         bytea not null,       -- sealed; leaves this service through the list of approved quotes alone
            questionnaire text not null,
            question      text not null,
            service_area  text not null,
            themes        text[] not null,
            language      text not null,
            released_on   date not null,
            redacted_by   text not null,
            approved_by   text not null,
            withdrawn_on  date,
            primary key (org, quote_id, version),
            foreign key (org, quote_id) references {SCHEMA}.quote (org, id),
            foreign key (org, response_id) references {SCHEMA}.response (org, id),
            constraint approved_quote_by_two_people check (approved_by <> redacted_by),
            constraint approved_quote_withdrawn_after check (withdrawn_on >= released_on)
        )
        """
    )
    op.execute(
        f"create unique index approved_quote_one_in_use on {SCHEMA}.approved_quote (org, quote_id) where withdrawn_on is null"
    )
    op.execute(f"create index approved_quote_by_day on {SCHEMA}.approved_quote (org, released_on, quote_id)")
    tenancy.protect(op, SCHEMA, "approved_quote", app="select, insert")
    op.execute(f"grant update (withdrawn_on) on {SCHEMA}.approved_quote to {SCHEMA}_app")
    _history("quote_history", "quote", "'redact', 'approve', 'send-back', 'withdraw'")


def _change() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.change_made (
            org          text not null,
            id           uuid not null,
            state        text not null
                constraint change_state_is_known check (state in ('draft', 'published', 'withdrawn')),
            revision     integer not null,
            service_area text not null,
            happened_on  date not null,
            words        bytea not null,        -- by language, sealed until it is published and after
            questions    text[] not null,       -- questionnaire/question
            themes       text[] not null,
            quotes       uuid[] not null,
            action       text,                  -- reference of an action of an audit
            published_on date,
            primary key (org, id),
            constraint change_published_says_when check (state = 'draft' or published_on is not null)
        )
        """
    )
    op.execute(f"create index change_by_day on {SCHEMA}.change_made (org, happened_on, id)")
    tenancy.protect(op, SCHEMA, "change_made", app="select, insert")
    changed = "state, revision, service_area, happened_on, words, questions, themes, quotes, action, published_on"
    op.execute(f"grant update ({changed}) on {SCHEMA}.change_made to {SCHEMA}_app")
    _history("change_history", "change_made", "'write', 'publish', 'withdraw'")


def _history(table: str, of: str, steps: str) -> None:
    op.execute(
        f"""
        create table {SCHEMA}.{table} (
            org      text not null,
            id       uuid not null,
            of_id    uuid not null,
            at       timestamptz not null,
            what     text not null constraint {table}_what_is_known check (what in ({steps})),
            {PERSON},
            revision integer not null,
            words    bytea,                    -- a reason, sealed
            primary key (org, id),
            foreign key (org, of_id) references {SCHEMA}.{of} (org, id),
            -- two people never take the same step at once
            constraint {table}_revision_once unique (org, of_id, revision)
        )
        """
    )
    tenancy.protect(op, SCHEMA, table, app="select, insert")


def downgrade() -> None:
    for table in (
        "change_history", "change_made", "quote_history", "approved_quote", "quote", "comment_look", "comment_history",
        "comment_mark",
    ):  # fmt: skip
        op.execute(f"drop table {SCHEMA}.{table}")
    op.execute(f"drop index {SCHEMA}.response_by_group")
    op.execute(f"drop index {SCHEMA}.response_by_day")
    op.execute(f"drop policy for_a_reason on {SCHEMA}.response_text")
    op.execute(
        f"create policy only_of_worries on {SCHEMA}.response_text as restrictive for select to {SCHEMA}_app "
        f"using (exists (select from {SCHEMA}.concern c "
        f"where c.org = response_text.org and c.response_id = response_text.response_id))"
    )
    op.execute(f"alter table {SCHEMA}.response_text drop constraint response_text_id_once, drop column id")
    op.execute(f"alter table {SCHEMA}.response drop column may_quote")
    op.execute(f"alter table {SCHEMA}.draft drop constraint draft_consent_goes_on_submit, drop column may_quote")
