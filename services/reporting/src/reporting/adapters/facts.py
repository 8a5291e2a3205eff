"""The fact tables as the projection writes them: many rows in one statement, and what wins when a row is there already."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]

# What every fact carries besides `org`; see migration 0002.
COMMON = {"occurred_at": "timestamptz", "changed_at": "timestamptz", "changed_sequence": "bigint"}
_NEWER = "excluded.changed_sequence > held.changed_sequence"


class Wins(StrEnum):
    """Which of two accounts of the same fact stands."""

    LATEST = "latest"  # the later event replaces the whole row, whenever it arrives
    VERSION = "version"  # the higher version of the record replaces the whole row, whenever it arrives
    MERGED = "merged"  # several events tell of one row, each some of its columns; the later wins a column


@dataclass(frozen=True)
class Fact:
    """One fact table: natural key, columns with their types, and what wins.

    Rows may come as parts of others: `parts` is the name of an array within each row given, whose items have the columns
    `own`. What the parts share is then sent and read once, not once a part (half the time of a replay went there).
    """

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    wins: Wins = Wins.LATEST
    parts: str = ""
    own: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def read(self) -> tuple[str, ...]:
        """What is read of a row that is given."""
        return (*self.columns, *COMMON, *_array(self.parts))

    @cached_property
    def upsert(self) -> TextClause:
        """Insert or bring up to date all rows of a JSON array; answers the keys of what changed, and whether it was there."""
        shared = {**self.columns, **COMMON}
        types = {**shared, **self.own}
        first = self.key[0]
        rows = f"jsonb_to_recordset(cast(:rows as jsonb)) as new ({_typed(shared | _array(self.parts))})"
        if self.parts:
            rows += f" cross join lateral jsonb_to_recordset(new.{self.parts}) as part ({_typed(self.own)})"
        values = ", ".join(f"part.{name}" if name in self.own else f"new.{name}" for name in types)
        return text(
            f"""
            insert into {self.table} as held (org, {", ".join(types)})
            select :org, {values} from {rows}
            on conflict (org, {", ".join(self.key)}) do update set {self._assignments(types)}
            {self._condition()}
            returning held.{first}, old.{first} is not null as replaced
            """  # noqa: S608 - constants of this module
        )

    def _assignments(self, types: Mapping[str, str]) -> str:
        told = [name for name in types if name not in self.key and name not in COMMON]
        if self.wins is Wins.VERSION:
            return ", ".join(f"{name} = excluded.{name}" for name in (*told, "changed_at", "changed_sequence"))
        if self.wins is Wins.LATEST:
            told.append("changed_at")
            values = {name: f"case when {_NEWER} then excluded.{name} else held.{name} end" for name in told}
        else:
            # An event that was put aside and is driven again comes late: it fills what is empty and overwrites nothing newer.
            values = {
                name: f"case when {_NEWER} then coalesce(excluded.{name}, held.{name}) "
                f"else coalesce(held.{name}, excluded.{name}) end"
                for name in told
            }
            values["changed_at"] = "greatest(held.changed_at, excluded.changed_at)"
        values["changed_sequence"] = "greatest(held.changed_sequence, excluded.changed_sequence)"
        values["occurred_at"] = "least(held.occurred_at, excluded.occurred_at)"
        return ", ".join(f"{name} = {value}" for name, value in values.items())

    def _condition(self) -> str:
        match self.wins:
            case Wins.LATEST:
                return f"where {_NEWER} or excluded.occurred_at < held.occurred_at"
            case Wins.VERSION:
                return "where held.version < excluded.version"
            case Wins.MERGED:
                return ""


def _typed(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {type_}" for name, type_ in types.items())


def _array(name: str) -> dict[str, str]:
    return {name: "jsonb"} if name else {}


_TEXT = "text"
_AUDIT = {"outcome_id": "uuid", "tool": _TEXT, "service_area": _TEXT, "team": _TEXT, "completed_on": "date"}
_SURVEY = {"questionnaire": _TEXT, "questionnaire_version": "integer", "channel": _TEXT, "service_area": _TEXT}
_SURVEY_DAYS = {"about_on": "date", "answered_on": "date"}
_COMPLAINT = dict.fromkeys(("procedure", "formality", "service_area", "team", "need", "route", "raised_by"), _TEXT)

AUDIT = Fact(
    "fact_audit",
    ("outcome_id",),
    {
        **_AUDIT,
        **dict.fromkeys(("kind", "scale", "overall", "rag", "reference"), _TEXT),
        **dict.fromkeys(("allocated_on", "submitted_on", "moderated_on"), "date"),
        **dict.fromkeys(("findings", "themes"), "text[]"),
        **dict.fromkeys(("version", "tool_version", "cases", "lead", "peer", "moderation", "single"), "integer"),
    },
    Wins.VERSION,
)
SECTION = Fact(
    "fact_audit_section",
    ("outcome_id", "section"),
    {**_AUDIT, "tool_version": "integer", "kind": _TEXT, "scale": _TEXT},
    parts="sections",
    own={**dict.fromkeys(("section", "state", "grade", "lead_grade", "peer_grade"), _TEXT), "position": "integer"},
)
ACTION = Fact(
    "fact_audit_action",
    ("outcome_id", "action"),
    _AUDIT,
    parts="actions",
    own={"action": _TEXT, "due_on": "date", "done_on": "date"},
)
INVITATION = Fact(
    "fact_invitation",
    ("invitation_id",),
    {
        "invitation_id": "uuid",
        **_SURVEY,
        "team": _TEXT,
        "reusable": "boolean",
        **dict.fromkeys(("about_on", "issued_on", "expires_on", "withdrawn_on"), "date"),
    },
    Wins.MERGED,
)
MESSAGE = Fact(
    "fact_invitation_message",
    ("invitation_id", "message"),
    {"invitation_id": "uuid", "message": "integer", "channel": _TEXT, "sent_on": "date", "undelivered_on": "date"},
    Wins.MERGED,
)
REFUSAL = Fact("fact_reminder_refusal", ("invitation_id",), {"invitation_id": "uuid", "declined_on": "date"})
RESPONSE = Fact(
    "fact_response",
    ("response_id",),
    {
        "response_id": "uuid",
        "invitation_id": "uuid",
        **_SURVEY,
        "team": _TEXT,
        "language": _TEXT,
        **_SURVEY_DAYS,
        "submitted_at": "timestamptz",
    },
)
RESPONSE_COUNTING = Fact(
    "fact_response_counting",
    ("response_id",),
    {"response_id": "uuid", "counted": "boolean", "revision": "integer", "changed_on": "date"},
)
ANSWER = Fact(
    "fact_answer",
    ("response_id", "question"),
    {"response_id": "uuid", **_SURVEY, "team": _TEXT, **_SURVEY_DAYS},
    parts="answers",
    own={"question": _TEXT, "position": "integer", "state": _TEXT, "choices": "text[]", "score": "integer"},
)
# An edition a row, so that the order in which they come makes no difference; the highest is the one that counts.
QUESTIONNAIRE = Fact(
    "fact_questionnaire_edition",
    ("questionnaire", "edition"),
    {"questionnaire": _TEXT, "edition": "integer", "label": _TEXT, "versions": "jsonb"},
)
COMPLAINT = Fact(
    "fact_complaint",
    ("complaint_id",),
    {"complaint_id": "uuid", **_COMPLAINT, "received_on": "date", "points": "integer"},
)
COMPLAINT_ERROR = Fact("fact_complaint_error", ("complaint_id",), {"complaint_id": "uuid", "decided_on": "date"})
POINT = Fact(
    "fact_point",
    ("point_id",),
    {"point_id": "uuid", "complaint_id": "uuid", "category": _TEXT, **_COMPLAINT, "received_on": "date", "came_by": _TEXT},
)
POINT_RECOUNT = Fact(
    "fact_point_recount",
    ("point_id",),
    {
        **dict.fromkeys(("point_id", "complaint_id", "same_as"), "uuid"),
        **dict.fromkeys(("category", "service_area", "team", "need", "desired", "became"), _TEXT),
        "version": "integer",
        "ancestors": "uuid[]",
    },
)
STAGE = Fact(
    "fact_stage",
    ("complaint_id", "stage"),
    {
        "complaint_id": "uuid",
        **dict.fromkeys(("stage", "limit_days", "working_days"), "integer"),
        **dict.fromkeys(("requested_on", "decided_on", "started_on", "due_on", "extended_on", "responded_on"), "date"),
        **dict.fromkeys(("panel_due_on", "acknowledge_by"), "date"),
        **dict.fromkeys(("decision", "calendar"), _TEXT),
    },
    Wins.MERGED,
)
STAGE_RECOUNT = Fact(
    "fact_stage_recount",
    ("complaint_id", "stage"),
    {
        "complaint_id": "uuid",
        **dict.fromkeys(("stage", "limit_days", "working_days", "suspended_days"), "integer"),
        **dict.fromkeys(("requested_on", "decided_on", "started_on", "due_on", "answer_by", "agreed_on"), "date"),
        **dict.fromkeys(("extended_on", "suspended_on", "panel_due_on", "panel_on", "report_due_on", "reported_on"), "date"),
        **dict.fromkeys(("responded_on", "acknowledge_by", "acknowledged_on"), "date"),
        **dict.fromkeys(("decision", "ending", "calendar"), _TEXT),
    },
)
FINDING = Fact(
    "fact_finding",
    ("point_id", "stage"),
    {"point_id": "uuid", "stage": "integer", "complaint_id": "uuid", "finding": _TEXT, "found_on": "date"},
)
OMBUDSMAN = Fact(
    "fact_ombudsman",
    ("case_id",),
    {
        **dict.fromkeys(("case_id", "complaint_id"), "uuid"),
        **dict.fromkeys(("service_area", "outcome"), _TEXT),
        **dict.fromkeys(("accepted_on", "outcome_on"), "date"),
        "actions": "integer",
    },
    Wins.MERGED,
)
COMPLIMENT = Fact(
    "fact_compliment",
    ("compliment_id",),
    {
        "compliment_id": "uuid",
        "received_on": "date",
        **dict.fromkeys(("service_area", "team", "source"), _TEXT),
        "external": "boolean",
    },
)

TABLES = (
    "fact_audit",  # first: readers hold it, see progress_repository.assert_complete
    "fact_audit_section",
    "fact_audit_action",
    "fact_invitation",
    "fact_response",
    "fact_answer",
    "fact_response_counting",
    "fact_questionnaire_edition",
    "fact_complaint",
    "fact_complaint_error",
    "fact_point",
    "fact_point_recount",
    "fact_stage",
    "fact_stage_recount",
    "fact_finding",
    "fact_ombudsman",
    "fact_compliment",
    # of audits at work; see `work_facts`
    "fact_audit_work",
    "fact_audit_part",
    "fact_audit_submission",
    "fact_audit_moderation",
    "fact_audit_review",
    "fact_audit_withdrawal",
    "fact_audit_escalation",
    "fact_audit_action_state",
    "fact_audit_action_change",
    "fact_dispute",
    "fact_dispute_stage",
    "fact_dispute_ending",
    "fact_dispute_reopening",
    "fact_practice_acknowledgement",
    "fact_invitation_message",
    "fact_reminder_refusal",
    # of outcome stars; see `star_facts`
    "fact_star_reading",
    "fact_star_withdrawal",
    "fact_star_closure",
    "fact_star_erasure",
    # of records that were reduced; see `reduction_facts`
    "fact_reduction",
    # of what families said; see `said_facts`
    "fact_comment",
    "fact_quote",
    "fact_quote_withdrawal",
    "fact_change",
    "fact_change_withdrawal",
    # of calls; see `call_facts`
    "fact_call",
    "fact_call_attempt",
    "fact_caller_duty",
    # of what came in; see `intake_facts`
    "fact_representation",
    "fact_representation_decision",
    # of what is learned from complaints; see `learning_facts`
    "fact_learning_action",
    "fact_learning_none",
    # of Ombudsman cases as a whole; see `ombudsman_facts`
    "fact_ombudsman_case",
    "fact_ombudsman_deadline",
)
VIEWS = (
    "stage_now",
    "finding_now",
    "complaint_now",
    "point_now",
    "finding_standing",
    "feed_superseded_point",
    "feed_complaint_point",
    "feed_survey_answer",
    "feed_audit",
    "feed_audit_part",
    "feed_audit_action",
    "feed_audit_review",
    "feed_dispute",
    "feed_practice_acknowledgement",
    "feed_survey_message",
    "feed_star_score",
    "feed_star",
    "feed_survey_comment",
    "feed_quote",
    "feed_change",
    "feed_call",
    "feed_call_attempt",
    "feed_learning_action",
    "feed_tracked_action",
    "feed_ombudsman_case",
    "feed_ombudsman_deadline",
    "feed_audit_outcome",
    "feed_audit_grade",
    "feed_audit_activity",
    "feed_audit_submission",
    "feed_audit_moderation",
    "feed_audit_escalation",
    "feed_audit_action_change",
    "feed_dispute_stage",
    "feed_invitation",
    "feed_response",
    "feed_complaint",
    "feed_complaint_stage",
    "feed_complaint_finding",
    "feed_compliment",
    "feed_representation",
    "feed_learning_none",
)
_TRUNCATE = text(f"truncate {', '.join(TABLES)}, feed_touched, feed_left, record_area")


async def upsert(connection: AsyncConnection, org: str, fact: Fact, rows: Iterable[Row]) -> dict[UUID, bool]:
    """Write rows of one organisation; answers the first key of each row that changed, and whether it had been there.

    A row may hold more than the fact's columns, and lack what it does not tell of.
    """
    body = orjson.dumps([{name: row[name] for name in fact.read if name in row} for row in rows]).decode()
    return {row[0]: row.replaced for row in await connection.execute(fact.upsert, {"org": org, "rows": body})}


async def delete_parts(connection: AsyncConnection, fact: Fact, keys: Collection[UUID]) -> None:
    """Delete the rows that belong to these records (sections and actions of an outcome that was corrected)."""
    statement = text(f"delete from {fact.table} where {fact.key[0]} = any(:keys)")  # noqa: S608 - constants of this module
    await connection.execute(statement, {"keys": list(keys)})


async def truncate(connection: AsyncConnection) -> None:
    """Empty every fact table, for all organisations."""
    await connection.execute(_TRUNCATE)
