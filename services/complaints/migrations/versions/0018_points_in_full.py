"""Points in full: what each is about and what is wanted, and their history (added, corrected, split, merged, duplicates).

`complaint_point` says how a point stands: `live` ones are answered and counted, `ancestors` are those that it was split from or
merged of, whose findings and learning stand for it. `point_version` keeps what it was about before, `point_change` what was
done. Nothing is deleted.
"""

from alembic import op

from chassis import tenancy

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
STEPS = (
    "'receive', 'acknowledge', 'extend', 'respond', 'request', 'accept', 'decline', 'agree', 'suspend', 'resume', "
    "'hold-panel', 'report', 'withdraw', 'discontinue', 'confirm', 'correct'"
)
NEW_STEPS = "'point-add', 'point-correct', 'point-split', 'point-merge', 'point-duplicate', 'point-take-back'"
TABLES = {
    "point_version": (
        f"""
        create table {SCHEMA}.point_version (
            org           text not null,
            complaint_id  uuid not null,
            point_id      uuid not null,
            version       integer not null,   -- of the complaint: by which it was about this
            category      text not null,
            service_area  text not null,
            team          text,
            need          text,
            desired       text,
            words_key     text,               -- keyed hashes by which words are compared
            wanted_key    text,
            words_sealed  bytea,              -- what the point is, and what is wanted, in words
            wanted_sealed bytea,
            constraint point_version_once primary key (org, complaint_id, point_id, version),
            constraint point_version_of foreign key (org, complaint_id, point_id)
                references {SCHEMA}.complaint_point (org, complaint_id, id),
            constraint point_version_words_have_a_key check ((words_key is null) = (words_sealed is null)),
            constraint point_version_wishes_have_a_key check ((wanted_key is null) = (wanted_sealed is null))
        )
        """,
        "select, insert",
    ),
    "point_change": (
        f"""
        create table {SCHEMA}.point_change (
            org           text not null,
            complaint_id  uuid not null,
            version       integer not null,   -- of the complaint after it
            kind          text not null,
            on_day        date not null,
            same_as       uuid,               -- of a duplicate: the other point, of this complaint or another
            taken_back_on date,
            taken_back_in integer,
            constraint point_change_once primary key (org, complaint_id, version),
            constraint point_change_of foreign key (org, complaint_id, version)
                references {SCHEMA}.complaint_change (org, complaint_id, version),
            constraint point_change_same_as foreign key (org, same_as) references {SCHEMA}.complaint_point (org, id),
            constraint point_change_kind_known check (kind in ('add', 'correct', 'split', 'merge', 'duplicate')),
            constraint point_change_duplicate_of_something check ((kind = 'duplicate') = (same_as is not null)),
            constraint point_change_taken_back_later check (taken_back_in > version),
            constraint point_change_taken_back_with_day check ((taken_back_on is null) = (taken_back_in is null))
        )
        """,
        "select, insert, update (taken_back_on, taken_back_in)",
    ),
    "point_change_part": (
        f"""
        create table {SCHEMA}.point_change_part (
            org          text not null,
            complaint_id uuid not null,
            version      integer not null,
            part         text not null,       -- 'of': what the change is about; 'made': what it made
            position     smallint not null,
            point_id     uuid not null,
            constraint point_change_part_once primary key (org, complaint_id, version, part, position),
            constraint point_change_part_of foreign key (org, complaint_id, version)
                references {SCHEMA}.point_change (org, complaint_id, version),
            constraint point_change_part_point foreign key (org, complaint_id, point_id)
                references {SCHEMA}.complaint_point (org, complaint_id, id),
            constraint point_change_part_known check (part in ('of', 'made'))
        )
        """,
        "select, insert",
    ),
}
_CHANGES = "category, service_area, team, need, desired, words_key, wanted_key, live, ancestors"
_WORDLESS = "org, complaint_id, point_id, version, category, service_area"

