"""Disputes, good practice and the directory of staff: whose data each of their columns is."""

from audit.adapters import directory
from audit.adapters.acknowledgements import PRACTICE
from audit.adapters.disputes import DISPUTE
from audit.subject.audits import KEPT, PURPOSES
from chassis.subject.declaring import CODE, KEPT_AS_IT_IS, Field, KindOf, Part, Role, Whose, clear, internal, staff


def _words(column: str, label: str, purpose: str) -> Field:
    return Field(column, label, Whose.WORDS, purpose)


def _changes(table: str, purpose: str) -> Part:
    return Part(
        table,
        "What stood there before",
        "t.record_id",
        ("record_id", "revision", "position"),
        (
            clear("step", "Step"),
            clear("fact", "What was changed"),
            clear("changed_at", "When"),
            clear("was", "Was", Whose.WORDS),
            clear("became", "Became", Whose.WORDS),
            _words("was_sealed", "Was, in words", purpose),
            *staff("changed_by"),
        ),
        subject=("changed_by",),
    )


DISPUTE_RECORD = KindOf(
    "dispute",
    "Dispute about practice",
    "dispute",
    "t.reference",
    "t.service_area",
    "t.raised_on",
    (
        Part(
            "dispute",
            "The dispute",
            "t.id",
            ("id",),
            (
                clear("reference", "Reference"),
                clear("source_reference", "Reference of the system that sent it"),
                clear("raised_on", "Raised on"),
                clear("raised_by", "Raised by (role)"),
                clear("category", "Category"),
                clear("service_area", "Service area"),
                clear("team", "Team"),
                clear("phase", "Where it stands"),
                clear("ended_on", "Ended on"),
                Field("case_sealed", "Case number", Whose.CHILD, DISPUTE),
                _words("concern_sealed", "Concern", DISPUTE),
                _words("informal_sealed", "Informal talk", DISPUTE),
                *staff("raised_person", label="Raised by (code)"),
                *staff("source", label="Recorded by"),
                *internal("case_key", "content_hash"),
            ),
            subject=("raised_person", "source"),
        ),
        Part(
            "dispute_stage",
            "Stages",
            "t.dispute_id",
            ("dispute_id", "number"),
            (
                clear("reached_on", "Reached on"),
                clear("due_on", "Due on"),
                clear("answered_on", "Answered on"),
                clear("result", "Result"),
                clear("outcome", "Outcome"),
                Field("role_sealed", "Who must answer", Whose.STAFF, DISPUTE, of="person"),
                _words("reason_sealed", "Why it was taken further", DISPUTE),
                _words("answer_sealed", "Answer", DISPUTE),
                _words("ending_sealed", "How it ended", DISPUTE),
                *staff("person", label="Person (code)"),
            ),
            subject=("person",),
        ),
        _changes("dispute_change", DISPUTE),
    ),
    purposes="To settle disagreements about practice, and to learn.",
    source="Whoever raised it: a reviewing officer, a chair, another system.",
    recipients="Those who must answer; quality-assurance officers; codes go to reports.",
    kept=KEPT,
    pages={"/audit/disputes/{dispute_id}": ""},
    stops=f"{KEPT_AS_IT_IS} No step is taken in it.",
)

GOOD_PRACTICE = KindOf(
    "acknowledgement",
    "Acknowledged good practice",
    "acknowledgement",
    "t.reference",
    "t.service_area",
    "t.acknowledged_on",
    (
        Part(
            "acknowledgement",
            "Good practice",
            "t.id",
            ("id",),
            (
                clear("reference", "Reference"),
                clear("source_reference", "Reference of the system that sent it"),
                clear("acknowledged_on", "Acknowledged on"),
                clear("raised_by", "By (role)"),
                clear("team", "Team"),
                _words("good_sealed", "What was good", PRACTICE),
                _words("withdrawal_sealed", "Why it was withdrawn", PRACTICE),
                *staff("worker", label="Worker (code)"),
                *staff("raised_person", label="By (code)"),
                *staff("source", label="Recorded by"),
                *internal("content_hash"),
            ),
            subject=("worker", "raised_person", "source"),
        ),
        Part(
            "acknowledgement_notice",
            "Who was told",
            "t.acknowledgement_id",
            ("acknowledgement_id", "number"),
            (clear("told_on", "Told on"), clear("seen_on", "Seen on"), *staff("person", label="Person (code)")),
            subject=("person",),
        ),
        _changes("acknowledgement_change", PRACTICE),
    ),
    purposes=PURPOSES,
    source="Whoever acknowledged it.",
    recipients="The worker and their managers; quality-assurance officers; codes go to reports.",
    kept=KEPT,
    pages={"/audit/acknowledgements/{acknowledgement_id}": ""},
    stops=KEPT_AS_IT_IS,
)

PERSON = KindOf(
    "person",
    "Entry in the directory of staff",
    "person",
    "t.code",
    "t.service_area",
    "t.changed_at",
    (
        Part(
            "person",
            "The person",
            "md5(t.code)::uuid",
            ("code",),
            (
                clear("code", "Code", Whose.ROW),
                clear("subject", "Sign-in", Whose.ROW),
                Field("name_sealed", "Name", Whose.ROW, directory.PURPOSE),
                Field("email_sealed", "E-mail", Whose.ROW, directory.PURPOSE),
                clear("service_area", "Service area", Whose.ROW),
                clear("team", "Team", Whose.ROW),
                clear("manages", "Manages", Whose.ROW),
                clear("duties", "Duties", Whose.ROW),
                clear("agency", "Agency", Whose.ROW),
                clear("changed_at", "Changed", Whose.ROW),
                *staff("line_manager", label="Line manager (code)"),
            ),
            person=True,
            roles={"": Role.STAFF},
            subject=("code", "subject"),
        ),
    ),
    purposes="To know who audits, moderates, reviews and manages.",
    source="The council's directory, or a quality-assurance officer.",
    recipients="Quality-assurance officers; colleagues in an audit.",
    kept="Until the council has it deleted; who left is set inactive.",
    ident="md5(t.code)::uuid",
    pages={"/audit/people/{code}": CODE},
)
