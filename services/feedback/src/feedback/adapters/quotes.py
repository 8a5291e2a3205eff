"""Quotes in the database: the one that is worked on, and each text that was approved, with its version."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.subject.restricted import in_force
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.quotes import Quote, State

_AREAS = "(cardinality(cast(:areas as text[])) = 0 or r.service_area = any(cast(:areas as text[])))"
_COLUMNS = """q.id, q.comment_id, q.state, q.revision, q.version, q.words, q.redacted_by, q.decided_by, r.questionnaire,
              r.version as of_version, t.question, r.service_area, r.language"""
_FROM = """from quote q join response_text t on t.org = q.org and t.id = q.comment_id
           join response r on r.org = t.org and r.id = t.response_id"""
_ONE = f"select {_COLUMNS} {_FROM} where q.org = :org and {_AREAS} and"
_BY_ID = text(f"{_ONE} q.id = :id")
_OF_COMMENT = text(f"{_ONE} q.comment_id = :id")
_STANDING = text(f"{_ONE} q.state = any(:states) order by q.id desc limit 200")
_LOCK = text("select 1 from quote where org = :org and comment_id = :id for no key update")
_ADD = text(
    """
    insert into quote (org, id, comment_id, state, revision, version, words, redacted_by, decided_by)
    values (:org, :id, :comment_id, :state, :revision, :version, :words, :redacted_by, null)
        on conflict on constraint quote_once_a_comment do nothing returning id
    """
)
_SAVE = text(
    """
    update quote set state = :state, revision = :revision, version = :version, words = :words, redacted_by = :redacted_by,
           decided_by = :decided_by
     where org = :org and id = :id
    """
)
_APPROVE = text(
    """
    insert into approved_quote (org, quote_id, version, response_id, words, questionnaire, question, service_area, themes,
                                language, released_on, redacted_by, approved_by)
    values (:org, :quote_id, :version, :response_id, :words, :questionnaire, :question, :service_area, :themes, :language,
            :released_on, :redacted_by, :approved_by)
    """
)
_WITHDRAW = text("update approved_quote set withdrawn_on = :today where org = :org and quote_id = :id and withdrawn_on is null")
_LOCK_OF = text(
    """
    select q.id from quote q join response_text t on t.org = q.org and t.id = q.comment_id
     where q.org = :org and t.response_id = any(cast(:responses as uuid[])) order by q.id for no key update of q
    """
)
# The text in use and the quote that is worked on, in one step of history each.
_TAKE_BACK = text(
    """
    with gone as (
        update approved_quote set withdrawn_on = :today
         where org = :org and quote_id = any(cast(:ids as uuid[])) and withdrawn_on is null
        returning quote_id, version
    )
    update quote q set state = 'withdrawn', revision = q.revision + 1, decided_by = :by
      from gone where q.org = :org and q.id = gone.quote_id
    returning q.id, q.revision, gone.version
    """
)
_THEMES = text(
    """
    update approved_quote set themes = :themes
     where org = :org and quote_id = (select id from quote where org = :org and comment_id = :id) and withdrawn_on is null
    returning quote_id, version, words, questionnaire, question, service_area, themes, language, released_on
    """
)
_TAKEN_OUT = text(
    f"""
    select quote_id, version, words, questionnaire, question, service_area, themes, language, released_on, withdrawn_on
      from approved_quote r where org = :org and withdrawn_on >= :since and {_AREAS}
       and not exists (select from approved_quote n where n.org = r.org and n.quote_id = r.quote_id and n.version > r.version)
     order by withdrawn_on desc, quote_id limit 50
    """  # noqa: S608 - constants
)
# What somebody who answered has had restricted is in use nowhere for as long as it is (chassis.subject.restricted).
_RESTRICTED = in_force("r", "answers", "r.response_id")
_IN_USE = f"""select quote_id, version, words, questionnaire, question, service_area, themes, language, released_on
             from approved_quote r where org = :org and withdrawn_on is null
              and not exists (select from concern c where c.org = r.org and c.response_id = r.response_id
                                 and not (c.state = 'closed' and c.finding = 'no-concern'))
              and not {_RESTRICTED}"""  # noqa: S608 - constants
_STEP = text(
    """
    insert into quote_history (org, id, of_id, at, what, by_subject, by_name, revision, words)
    values (:org, :id, :of_id, :at, :what, :by_subject, :by_name, :revision, :words)
    """
)
_STEPS = text("select at, what, by_name, words from quote_history where org = :org and of_id = :id order by revision")


@dataclass(frozen=True, slots=True)
class Held:
    """A quote that is worked on, and where its words come from."""

    id: UUID
    comment_id: UUID
    quote: Quote
    questionnaire: str
    of_version: int
    question: str
    service_area: str
    language: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A text that may be used."""

    quote_id: UUID
    version: int
    words: str = field(repr=False)
    questionnaire: str
    question: str
    service_area: str
    themes: tuple[str, ...]
    language: str
    released_on: date


