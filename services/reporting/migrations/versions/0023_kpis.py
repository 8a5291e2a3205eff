"""What is posted for KPIs, in every version; and uploads that wait for a yes.

Records of this service's own: a rebuild of the read models does not touch them. They are never changed and never deleted:
a correction is a further version. Whoever records holds a lock of the organisation, so that numbers become visible in their
order.
"""

from alembic import op

from chassis import tenancy

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
_TABLE = f"""
    create table {SCHEMA}.kpi_observation (
        org            text not null,
        observation_id uuid not null,            -- of a KPI, a month and a place, whatever the version
        version        integer not null,
        kpi            text not null,
        month          date not null,
        service_area   text not null,
        team           text,                     -- where the KPI is posted by team
        numerator      bigint not null,          -- or the number, of a KPI that is no share
        denominator    bigint,
        reason         bytea,                    -- sealed: why it was corrected
        via            text not null,
        recorded_by    text not null,            -- subject of whoever sent or typed it
        recorded_name  bytea,                    -- sealed: their name, of a person
        recorded_at    timestamptz not null,
        sequence       bigint not null,          -- rises with every version, in the order in which they can be seen
        constraint kpi_observation_key primary key (org, observation_id, version),
        constraint kpi_observation_once unique nulls not distinct (org, kpi, month, service_area, team, version),
        constraint kpi_observation_sequence_once unique (org, sequence),
        constraint kpi_observation_of_a_month check (extract(day from month) = 1),
        constraint kpi_observation_counts check (numerator >= 0 and denominator >= 0),
        -- a part is never more than its whole
        constraint kpi_observation_is_a_part check (denominator is null or numerator <= denominator),
        constraint kpi_observation_version check (version >= 1),
        -- what stood there is not changed without saying why
        constraint kpi_observation_correction_has_reason check ((version = 1) = (reason is null)),
        constraint kpi_observation_via check (via in ('api', 'upload', 'page'))
    )
"""
_NOW = f"""
    create view {SCHEMA}.kpi_now with (security_invoker = true) as
    select k.* from {SCHEMA}.kpi_observation k
     where not exists (select from {SCHEMA}.kpi_observation x
                        where x.org = k.org and x.observation_id = k.observation_id and x.version > k.version)
"""

_FEED = f"""
    create view {SCHEMA}.feed_kpi_observation with (security_invoker = true) as
    select k.org, k.observation_id, k.kpi, k.month, k.service_area, k.team, k.numerator, k.denominator, k.version,
           f.recorded_at as occurred_at, k.recorded_at as changed_at, k.sequence as changed_sequence
      from {SCHEMA}.kpi_now k
      join {SCHEMA}.kpi_observation f on f.org = k.org and f.observation_id = k.observation_id and f.version = 1
"""
_NAMED = "label text not null, position integer not null"
_VALID = "valid_from date, valid_until date"
DIMENSIONS = {
    "dim_kpi": f"""
        kpi text not null, {_NAMED}, definition text not null, kind text not null, numerator text not null, denominator text,
        rest text, unit text not null, better text not null, every text not null, together text not null,
        service_areas text not null, by_team boolean not null, {_VALID}, source text not null, owner text not null,
        themes text not null, in_profile boolean not null, primary key (org, kpi)
    """,
    "dim_kpi_level": f"""
        kpi text not null, level text not null, number integer not null, {_VALID}, value double precision not null,
        primary key (org, kpi, level, number)
    """,
}


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute(f"create index kpi_observation_by_kpi on {SCHEMA}.kpi_observation (org, kpi, month)")
    # The worker reads: it has to see which rows a feed shows.
    tenancy.protect(op, SCHEMA, "kpi_observation", app="select, insert", worker="select")
    op.execute(_NOW)
    op.execute(_FEED)
    for view in ("kpi_now", "feed_kpi_observation"):
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app, {SCHEMA}_worker")
    for table, columns in DIMENSIONS.items():
        op.execute(f"create table {SCHEMA}.{table} (org text not null, {columns})")
        rights = "select, insert, update, delete" if table == "dim_kpi_level" else "select, insert, update"
        tenancy.protect(op, SCHEMA, table, app=rights, worker=rights)
    tenancy.create_upload_table(op, SCHEMA)


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.upload")
    for table in DIMENSIONS:
        op.execute(f"drop table {SCHEMA}.{table}")
    op.execute(f"drop view {SCHEMA}.feed_kpi_observation")
    op.execute(f"drop view {SCHEMA}.kpi_now")
    op.execute(f"drop table {SCHEMA}.kpi_observation")
