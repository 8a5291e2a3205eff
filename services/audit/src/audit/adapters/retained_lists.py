"""Kinds of record that are no audits: outcomes of other systems, case lists of rounds, people of the staff directory."""

# ruff: noqa: S608 - SQL of constants of this module: nothing of a request is in it

from audit.adapters import directory
from audit.adapters.sealing import CASE_NUMBER
from chassis.retention.kinds import NOBODY, Delete, Empty, Events, Kind, Sealed
from chassis.retention.known import sql_of
from contracts.audit import OutcomeRecorded

_ID = "cast(:id as uuid)"
_BY = f"'{NOBODY}'"
_NAMELESS = f"'{NOBODY}-' || replace(cast(t.id as text), '-', '')"
_NO_HASH = "decode(repeat('00', 32), 'hex')"

OUTCOME = Kind(
    code="outcome",
    name="Outcomes that other systems posted",
    goes="the sender's number, the pseudonym of the case, who posted it",
    stays="grades, ratings, findings and themes by code, days, service area, team, which system sent it; a keyed hash of its "
    "number, by which it is refused when it is sent again",
    counts_from="Its time counts from the day on which the audit was completed.",
    table="outcome",
    only="not exists (select from audit a where a.org = r.org and a.id = r.id)",
    reference="r.reference",
    area="r.service_area",
    names="array[r.reference]",
    over="true",
    since="r.completed_on",
    posted=sql_of("outcome", "r.source", "r.reference"),
    steps=(
        Empty(
            "outcome_version",
            "t.outcome_id = :id",
            {"content": "t.content || jsonb_build_object('case_key', null)", "posted_by": _BY, "digest": _NO_HASH},
        ),
        Empty("outcome", "t.id = :id", {"reference": _NAMELESS, "digest": _NO_HASH}),
    ),
    events=(Events("outcome_id", (OutcomeRecorded,)),),
)

_UNAUDITED = (
    "not exists (select from audit a where a.org = {0}.org and a.round_id = {0}.round_id and a.case_key = {0}.case_key)"
)
_LISTED = (
    "array[r.id] || array(select cast(md5(cast(c.round_id as text) || c.case_key) as uuid) from round_case c "
    f"where c.org = r.org and c.round_id = r.id and {_UNAUDITED.format('c')})"
)

ROUND = Kind(
    code="round",
    name="Rounds with the case lists that they were drawn from",
    goes="numbers of the cases that were not audited, their workers, the title, findings in words, who began it and did "
    "what; those that were audited go with their audit",
    stays="programme, period, size, seed, and each case's place and standing in the draw, so that it can still be shown to "
    "have been fair",
    counts_from="It is over when no audit of it is at work; its time counts from the last of: the day to moderate by, and the "
    "days on which its audits were moderated or withdrawn.",
    table="round",
    reference="r.code",
    names="array[r.code]",
    covers=_LISTED,
    parts=_LISTED,
    over="not exists (select from audit a where a.org = r.org and a.round_id = r.id "
    "and a.state in ('planned', 'auditing', 'submitted'))",
    since="greatest(r.moderate_by, (select max(greatest(a.moderated_on, a.withdrawn_on)) from audit a "
    "where a.org = r.org and a.round_id = r.id))",
    steps=(
        Empty(
            "round_case",
            f"t.round_id = :id and {_UNAUDITED.format('t')}",
            {
                "case_key": f"'{NOBODY}-' || replace(cast(gen_random_uuid() as text), '-', '')",
                "case_sealed": Sealed(CASE_NUMBER),
                "worker": "null",
            },
        ),
        Empty("round_step", "t.round_id = :id", {"by": _BY}),
        Empty("round", "t.id = :id", {"title": "t.code", "findings_sealed": "null", "created_by": _BY}),
    ),
)

_CODE = f"(select p.code from person p where p.org = t.org and p.id = {_ID})"
# One name for all that the person did, so that what is counted by person is counted as before; it leads to nobody.
_LEFT = f"'{NOBODY}-' || replace(cast({_ID} as text), '-', '')"


def _named(table: str, *columns: str) -> tuple[Empty, ...]:
    return tuple(Empty(table, f"t.{column} = {_CODE}", {column: _LEFT}) for column in columns)


PERSON = Kind(
    code="person",
    name="People of the staff directory who have left",
    goes="name, address, sign-in, code (in audits, disputes and good practice too), teams, duties, line manager, mails to them",
    stays="that one and the same person audited, moderated, answered or was told, under a code that leads to nobody; codes in "
    "histories of a record, until that record goes",
    counts_from="It is over when the entry is inactive and nothing waits for the person: no part of an audit at work, no open "
    "action, no review to be held; its time counts from the last change of the entry.",
    table="person",
    reference="r.code",
    area="r.service_area",
    names="array_remove(array[r.code, r.subject], null)",
    covers="array[r.id, cast(md5(r.code) as uuid)]",
    parts="array[r.id, cast(md5(r.code) as uuid)]",
    over="not r.active and not exists (select from action a where a.org = r.org and a.owner = r.code and a.status = 'open') "
    "and not exists (select from part p join audit a on a.org = p.org and a.id = p.audit_id where p.org = r.org "
    "and p.person = r.code and a.state in ('planned', 'auditing', 'submitted')) "
    "and not exists (select from review v where v.org = r.org and v.reviewer = r.code and v.held_on is null)",
    since="cast(r.changed_at as date)",
    posted=sql_of("person", "r.code"),
    steps=(
        *_named("part", "person"),
        *_named("audit", "worker", "reviewer"),
        *_named("round_case", "worker"),
        *_named("action", "owner"),
        *_named("review", "reviewer"),
        *_named("recipient", "person"),
        *_named("escalation", "manager"),
        *_named("dispute", "raised_person"),
        *_named("dispute_stage", "person"),
        *_named("acknowledgement", "raised_person", "worker"),
        *_named("acknowledgement_notice", "person"),
        *_named("person", "line_manager"),
        # Written anew by what was changed above.
        Delete("audit_person", f"t.person = {_CODE}"),
        Delete("mail", f"t.state in ('sent', 'failed') and {_CODE} = any(string_to_array(t.key, ':'))"),
        Empty(
            "person",
            "t.id = :id",
            {
                "code": _LEFT,
                "subject": "null",
                "name_sealed": Sealed(directory.PURPOSE, "Somebody who has left"),
                "email_sealed": "null",
                "team": "null",
                "manages": "'{}'",
                "line_manager": "null",
                "duties": "'{}'",
            },
        ),
    ),
)