@dataclass(frozen=True, slots=True)
class Happened:
    """A step that somebody took."""

    at: datetime
    what: str
    by: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A quote that was withdrawn: its revision then, and the version of the text that was in use."""

    id: UUID
    revision: int
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which approved quotes; empty for all. `ids` None is any."""

    questionnaire: str = ""
    theme: str = ""
    service_area: str = ""
    ids: Collection[UUID] | None = None


class Quotes:
    """The quotes of the organisation whose transaction it is."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    def _seal(self, words: str) -> bytes:
        return self._secrets.seal(self._org, sealing.QUOTE, words)

    def _open(self, sealed: bytes) -> str:
        return self._secrets.open(self._org, sealing.QUOTE, bytes(sealed))

    async def by_id(self, ident: UUID, areas: Collection[str]) -> Held | None:
        """A quote of these service areas."""
        names = {"org": self._org, "id": ident, "areas": sorted(areas)}
        row = (await self._connection.execute(_BY_ID, names)).one_or_none()
        return self._held(row) if row else None

    async def of_comment(self, comment: UUID, areas: Collection[str], *, lock: bool = False) -> Held | None:
        """The quote of a comment; locked until the transaction ends."""
        names = {"org": self._org, "id": comment, "areas": sorted(areas)}
        if lock:
            await self._connection.execute(_LOCK, {"org": self._org, "id": comment})
        row = (await self._connection.execute(_OF_COMMENT, names)).one_or_none()
        return self._held(row) if row else None

    async def standing(self, states: Sequence[State], areas: Collection[str]) -> list[Held]:
        """Quotes in these states, newest first."""
        names = {"org": self._org, "areas": sorted(areas), "states": [state.value for state in states]}
        return [self._held(row) for row in await self._connection.execute(_STANDING, names)]

    async def add(self, comment: UUID, quote: Quote) -> UUID | None:
        """Store a new quote; None where somebody else has begun one of this comment."""
        names = {**self._values(quote), "id": new_id(), "comment_id": comment}
        names.pop("decided_by")
        found: UUID | None = (await self._connection.execute(_ADD, names)).scalar_one_or_none()
        return found

    async def save(self, ident: UUID, quote: Quote) -> None:
        """Store what became of a quote."""
        await self._connection.execute(_SAVE, {**self._values(quote), "id": ident})

    def _values(self, quote: Quote) -> dict[str, Any]:
        return {
            "org": self._org,
            "state": quote.state.value,
            "revision": quote.revision,
            "version": quote.version,
            "words": self._seal(quote.words),
            "redacted_by": quote.redacted_by,
            "decided_by": quote.decided_by,
        }

    async def withdraw(self, ident: UUID, today: date) -> bool:
        """Let no text of a quote be used any more; answers whether one was in use."""
        done = await self._connection.execute(_WITHDRAW, {"org": self._org, "id": ident, "today": today})
        return done.rowcount > 0

    async def take_back(self, responses: Collection[UUID], by: str, today: date) -> list[TakenBack]:
        """Withdraw what is in use of these responses."""
        found = await self._connection.execute(_LOCK_OF, {"org": self._org, "responses": list(responses)})
        if not (ids := list(found.scalars())):
            return []
        rows = await self._connection.execute(_TAKE_BACK, {"org": self._org, "ids": ids, "by": by, "today": today})
        return [TakenBack(*row) for row in rows]

    async def put_themes(self, comment: UUID, themes: Sequence[str]) -> Approved | None:
        """Give the text in use of a comment the themes that the comment has now; None where none is in use."""
        # The turn is the quote's: whoever approves it at this moment is waited for, and takes the themes as they are then.
        await self._connection.execute(_LOCK, {"org": self._org, "id": comment})
        names = {"org": self._org, "id": comment, "themes": list(themes)}
        row = (await self._connection.execute(_THEMES, names)).one_or_none()
        return self._approved(row) if row else None

    async def taken_out(self, since: date, areas: Collection[str]) -> list[tuple[Approved, date]]:
        """Texts that were in use and were withdrawn since a day, with that day, the last first."""
        names = {"org": self._org, "since": since, "areas": sorted(areas)}
        rows = (row._mapping for row in await self._connection.execute(_TAKEN_OUT, names))  # noqa: SLF001 - its API
        return [
            (
                Approved(**{k: v for k, v in row.items() if k != "withdrawn_on"}
                         | {"words": self._open(row["words"]), "themes": tuple(row["themes"])}),
                row["withdrawn_on"],
            )
            for row in rows
        ]  # fmt: skip

    async def approve(self, held: Held, approved: Approved, response_id: UUID, by: str) -> None:
        """Store the text that may be used."""
        values = {
            "org": self._org,
            "quote_id": approved.quote_id,
            "version": approved.version,
            "response_id": response_id,
            "words": self._seal(approved.words),
            "questionnaire": approved.questionnaire,
            "question": approved.question,
            "service_area": approved.service_area,
            "themes": list(approved.themes),
            "language": approved.language,
            "released_on": approved.released_on,
            "redacted_by": held.quote.redacted_by,
            "approved_by": by,
        }
        await self._connection.execute(_APPROVE, values)

    async def in_use(
        self, wanted: Wanted, areas: Collection[str], limit: int = 200, after: tuple[date, UUID] | None = None
    ) -> list[Approved]:
        """Texts that may be used, the last released first, from the one after `after` on.

        One of an answer whose worry was opened again is not among them until that is closed as no concern.
        """
        names: dict[str, Any] = {"org": self._org, "areas": sorted(areas), "limit": limit}
        conditions = [_IN_USE, _AREAS]
        for name in ("questionnaire", "service_area"):
            if value := getattr(wanted, name):
                conditions.append(f"{name} = :{name}")
                names[name] = value
        if wanted.theme:
            conditions.append(":theme = any(themes)")
            names["theme"] = wanted.theme
        if wanted.ids is not None:
            conditions.append("quote_id = any(cast(:ids as uuid[]))")
            names["ids"] = list(wanted.ids)
        if after is not None:
            conditions.append("(released_on, quote_id) < (:day, :after)")
            names |= {"day": after[0], "after": after[1]}
        statement = f"{' and '.join(conditions)} order by released_on desc, quote_id desc limit :limit"
        return [self._approved(row) for row in await self._connection.execute(text(statement), names)]

    async def add_step(self, ident: UUID, what: str, revision: int, identity: Identity, now: datetime, words: str = "") -> None:
        """Write down who took a step."""
        name = identity.label or identity.subject
        values = {
            "org": self._org,
            "id": new_id(),
            "of_id": ident,
            "at": now,
            "what": what,
            "by_subject": identity.subject,
            "by_name": self._secrets.seal(self._org, sealing.STAFF, name),
            "revision": revision,
            "words": self._seal(words) if words else None,
        }
        await self._connection.execute(_STEP, values)

    async def steps(self, ident: UUID) -> list[Happened]:
        """What was done with a quote, oldest first."""
        rows = await self._connection.execute(_STEPS, {"org": self._org, "id": ident})
        return [
            Happened(
                row.at,
                row.what,
                self._secrets.open(self._org, sealing.STAFF, bytes(row.by_name)),
                self._open(row.words) if row.words else "",
            )
            for row in rows
        ]

    def _held(self, row: Row[Any]) -> Held:
        quote = Quote(State(row.state), row.revision, row.version, self._open(row.words), row.redacted_by, row.decided_by)
        return Held(
            row.id, row.comment_id, quote, row.questionnaire, row.of_version, row.question, row.service_area, row.language
        )

    def _approved(self, row: Row[Any]) -> Approved:
        words = self._open(row.words)
        return Approved(**{**row._mapping, "words": words, "themes": tuple(row.themes)})  # noqa: SLF001 - its API
