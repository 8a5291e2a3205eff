"""How often each pair of grades was given in moderated audits, counted by the database; and which audits stand behind it.

Two sources: the parts of audits that were done here, and outcomes that other systems posted with lead and peer grades. An
auditor counts with the grade as first submitted (the moderator's question may have changed it since), the moderator with the
final one. Outcomes of audits that were done here are in the outcome tables too, and are not counted a second time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.domain.agreement_report import Comparison, PairCount, Standing

OWN_SOURCE = "audit"
"""Source of the outcomes of audits that were done here."""

_FILTERS = {
    "areas": "a.service_area = any(cast(:areas as text[]))",
    "tool": "a.tool = :tool",
    "service_area": "a.service_area = :service_area",
    "programme": "a.programme = :programme",
    "moderated_from": "a.moderated_on >= :moderated_from",
    "moderated_to": "a.moderated_on <= :moderated_to",
    # Their audits first, by an index: one person's are few.
    "auditor": "a.id in (select p.audit_id from part p where p.person = :auditor and p.part in ('lead', 'peer', 'single'))",
}
_ONLY_HERE = ("programme", "auditor")
"""What posted outcomes do not know of: their programme, and who their auditors were."""

# One row an audit and section with everybody's grade beside it. Audit by audit (lateral), so that parts and entries are found
# by index however many there are; entry_grades (migration 0007) holds every column that is read of entry, so that the sealed
# words beside them are never fetched.
_DONE_HERE = """
    with judged as (
        select a.id, a.reference, a.tool, a.scale, a.moderated_on, p.*, e.*
          from audit a
         cross join lateral (
               select max(p.person) filter (where p.part = 'lead') as lead_by,
                      max(p.person) filter (where p.part = 'peer') as peer_by,
                      max(p.person) filter (where p.part = 'single') as single_by,
                      bool_or(p.part = 'moderation') as moderated
                 from part p where p.org = a.org and p.audit_id = a.id and p.state = 'submitted') p
         cross join lateral (
               select e.entry,
                      max(e.first_grade) filter (where e.part = 'lead') as lead,
                      max(e.first_grade) filter (where e.part = 'peer') as peer,
                      max(e.first_grade) filter (where e.part = 'single') as single,
                      max(e.grade) filter (where e.part = 'moderation') as final,
                      array_agg(e.part) filter (where e.not_applicable) as without
                 from entry e
                where e.org = a.org and e.audit_id = a.id and (e.grade is not null or e.not_applicable)
                  and e.part in ('lead', 'peer', 'single', 'moderation') and {section}
                group by e.entry) e
         where a.state in ('moderated', 'closed') and a.scale is not null and {filters}
    ), pairs as (
        select 'audit' as kind, j.id, j.reference, j.tool, j.scale, j.moderated_on, j.entry, c.comparison, c.auditor,
               c.first, c.second, coalesce(j.without && c.parts, false) as not_applicable
          from judged j
         cross join lateral (values
               ('lead-peer', j.lead_by, j.lead, j.peer, array['lead', 'peer'], j.peer_by is not null),
               ('peer-lead', j.peer_by, j.peer, j.lead, array['lead', 'peer'], j.lead_by is not null),
               ('lead-moderator', j.lead_by, j.lead, j.final, array['lead', 'moderation'], j.moderated),
               ('peer-moderator', j.peer_by, j.peer, j.final, array['peer', 'moderation'], j.moderated),
               ('single-moderator', j.single_by, j.single, j.final, array['single', 'moderation'], j.moderated)
             ) c (comparison, auditor, first, second, parts, there)
         where c.auditor is not null and c.there
"""
_POSTED = """
         union all
        select 'outcome', a.id, a.reference, a.tool, a.scale, a.moderated_on, e.entry, c.comparison, null,
               c.first, c.second, e.not_applicable
          from (select o.id, o.reference, o.tool, o.service_area, v.scale, v.content -> 'sections' as sections,
                       coalesce(cast(v.content ->> 'moderated_on' as date), o.completed_on) as moderated_on,
                       cast(v.content -> 'activity' ->> 'moderation' as integer) > 0 as moderated
                  from outcome o
                  join outcome_version v on v.org = o.org and v.outcome_id = o.id and v.version = o.version
                 where o.source <> :own_source and v.scale is not null and {completed}) a
         cross join lateral (
               select s.section as entry, s.grade, s.lead, s.peer, s.not_applicable
                 from jsonb_to_recordset(a.sections)
                   as s (section text, grade text, lead text, peer text, not_applicable boolean)) e
         cross join lateral (values
               ('lead-peer', e.lead, e.peer, e.lead is not null or e.peer is not null),
               ('lead-moderator', e.lead, e.grade, e.lead is not null and a.moderated),
               ('peer-moderator', e.peer, e.grade, e.peer is not null and a.moderated)
             ) c (comparison, first, second, there)
         where c.there and {filters} and {section}
"""
COUNTED = """
    ), counted as (
        select p.tool, p.scale, p.comparison, p.entry as section, {person} as auditor,
               {quarter} as quarter,
               case when p.first is not null and p.second is not null then 'pair'
                    when p.not_applicable then 'not-applicable' else 'ungraded' end as standing,
               case when p.second is not null then p.first end as first,
               case when p.first is not null then p.second end as second
          from pairs p where {whose}
    )
    select tool, scale, comparison, standing, first, second, section"""
_BY_SECTION = """, null as auditor, null as quarter, count(*) as number
      from counted group by tool, scale, comparison, standing, first, second, section
