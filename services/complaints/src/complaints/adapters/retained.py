"""Kinds of record of this service as `chassis.retention` reduces them: what goes, what stays, and from when their time counts.

A record keeps what figures are made of (codes, days, working days, findings) and its id. Names, words, letters, files, the
references under which people know it, and who of staff did what go. The columns are those of docs/privacy.md.
"""

# ruff: noqa: S608 - SQL of constants of this module: nothing of a request is in it

import json
from collections.abc import Mapping

from chassis.retention.asked import REQUEST
from chassis.retention.kinds import GONE, NOBODY, Declared, Delete, Empty, Events, Kind, Sealed
from chassis.retention.known import sql_key, sql_of
from chassis.retention.none_needed import OF_EVERY_SERVICE
from complaints.adapters import ombudsman_cases
from complaints.adapters.intake_sealing import DETAILS
from complaints.adapters.learning import OWNER, WORDS
from contracts.complaints import (
    LearningActionChanged,
    LearningActionCompleted,
    LearningActionRecorded,
    LearningActionReviewed,
)

_ID = "cast(:id as uuid)"
_BY = f"'{NOBODY}'"
# Distinct, as references are; letters and digits alone, as they have to be.
_NAMELESS = f"'{NOBODY}-' || replace(cast(t.id as text), '-', '')"
_OF_COMPLAINT = "t.complaint_id = :id"
_SENT_DETAILS = Sealed(DETAILS, json.dumps({"narrative": GONE}))
_NO_OWNER = Sealed(OWNER, json.dumps({"name": GONE}))

_REPRESENTATION: Mapping[str, str | Sealed] = {
    "details": _SENT_DETAILS,
    "reference": _NAMELESS,
    "own_reference": "null",
    "content_hash": "''",
    "happened_on": "null",
    "advocate_offered_by": f"case when t.advocate_offered_by is not null then {_BY} end",
    "recorded_by": _BY,
}


def _mails(ids: str) -> Delete:
    """Mails about it that are through; one that still waits is sent first, and its content goes 14 days later."""
    return Delete("mail", f"t.state in ('sent', 'failed') and split_part(t.key, ':', 2) = any(array({ids}))")


def _came_in(of: str) -> tuple[Delete | Empty, ...]:
    """What came in: words, senders, files. `of` is SQL for the ids of representations."""
    return (
        Delete("opened", f"t.record = 'representation' and t.record_id in ({of})"),
        Delete("stored_file", f"t.id in (select a.file_id from attachment a where a.representation_id in ({of}))"),
        Delete("representation_person", f"t.representation_id in ({of})"),
        Empty(
            "representation_change",
            f"t.representation_id in ({of})",
            {"words": "null", "by_name": "null", "by_subject": _BY},
        ),
        Delete("intake_draft", f"t.representation_id in ({of})"),
        Empty("representation", f"t.id in ({of})", _REPRESENTATION),
    )


_ITS = f"select p.id from representation p where p.complaint_id = {_ID}"
_THANKS = f"select p.id from representation p where p.compliment_id = {_ID}"
_CASES = f"select o.id from ombudsman_case o where o.complaint_id = {_ID}"
_ACTIONS = f"select a.id from learning_action a where a.complaint_id = {_ID}"
_COMMENTS = f"select m.id from comment m where m.representation_id = {_ID}"
_TEXT = "select cast({0}.id as text) from {1} {0} where {0}.{2} = cast(:id as uuid)"

_OMBUDSMAN_DONE = (
    "r.outcome_on is not null and not exists (select from ombudsman_deadline d where d.org = r.org and d.case_id = r.id "
    "and d.done_on is null)"
)


def _sent_under(of: str) -> str:
    """SQL for the keys under which systems sent what came in; `of` says of which representations `p`."""
    return (
        f"array(select {sql_key('representation', 'p.own_reference')} from representation p "
        f"where p.org = r.org and p.{of} = r.id and p.own_reference is not null)"
    )


