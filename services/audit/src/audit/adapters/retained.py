"""Kinds of record of this service as `chassis.retention` reduces them: what goes, what stays, and from when their time counts.

Grades, answers by code and days stay, for figures are made of them, and who audited, for how far auditors agree. Case numbers,
words, workers, and under which references people know it go.
"""

# ruff: noqa: S608 - SQL of constants of this module: nothing of a request is in it

from audit.adapters import actions
from audit.adapters.acknowledgements import PRACTICE
from audit.adapters.disputes import DISPUTE
from audit.adapters.entries import WORDS
from audit.adapters.retained_lists import OUTCOME, PERSON, ROUND
from audit.adapters.sealing import CASE_NUMBER
from chassis.retention.asked import REQUEST
from chassis.retention.kinds import NOBODY, Declared, Delete, Empty, Events, Kind, Sealed
from chassis.retention.known import sql_of
from chassis.retention.none_needed import OF_EVERY_SERVICE
from contracts.audit import AuditAllocated, DisputeRaised, OutcomeRecorded

_ID = "cast(:id as uuid)"
_BY = f"'{NOBODY}'"
_NAMELESS = f"'{NOBODY}-' || replace(cast(t.id as text), '-', '')"
_NO_HASH = "decode(repeat('00', 32), 'hex')"
_OF_AUDIT = "t.audit_id = :id"

AUDIT = Kind(
    code="audit",
    name="Audits done here",
    goes="the case number, the worker, what was written, questions, escalations in words, actions in words and whose they are, "
    "to whom the result went, the reference; of the round's list, the number of the case that was audited",
    stays="grades, answers by code, themes, days, service area, team, who audited and moderated (for how far they agree), "
    "actions and reviews by their days",
    counts_from="It is over when it is closed, withdrawn, or moderated with no action open and no review to be held; its time "
    "counts from the last of these.",
    table="audit",
    reference="r.reference",
    area="r.service_area",
    names="array[r.reference]",
    covers="array[r.id] || array(select e.id from escalation e where e.org = r.org and e.audit_id = r.id)",
    parts="array_remove(array[r.id, cast(md5(cast(r.round_id as text) || r.case_key) as uuid)], null)",
    over="r.state in ('moderated', 'closed', 'withdrawn') and not exists (select from action a where a.org = r.org and "
    "a.audit_id = r.id and a.status = 'open') and (r.state <> 'moderated' or not exists (select from review v where "
    "v.org = r.org and v.audit_id = r.id and v.held_on is null)) and not exists (select from escalation e where "
    "e.org = r.org and e.audit_id = r.id and e.acknowledged_at is null)",
    since="greatest(r.moderated_on, r.withdrawn_on, r.allocated_on, r.discussed_on, "
    "(select max(v.held_on) from review v where v.org = r.org and v.audit_id = r.id), "
    "(select max(cast(a.changed_at as date)) from action a where a.org = r.org and a.audit_id = r.id))",
    steps=(
        Empty("entry", _OF_AUDIT, {"words_sealed": "null", "saved_by": _BY}),
        Delete("question", _OF_AUDIT),
        Empty(
            "action_step",
            f"t.action_id in (select a.id from action a where a.audit_id = {_ID})",
            {"note_sealed": "null", "by": _BY},
        ),
        Empty(
            "action",
            _OF_AUDIT,
            {"what_sealed": Sealed(actions.WORDS), "evidence_sealed": "null", "owner": _BY, "set_by": _BY},
        ),
        Empty("review", _OF_AUDIT, {"words_sealed": "null"}),
        Delete("recipient", _OF_AUDIT),
        Empty(
            "escalation",
            _OF_AUDIT,
            {
                "words_sealed": Sealed(WORDS),
                "answer_sealed": "null",
                "raised_by": _BY,
                "manager": "null",
                "acknowledged_by": f"case when t.acknowledged_by is not null then {_BY} end",
            },
        ),
        Empty("step", _OF_AUDIT, {"by": _BY}),
        Delete("audit_person", _OF_AUDIT),
        Empty(
            "round_case",
            f"(t.round_id, t.case_key) in (select a.round_id, a.case_key from audit a where a.id = {_ID})",
            {"case_key": f"'{NOBODY}-' || replace(cast({_ID} as text), '-', '')", "case_sealed": Sealed(CASE_NUMBER),
             "worker": "null"},
        ),
        Empty(
            "outcome_version",
            "t.outcome_id = :id",
            {"content": "t.content || jsonb_build_object('case_key', null)", "posted_by": _BY, "digest": _NO_HASH},
        ),
        Empty("outcome", "t.id = :id", {"reference": _NAMELESS, "digest": _NO_HASH}),
        Empty(
            "audit",
            "t.id = :id",
            {
                "reference": _NAMELESS,
                **dict.fromkeys(
                    ("case_key", "case_sealed", "worker", "discussed_by", "discussion_sealed", "withdrawal_sealed"), "null"
                ),
            },
        ),
    ),
    events=(Events("outcome_id", (OutcomeRecorded,)), Events("audit_id", (AuditAllocated,))),
)  # fmt: skip