# A live point asks while the latest finding that stands for it says so and nothing was recorded for it, or for a point that it
# was split from or merged of: no action but dropped ones, no reason for none. A superseded point asks for nothing.
_ASKING = f"""
    insert into {SCHEMA}.learning_ask (org, point_id, complaint_id, service_area, stage, finding, since)
    select p.org, p.id, p.complaint_id, p.service_area, f.stage, f.finding, coalesce(s.responded_on, s.opened_on)
      from {SCHEMA}.complaint_point p
      join {SCHEMA}.finding f
        on f.org = p.org and f.complaint_id = p.complaint_id and f.point_id = any(p.id || p.ancestors)
      join {SCHEMA}.stage s on s.org = f.org and s.complaint_id = f.complaint_id and s.number = f.stage
     where p.live and f.finding in ('upheld', 'partially-upheld') and f.void_from is null and not f.brought_in
       and not exists (select from {SCHEMA}.finding l
                        where l.org = p.org and l.complaint_id = p.complaint_id and l.point_id = any(p.id || p.ancestors)
                          and l.stage > f.stage and l.void_from is null)
       and not exists (select from {SCHEMA}.learning_action a
                        where a.org = p.org and a.point_id = any(p.id || p.ancestors) and a.status <> 'dropped')
       and not exists (select from {SCHEMA}.learning_none n
                        where n.org = p.org and n.point_id = any(p.id || p.ancestors) and n.replaced_on is null)
       and p.org = its_org and p.complaint_id = its_complaint and (p.id = its_point or its_point = any(p.ancestors))
    on conflict on constraint learning_ask_key do nothing
"""
_REFRESH = f"""
    create or replace function {SCHEMA}.refresh_learning_ask() returns trigger language plpgsql as $$
    declare
        its_org text := coalesce(new.org, old.org);
        its_complaint uuid := coalesce(new.complaint_id, old.complaint_id);
        its_point uuid := {{point}};
    begin
        delete from {SCHEMA}.learning_ask k
         using {SCHEMA}.complaint_point p
         where k.org = its_org and k.complaint_id = its_complaint and p.org = k.org and p.id = k.point_id
           and (p.id = its_point or its_point = any(p.ancestors));
        {_ASKING};
        return null;
    end $$
"""
_REFRESH_OF_POINT = _REFRESH.replace("refresh_learning_ask()", "refresh_point_asks()")
_REFRESH_BEFORE = f"""
    create or replace function {SCHEMA}.refresh_learning_ask() returns trigger language plpgsql as $$
    declare
        its_org text := coalesce(new.org, old.org);
        its_point uuid := coalesce(new.point_id, old.point_id);
    begin
        delete from {SCHEMA}.learning_ask k where k.org = its_org and k.point_id = its_point;
        insert into {SCHEMA}.learning_ask (org, point_id, complaint_id, service_area, stage, finding, since)
        select f.org, f.point_id, f.complaint_id, p.service_area, f.stage, f.finding, coalesce(s.responded_on, s.opened_on)
          from {SCHEMA}.finding f
          join {SCHEMA}.complaint_point p on p.org = f.org and p.id = f.point_id
          join {SCHEMA}.stage s on s.org = f.org and s.complaint_id = f.complaint_id and s.number = f.stage
         where f.finding in ('upheld', 'partially-upheld') and f.void_from is null
           and not exists (select from {SCHEMA}.finding l
                            where l.org = f.org and l.point_id = f.point_id and l.stage > f.stage and l.void_from is null)
           and not exists (select from {SCHEMA}.learning_action a
                            where a.org = f.org and a.point_id = f.point_id and a.status <> 'dropped')
           and not exists (select from {SCHEMA}.learning_none n
                            where n.org = f.org and n.point_id = f.point_id and n.replaced_on is null)
           and f.org = its_org and f.point_id = its_point;
        return null;
    end $$
"""


def upgrade() -> None:
    op.execute(
        f"""
        alter table {SCHEMA}.complaint_point
            add team text, add need text, add desired text, add words_key text, add wanted_key text,
            add live boolean not null default true,
            add ancestors uuid[] not null default '{{}}'
        """
    )
    # How many changes of points there were when the stage was answered: its findings are on the points as they were then.
    op.execute(f"alter table {SCHEMA}.stage add points_changed smallint not null default 0")
    op.execute(f"grant update (points_changed) on {SCHEMA}.stage to {SCHEMA}_app")
    op.execute(f"grant update ({_CHANGES}) on {SCHEMA}.complaint_point to {SCHEMA}_app")
    _steps(f"{STEPS}, {NEW_STEPS}")
    for table, (statement, grants) in TABLES.items():
        op.execute(statement)
        tenancy.protect(op, SCHEMA, table, app=grants)
    op.execute(f"create index point_change_by_same_as on {SCHEMA}.point_change (org, same_as) where same_as is not null")
    _remember_what_is_there()
    op.execute(_REFRESH.format(point="coalesce(new.point_id, old.point_id)"))
    op.execute(_REFRESH_OF_POINT.format(point="new.id"))
    op.execute(
        f"create constraint trigger point_asks after update of live, ancestors, service_area on {SCHEMA}.complaint_point "
        f"deferrable initially deferred for each row execute function {SCHEMA}.refresh_point_asks()"
    )


def _steps(steps: str) -> None:
    op.execute(
        f"alter table {SCHEMA}.complaint_change drop constraint change_step_known, "
        f"add constraint change_step_known check (step in ({steps}))"
    )


def _remember_what_is_there() -> None:
    """The points that came in before; the owner sees past row-level security for this one statement."""
    for table in ("complaint_point", "point_version"):
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    op.execute(
        f"insert into {SCHEMA}.point_version ({_WORDLESS}) "
        f"select org, complaint_id, id, 1, category, service_area from {SCHEMA}.complaint_point"
    )
    for table in ("complaint_point", "point_version"):
        op.execute(f"alter table {SCHEMA}.{table} force row level security")


def downgrade() -> None:
    op.execute(f"drop trigger point_asks on {SCHEMA}.complaint_point")
    op.execute(f"drop function {SCHEMA}.refresh_point_asks()")
    op.execute(_REFRESH_BEFORE)
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
    op.execute(f"alter table {SCHEMA}.complaint_change no force row level security")
    op.execute(f"update {SCHEMA}.complaint_change set step = 'correct' where step in ({NEW_STEPS})")
    op.execute(f"alter table {SCHEMA}.complaint_change force row level security")
    _steps(STEPS)
    op.execute(f"alter table {SCHEMA}.stage drop points_changed")
    op.execute(
        f"alter table {SCHEMA}.complaint_point "
        "drop team, drop need, drop desired, drop words_key, drop wanted_key, drop live, drop ancestors"
    )