COMPLAINT = Kind(
    code="complaint",
    name="Complaints and enquiries",
    goes="what came in, names and ways to reach people, points in words, letters, files, reasons, learning in words, "
    "references, who opened or recorded what; with the Ombudsman's cases about it",
    stays="procedure, stages and their days, points and findings in codes, service area, team, need, who raised it as a code",
    counts_from="It is over when nothing runs, is asked for, or is open at the Ombudsman, and no action from it is open; its "
    "time counts from the last thing that happened to it, a letter or a file among them.",
    table="complaint",
    reference="r.reference",
    area="r.service_area",
    names="array[r.reference] || array(select n from representation p cross join lateral unnest(array[p.reference, "
    "p.own_reference]) n where p.org = r.org and p.complaint_id = r.id and n is not null) || array(select o.reference from "
    "ombudsman_case o where o.org = r.org and o.complaint_id = r.id)",
    covers="array[r.id] || array(select p.id from representation p where p.org = r.org and p.complaint_id = r.id) "
    "|| array(select o.id from ombudsman_case o where o.org = r.org and o.complaint_id = r.id)",
    parts="array[r.id] || array(select p.id from representation p where p.org = r.org and p.complaint_id = r.id)",
    posted=f"{sql_of('complaint', 'r.reference')} || {_sent_under('complaint_id')} || array(select "
    f"{sql_key('ombudsman-case', 'o.reference')} from ombudsman_case o where o.org = r.org and o.complaint_id = r.id)",
    over="not r.open and not exists (select from ombudsman_case o where o.org = r.org and o.complaint_id = r.id and "
    "(o.outcome_on is null or exists (select from ombudsman_deadline d where d.org = o.org and d.case_id = o.id and "
    "d.done_on is null))) and not exists (select from learning_action a where a.org = r.org and a.complaint_id = r.id and "
    "a.status = 'open')",
    since="greatest(r.received_on, r.referred_on, "
    "(select max(c.dated_on) from complaint_change c where c.org = r.org and c.complaint_id = r.id), "
    "(select max(s.responded_on) from stage s where s.org = r.org and s.complaint_id = r.id), "
    "(select max(q.decided_on) from stage_request q where q.org = r.org and q.complaint_id = r.id), "
    "(select max(o.outcome_on) from ombudsman_case o where o.org = r.org and o.complaint_id = r.id), "
    "(select max(d.done_on) from ombudsman_deadline d join ombudsman_case o on o.org = d.org and o.id = d.case_id "
    "where o.org = r.org and o.complaint_id = r.id), "
    "(select max(greatest(a.recorded_on, a.done_on, a.reviewed_on)) from learning_action a where a.org = r.org "
    "and a.complaint_id = r.id), "
    "(select max(l.sent_on) from letter l where l.org = r.org and l.complaint_id = r.id), "
    "(select max(cast(l.changed_at as date)) from letter_draft l where l.org = r.org and l.complaint_id = r.id), "
    "(select max(cast(f.added_at as date)) from attachment f where f.org = r.org and f.complaint_id = r.id))",
    steps=(
        _mails(
            " union all ".join(
                (
                    f"select cast({_ID} as text)",
                    _TEXT.format("l", "letter", "complaint_id"),
                    _TEXT.format("a", "learning_action", "complaint_id"),
                    f"select cast(d.id as text) from ombudsman_deadline d where d.case_id in ({_CASES})",
                )
            )
        ),
        Delete(
            "opened",
            "(t.record = 'complaint' and t.record_id = :id) or (t.record = 'letter' and t.record_id in "
            f"(select l.id from letter l where l.complaint_id = {_ID}))",
        ),
        *_came_in(_ITS),
        Delete("stored_file", f"t.id in (select a.file_id from attachment a where a.complaint_id = {_ID})"),
        Delete("letter_draft", _OF_COMPLAINT),
        Delete("letter", _OF_COMPLAINT),
        Delete("complaint_person", _OF_COMPLAINT),
        Empty("complaint_change", _OF_COMPLAINT, {"reason": "null", "by_name": "null", "recorded_by": _BY}),
        Empty("finding", f"{_OF_COMPLAINT} and t.reason is not null", {"reason": "null"}),
        Empty(
            "point_version",
            _OF_COMPLAINT,
            dict.fromkeys(("words_sealed", "words_key", "wanted_sealed", "wanted_key"), "null"),
        ),
        Empty("complaint_point", _OF_COMPLAINT, dict.fromkeys(("words_key", "wanted_key"), "null")),
        Empty("learning_step", f"t.action_id in ({_ACTIONS})", {"note_sealed": "null", "by": _BY}),
        Empty(
            "learning_action",
            f"{_OF_COMPLAINT} and t.done_on is not null",
            {"evidence_sealed": Sealed(WORDS)},
        ),
        # An action has an owner or a team; where it has no team, somebody who cannot be known stands for the owner.
        Empty(
            "learning_action",
            f"{_OF_COMPLAINT} and t.team is null",
            {"owner_sealed": _NO_OWNER, "owner_key": "null", "owner_name_key": _BY},
        ),
        Empty(
            "learning_action",
            f"{_OF_COMPLAINT} and t.team is not null",
            dict.fromkeys(("owner_sealed", "owner_key", "owner_name_key"), "null"),
        ),
        Empty(
            "learning_action",
            _OF_COMPLAINT,
            {
                "what_sealed": Sealed(WORDS),
                "created_by": _BY,
                "reference": f"'{NOBODY}-' || replace(cast(t.complaint_id as text), '-', '')",
            },
        ),
        Empty("learning_none", _OF_COMPLAINT, {"reason_sealed": Sealed(WORDS), "decided_by": _BY}),
        Empty(
            "ombudsman_deadline",
            f"t.case_id in ({_CASES})",
            {
                "what_sealed": Sealed(ombudsman_cases.PURPOSE),
                "done_by": f"case when t.done_by is not null then {_BY} end",
                "created_by": _BY,
            },
        ),
        Empty("ombudsman_case", _OF_COMPLAINT, {"reference": _NAMELESS, "content_hash": "''", "created_by": _BY}),
        Empty("complaint", "t.id = :id", {"reference": _NAMELESS, "content_hash": "''", "created_by": _BY}),
    ),
    events=(
        Events(
            "complaint_id",
            (LearningActionRecorded, LearningActionChanged, LearningActionCompleted, LearningActionReviewed),
        ),
    ),
    at_least=12,
    because="complaints are usually taken within twelve months of the events, and whoever comes back in that time finds what "
    "was answered. The floor is this software's caution, and no rule of law stands behind it that we can show: the period, "
    "and its basis, are the council's decision",
)

