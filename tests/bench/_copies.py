"""Organisations as copies of one: all of its rows in a service's database, under other names."""

import asyncpg

# Where every unique key has the organisation in it, so that its rows can stand there twice; not what the system itself keeps.
_TABLES = """
    select quote_ident(c.relname) as name,
           string_agg(quote_ident(a.attname), ', ') filter (where a.attname <> 'org') as columns
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                         and a.attgenerated = '' and a.attidentity = ''
     where n.nspname = $1 and c.relkind = 'r' and c.relname not in ('outbox', 'inbox')
       and exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'org' and not o.attisdropped)
       and not exists (
           select from pg_index i
            where i.indrelid = c.oid and i.indisunique
              and not exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'org'
                                                          and o.attnum = any (i.indkey)))
     group by c.relname
"""


async def copied(connection: asyncpg.Connection, schema: str, org: str, names: list[str]) -> int:
    """Make each of `names` a copy of `org`, over a superuser's connection; gives the rows written."""
    written = 0
    async with connection.transaction():
        # Copies of rows that fit together fit together, and what triggers would tell others has been told.
        await connection.execute("set local session_replication_role = replica")
        for table in await connection.fetch(_TABLES, schema):
            said = await connection.execute(
                f"insert into {schema}.{table['name']} (org, {table['columns']}) "
                f"select o.org, {', '.join(f't.{each}' for each in table['columns'].split(', '))} "
                f"from {schema}.{table['name']} t cross join unnest($1::text[]) as o (org) where t.org = $2",
                names,
                org,
            )
            written += int(said.split()[-1])
    await connection.execute("vacuum analyze")
    return written