"""
BY_SECTION_AND_AUDITOR = """, auditor, quarter, count(*) as number
      from counted group by tool, scale, comparison, standing, first, second, grouping sets ((section), (auditor, quarter))
    having grouping(section) = 0 or auditor is not null
"""
# The planner knows neither how few grades nor how few sections there are, and would sort on disk what a hash holds in memory.
_ROOM = text("select set_config('work_mem', '64MB', true)")
_DISAGREEMENTS = """
    )
    select kind, id, reference, moderated_on, tool, entry as section, first, second
      from (select p.*, row_number() over (
                       partition by p.tool, p.entry
                       order by abs(array_position(cast(:grades as text[]), p.first)
                                  - array_position(cast(:grades as text[]), p.second)) desc,
                                p.moderated_on desc, p.reference desc) as place
              from pairs p
             where p.scale = :scale and p.first <> p.second and p.comparison = any(cast(:comparisons as text[])) and {whose}
               and p.first = any(cast(:grades as text[])) and p.second = any(cast(:grades as text[]))) c
     where place <= :most
     order by tool, entry, place
"""

_OF_ONE = {
    "lead-peer": Comparison.AUDITOR_OTHER,
    "peer-lead": Comparison.AUDITOR_OTHER,
    "lead-moderator": Comparison.AUDITOR_MODERATOR,
    "peer-moderator": Comparison.AUDITOR_MODERATOR,
    "single-moderator": Comparison.AUDITOR_MODERATOR,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked at; None lets everything through. `areas` is the caller's limit, empty for all; days are of moderation."""

    areas: frozenset[str] = frozenset()
    tool: str | None = None
    section: str | None = None
    service_area: str | None = None
    programme: str | None = None
    auditor: str | None = None
    moderated_from: date | None = None
    moderated_to: date | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two unlike grades (codes) of one section; `kind` is audit or outcome, and says whose id it is."""

    kind: str
    id: UUID
    reference: str
    moderated_on: date
    tool: str
    section: str
    first: str
    second: str


class AgreementReader:
    """Counts within the transaction that was given, and so within its organisation."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def counts(self, filters: Filters, *, auditors: bool) -> list[PairCount]:
        """Pairs by section, and by auditor. With one auditor in the filters sections are theirs, and quarters told apart."""
        ending = COUNTED + (BY_SECTION_AND_AUDITOR if auditors else _BY_SECTION)
        await self._connection.execute(_ROOM)
        rows = await self._run(ending, filters)
        counted = (_count(row, of_one=filters.auditor is not None) for row in rows)
        return [count for count in counted if count is not None]

    async def disagreements(
        self, filters: Filters, comparison: Comparison, scale: str, grades: Sequence[str], most: int
    ) -> list[Disagreement]:
        """The widest disagreements of each section of each tool on a scale, `most` a section.

        Further apart before nearer, later before earlier. `grades` are the scale's, in its order.
        """
        of_one = [code for code, each in _OF_ONE.items() if each is comparison]
        names = {"comparisons": of_one or [comparison.value], "scale": scale, "grades": list(grades), "most": most}
        return [Disagreement(**row._asdict()) for row in await self._run(_DISAGREEMENTS, filters, **names)]

    async def _run(self, ending: str, filters: Filters, **names: Any) -> Collection[Row[Any]]:
        statement, given = question(ending, filters)
        return (await self._connection.execute(text(statement), given | names)).all()


def question(ending: str, filters: Filters) -> tuple[str, dict[str, Any]]:
    """The statement that goes through the pairs within the filters and ends as given, and its parameters."""
    given = {name: value for name in (*_FILTERS, "section") if (value := getattr(filters, name))}
    if "areas" in given:
        given["areas"] = sorted(given["areas"])
    parts = {
        "filters": " and ".join(("true", *(_FILTERS[name] for name in _FILTERS if name in given))),
        "section": "e.entry = :section" if filters.section else "true",
        # No outcome is completed before it is moderated (`rules.violations`), and the day of completion has an index.
        "completed": "o.completed_on >= :moderated_from" if filters.moderated_from else "true",
        "whose": "p.auditor = :auditor" if filters.auditor else "true",
        # By quarter for one auditor only: for all of them there would be a row for nearly every pair.
        "quarter": "cast(date_trunc('quarter', p.moderated_on) as date)" if filters.auditor else "cast(null as date)",
        # The overall grade comes from the sections: an auditor's figure holds one or the others.
        "person": "p.auditor" if filters.section else "case when p.entry <> 'overall' then p.auditor end",
    }
    posted = "" if any(name in given for name in _ONLY_HERE) else _POSTED
    if posted:
        given["own_source"] = OWN_SOURCE
    return (_DONE_HERE + posted + ending).format(**parts), given


def _count(row: Row[Any], *, of_one: bool) -> PairCount | None:
    """None for the other direction of lead and peer, which only one person's figures need."""
    one_person = of_one or row.section is None
    if not one_person and row.comparison == "peer-lead":
        return None
    comparison = _OF_ONE[row.comparison] if one_person else Comparison(row.comparison)
    fields = {name: getattr(row, name) for name in ("tool", "scale", "first", "second", "section", "auditor", "quarter")}
    return PairCount(comparison=comparison, standing=Standing(row.standing), number=row.number, **fields)