DISPUTE_KIND = Kind(
    code="dispute",
    name="Disputes about practice",
    goes="the case number, what is disputed, reasons, answers and endings in words, who raised, answered or corrected it, "
    "references",
    stays="category, stages and their days, outcome, service area, team",
    counts_from="It is over when it was resolved or withdrawn; its time counts from that day.",
    table="dispute",
    reference="r.reference",
    posted=sql_of("dispute", "r.source", "r.source_reference"),
    area="r.service_area",
    names="array_remove(array[r.reference, r.source_reference], null)",
    over="r.ended_on is not null",
    since="r.ended_on",
    steps=(
        Delete("dispute_change", "t.record_id = :id"),
        # Somebody has to answer; a team can, and nobody is it.
        Empty(
            "dispute_stage",
            "t.dispute_id = :id",
            {"person": "null", "role_sealed": "null", "to_team": "true"},
        ),
        Empty("dispute_stage", "t.dispute_id = :id and t.begun_by <> 'raise'", {"reason_sealed": Sealed(DISPUTE)}),
        Empty("dispute_stage", "t.dispute_id = :id and t.answered_on is not null", {"answer_sealed": Sealed(DISPUTE)}),
        Empty("dispute_stage", "t.dispute_id = :id and t.result is not null", {"ending_sealed": Sealed(DISPUTE)}),
        Empty("dispute", "t.id = :id and t.informal_on is not null", {"informal_sealed": Sealed(DISPUTE)}),
        Empty(
            "dispute",
            "t.id = :id",
            {
                "reference": _NAMELESS,
                "source_reference": "null",
                "content_hash": _NO_HASH,
                "raised_person": "null",
                "case_key": _NAMELESS,
                "case_sealed": Sealed(DISPUTE),
                "concern_sealed": Sealed(DISPUTE),
            },
        ),
    ),
    events=(Events("dispute_id", (DisputeRaised,)),),
)

ACKNOWLEDGEMENT = Kind(
    code="acknowledgement",
    name="Good practice",
    goes="what was good, in words, the worker, who raised it, was told or corrected it, references",
    stays="where it came from, themes, days, service area, team, whether managers saw and shared it",
    counts_from="Its time counts from the day on which it was acknowledged, told of or withdrawn.",
    table="acknowledgement",
    reference="r.reference",
    posted=sql_of("acknowledgement", "r.source", "r.source_reference"),
    area="r.service_area",
    names="array_remove(array[r.reference, r.source_reference], null)",
    over="true",
    since="greatest(r.acknowledged_on, r.withdrawn_on, (select max(greatest(n.told_on, n.seen_on, n.shared_on)) from "
    "acknowledgement_notice n where n.org = r.org and n.acknowledgement_id = r.id))",
    steps=(
        Delete("acknowledgement_change", "t.record_id = :id"),
        Empty("acknowledgement_notice", "t.acknowledgement_id = :id", {"person": "null"}),
        Empty("acknowledgement", "t.id = :id and t.withdrawn_on is not null", {"withdrawal_sealed": Sealed(PRACTICE)}),
        Empty(
            "acknowledgement",
            "t.id = :id",
            {
                "reference": _NAMELESS,
                "source_reference": "null",
                "content_hash": _NO_HASH,
                "raised_person": "null",
                "worker": _BY,
                "good_sealed": Sealed(PRACTICE),
            },
        ),
    ),
)

DECLARED = Declared(
    "audit",
    (AUDIT, DISPUTE_KIND, ACKNOWLEDGEMENT, OUTCOME, ROUND, PERSON, REQUEST),
    {
        "Profiles": "every version stays: earlier records are read by the one that they were made by",
    },
    none_needed={
        **OF_EVERY_SERVICE,
        "record_number": "the last number that was given",
    },
)