REPRESENTATION = Kind(
    code="representation",
    name="What came in and became no complaint or compliment",
    goes="what was said, senders and ways to reach them, files, reasons, references, who opened or recorded it; of a comment, "
    "to whom it was passed on",
    stays="how and when it came in, what it was decided to be, service area, language, whether a child sent it",
    counts_from="It is over when somebody decided what it is; its time counts from that.",
    table="representation",
    reference="r.reference",
    area="r.service_area",
    names="array_remove(array[r.reference, r.own_reference], null)",
    covers="array_remove(array[r.id, r.comment_id, r.duplicate_of], null)",
    parts="array_remove(array[r.id, r.comment_id], null)",
    posted=sql_of("representation", "r.own_reference"),
    over="r.state = 'decided' and r.complaint_id is null and r.compliment_id is null",
    since="greatest(r.received_on, (select max(cast(c.at as date)) from representation_change c where c.org = r.org and "
    "c.representation_id = r.id), (select max(cast(f.added_at as date)) from attachment f where f.org = r.org and "
    "f.representation_id = r.id))",
    steps=(
        _mails(_TEXT.format("m", "comment", "representation_id")),
        *_came_in(f"select {_ID}"),
        Delete("comment_passed_on", f"t.comment_id in ({_COMMENTS})"),
        Empty("comment", "t.representation_id = :id", {"recorded_by": _BY}),
    ),
)

