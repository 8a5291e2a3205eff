"""Comments in the database: free texts with where they come from. Whose letter it was is never read here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from chassis.unit_of_work import Transaction
from feedback.domain.comments import FEW, Narrowed

# Without it the database shows this transaction the words of worries and of nothing else; see migration 0009.
_READING = text("select set_config('app.reading', 'comments', true)")
# How many answered of the same team (or area, where there is no team) in the same quarter; counted no further than matters.
_FEW = f"""(
    select count(*) from (
        select from response g
         where g.org = r.org and g.questionnaire = r.questionnaire and g.service_area = r.service_area
           and g.team is not distinct from r.team
           and g.about_on between cast(date_trunc('quarter', r.about_on) as date)
                              and cast(date_trunc('quarter', r.about_on) + interval '3 months - 1 day' as date)
         limit {FEW + 1}) as alike) <= {FEW}"""  # noqa: S608 - constants
_COLUMNS = f"""t.id, t.response_id, t.question, t.sealed, r.questionnaire, r.version, r.channel, r.service_area, r.team,
               r.language, r.about_on, r.answered_on, r.may_quote, coalesce(m.revision, 0) as revision,
               m.read_on, coalesce(m.themes, '{{}}') as themes, q.id as quote_id, q.state as quote_state, {_FEW} as few"""
_FROM = """from response r
           join response_text t on t.org = r.org and t.response_id = r.id
           left join comment_mark m on m.org = t.org and m.comment_id = t.id
           left join quote q on q.org = t.org and q.comment_id = t.id"""
_CONDITIONS = {
    "questionnaire": "r.questionnaire = :questionnaire",
    "team": "r.team = :team",
    "theme": ":theme = any(m.themes)",
    "since": "r.answered_on >= :since",
    "until": "r.answered_on <= :until",
}
_CONSENTS = {"yes": "r.may_quote", "no": "not r.may_quote", "not-asked": "r.may_quote is null"}
_LOCK = text("select themes, revision from comment_mark where org = :org and comment_id = :id for no key update")
_MARK = text(
    """
    insert into comment_mark (org, comment_id, read_on)
    select :org, t.id, :today
      from response_text t join response r on r.org = t.org and r.id = t.response_id
     where t.org = :org and t.id = any(cast(:ids as uuid[]))
       and (cardinality(cast(:areas as text[])) = 0 or r.service_area = any(cast(:areas as text[])))
     order by t.id
        on conflict do nothing
    """
)
_END_CONSENT = text("update response set may_quote = false where org = :org and id = :id and may_quote")
_THEME = text("update comment_mark set themes = :themes, revision = :revision where org = :org and comment_id = :id")

Place = tuple[date, UUID]
"""Where a comment stands in the list: by its day of answering, and within one day in no order that tells anything."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A comment as it is stored. `few`: of very few answers; `response_id` is for events and is shown nowhere."""

    id: UUID
    response_id: UUID
    question: str
    sealed: bytes
    questionnaire: str
    version: int
    channel: str
    service_area: str
    team: str | None
    language: str
    about_on: date
    answered_on: date
    may_quote: bool | None
    revision: int
    read_on: date | None
    themes: tuple[str, ...]
    quote_id: UUID | None
    quote_state: str | None
    few: bool

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return self.answered_on, self.id


async def read_for_comments(transaction: Transaction) -> None:
    """Say that this transaction reads words as comments: from now on it sees those, and none of an open worry."""
    await transaction.connection.execute(_READING)


