"""What facts tell can be read in the feed: a fact that no set shows says why."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from reporting.adapters.facts import TABLES
from reporting.domain.odata.entity_sets import ENTITY_SETS

# Facts that no set of the feed reads, and why.
NOT_SHOWN = {
    "fact_caller_duty": "a caller is one of the staff: who owes how many calls is nobody's outside",
    "fact_questionnaire_edition": "the dimensions are made of it: Questionnaires, Questions, QuestionOptions",
    "fact_reduction": "what it tells of is gone: references leave the rows of others",
    "fact_star_erasure": "what it tells of is gone: its readings leave the table",
}
# Every table that a view reads, through however many views.
_READ = text(
    """
    with recursive read (view, relation) as (
        select distinct v.oid, d.refobjid
          from pg_class v
          join pg_rewrite r on r.ev_class = v.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
         where v.relname = any(:views) and v.relnamespace = 'reporting'::regnamespace and d.refobjid <> v.oid
         union
        select read.view, d.refobjid
          from read
          join pg_rewrite r on r.ev_class = read.relation
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
         where d.refobjid <> read.relation
    )
    select distinct c.relname from read join pg_class c on c.oid = read.relation where c.relkind in ('r', 'p')
    """
)


class TestEveryFact:
    async def test_is_in_the_feed_or_says_why_not(self, worker_engine: AsyncEngine) -> None:
        async with worker_engine.connect() as connection:
            read = set((await connection.execute(_READ, {"views": [each.view for each in ENTITY_SETS.values()]})).scalars())
        assert set(TABLES) - read == NOT_SHOWN.keys()