COMPLIMENT = Kind(
    code="compliment",
    name="Compliments",
    goes="what it says, who sent it, files, to whom it was passed on, references, who recorded or opened it",
    stays="when it came in, service area, team, who sent it as a code, whether from outside",
    counts_from="Its time counts from the day on which it came in, or was passed on.",
    table="compliment",
    reference="r.reference",
    area="r.service_area",
    names="array[r.reference] || array(select n from representation p cross join lateral unnest(array[p.reference, "
    "p.own_reference]) n where p.org = r.org and p.compliment_id = r.id and n is not null)",
    covers="array[r.id] || array(select p.id from representation p where p.org = r.org and p.compliment_id = r.id)",
    parts="array[r.id] || array(select p.id from representation p where p.org = r.org and p.compliment_id = r.id)",
    posted=f"{sql_of('compliment', 'r.reference')} || {_sent_under('compliment_id')}",
    over="true",
    since="greatest(r.received_on, (select max(cast(p.at as date)) from compliment_passed_on p where p.org = r.org and "
    "p.compliment_id = r.id))",
    steps=(
        _mails(f"select cast({_ID} as text)"),
        Delete("opened", "t.record = 'compliment' and t.record_id = :id"),
        *_came_in(_THANKS),
        Delete("compliment_passed_on", "t.compliment_id = :id"),
        Delete("compliment_words", "t.compliment_id = :id"),
        Empty("compliment", "t.id = :id", {"reference": _NAMELESS, "content_hash": "''", "created_by": _BY}),
    ),
)

OMBUDSMAN = Kind(
    code="ombudsman-case",
    name="Ombudsman's cases without a complaint here",
    goes="the Ombudsman's reference, what was to be done, who recorded and did it",
    stays="service area, days, outcome, remedies",
    counts_from="It is over when its outcome came and every deadline is done; its time counts from the last of these days. "
    "Those about a complaint go with it.",
    table="ombudsman_case",
    only="r.complaint_id is null",
    reference="r.reference",
    area="r.service_area",
    names="array[r.reference]",
    over=_OMBUDSMAN_DONE,
    since="greatest(r.outcome_on, (select max(d.done_on) from ombudsman_deadline d where d.org = r.org and d.case_id = r.id))",
    posted=sql_of("ombudsman-case", "r.reference"),
    steps=(
        _mails(f"select cast(d.id as text) from ombudsman_deadline d where d.case_id = {_ID}"),
        Empty(
            "ombudsman_deadline",
            "t.case_id = :id",
            {
                "what_sealed": Sealed(ombudsman_cases.PURPOSE),
                "done_by": f"case when t.done_by is not null then {_BY} end",
                "created_by": _BY,
            },
        ),
        Empty("ombudsman_case", "t.id = :id", {"reference": _NAMELESS, "content_hash": "''", "created_by": _BY}),
    ),
)

DECLARED = Declared(
    "complaints",
    (COMPLAINT, REPRESENTATION, COMPLIMENT, OMBUDSMAN, REQUEST),
    {
        "Bulletins": "written to name nobody; kept",
        "Lists that somebody saved": "they are whose they are, who can delete them",
        "Profiles": "every version stays: earlier records are read by the one that they were made by",
    },
    none_needed={
        **OF_EVERY_SERVICE,
        **dict.fromkeys(
            ("stage", "stage_request", "overdue_span", "point_change", "point_change_part", "learning_ask"),
            "codes, days and ids of a complaint, of which figures are made",
        ),
        **dict.fromkeys(("person_found_by", "sender_found_by"), "keyed hashes, deleted with the person of whom they are"),
        "attachment": "its words and names are deleted with its file",
        "stored_piece": "deleted with its file",
        "reference_counter": "the last number that was given",
        "bulletin": "to staff, about nobody: the duty to name nobody is its writers', and each is read by two people",
        "bulletin_step": "versions of the same",
        "saved_view": "a list that a member of staff keeps for themselves, and can delete: a name and filters",
    },
)