def _narrowing(narrowed: Narrowed, after: Place | None, areas: Collection[str], org: str) -> tuple[str, dict[str, Any]]:
    conditions, names = ["r.org = :org"], {"org": org}  # type: tuple[list[str], dict[str, Any]]
    if areas:
        conditions.append("r.service_area = any(cast(:areas as text[]))")
        names["areas"] = sorted(areas)
    for name, condition in _CONDITIONS.items():
        if value := getattr(narrowed, name):
            conditions.append(condition)
            names[name] = value
    if narrowed.question:
        questionnaire, _, question = narrowed.question.partition("/")
        conditions.append("r.questionnaire = :of_questionnaire and t.question = :question")
        names |= {"of_questionnaire": questionnaire, "question": question}
    if narrowed.unread:
        conditions.append("m.comment_id is null")
    if narrowed.consent in _CONSENTS:
        conditions.append(_CONSENTS[narrowed.consent])
    if after is not None:
        conditions.append("(r.answered_on, t.id) < (:day, :after)")
        names |= {"day": after[0], "after": after[1]}
    return " and ".join(conditions), names


def _statement(columns: str, where: str) -> TextClause:
    return text(f"select {columns} {_FROM} where {where} order by r.answered_on desc, t.id desc limit :limit")


async def page(
    transaction: Transaction, narrowed: Narrowed, after: Place | None, limit: int, areas: Collection[str]
) -> list[Stored]:
    """Comments of those service areas (all where empty), newest first, from the one after `after` on."""
    where, names = _narrowing(narrowed, after, areas, transaction.org)
    rows = await transaction.connection.execute(_statement(_COLUMNS, where), {**names, "limit": limit})
    return [_stored(row) for row in rows]


async def scan(
    transaction: Transaction, narrowed: Narrowed, after: Place | None, limit: int, areas: Collection[str]
) -> list[tuple[Place, bytes]]:
    """The same as where each stands and its sealed words alone."""
    where, names = _narrowing(narrowed, after, areas, transaction.org)
    rows = await transaction.connection.execute(_statement("r.answered_on, t.id, t.sealed", where), {**names, "limit": limit})
    return [((row.answered_on, row.id), bytes(row.sealed)) for row in rows]


async def some(transaction: Transaction, ids: Sequence[UUID], areas: Collection[str]) -> list[Stored]:
    """Comments by their ids, in the order of the list; those that there are not, or not for these areas, are left out."""
    where, names = _narrowing(Narrowed(), None, areas, transaction.org)
    statement = _statement(_COLUMNS, f"{where} and t.id = any(cast(:ids as uuid[]))")
    rows = await transaction.connection.execute(statement, {**names, "ids": list(ids), "limit": len(ids)})
    return [_stored(row) for row in rows]


async def one(transaction: Transaction, ident: UUID, areas: Collection[str]) -> Stored | None:
    """A comment."""
    return next(iter(await some(transaction, [ident], areas)), None)


async def mark_read(transaction: Transaction, ids: Sequence[UUID], areas: Collection[str], today: date) -> None:
    """Mark comments as read; those that were stay as they were."""
    values = {"org": transaction.org, "ids": list(ids), "areas": sorted(areas), "today": today}
    await transaction.connection.execute(_MARK, values)


async def lock_themes(transaction: Transaction, ident: UUID) -> tuple[tuple[str, ...], int]:
    """Themes and revision of a comment that is marked, locked until the transaction ends."""
    row = (await transaction.connection.execute(_LOCK, {"org": transaction.org, "id": ident})).one()
    return tuple(row.themes), row.revision


async def save_themes(transaction: Transaction, ident: UUID, themes: Sequence[str], revision: int) -> None:
    """Store the themes of a comment."""
    values = {"org": transaction.org, "id": ident, "themes": list(themes), "revision": revision}
    await transaction.connection.execute(_THEME, values)


async def end_consent(transaction: Transaction, response_id: UUID) -> bool:
    """Take back the yes to being quoted of a response; False where there is none. Which way it goes the database holds."""
    done = await transaction.connection.execute(_END_CONSENT, {"org": transaction.org, "id": response_id})
    return done.rowcount == 1


def _stored(row: Row[Any]) -> Stored:
    values = {**row._mapping, "sealed": bytes(row.sealed), "themes": tuple(row.themes)}  # noqa: SLF001 - its API
    return Stored(**values)
