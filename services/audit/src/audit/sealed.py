"""What the audit service has sealed; `python -m audit.sealed` counts it and brings it under the key that seals now."""

from audit.adapters import actions, directory, entries
from audit.adapters.acknowledgements import PRACTICE
from audit.adapters.disputes import DISPUTE
from audit.adapters.sealing import CASE_NUMBER
from chassis import sealed
from chassis.resealing import main
from chassis.sealed import Sealed, columns

SEALED = Sealed(
    "audit",
    (
        *columns("person", "name_sealed", "email_sealed"),
        *columns("round", "findings_sealed"),
        *columns("round_case", "case_sealed"),
        *columns("audit", "case_sealed", "discussion_sealed", "withdrawal_sealed"),
        *columns("entry", "words_sealed"),
        *columns("question", "asked_sealed", "answer_sealed"),
        *columns("action", "what_sealed", "evidence_sealed"),
        *columns("action_step", "note_sealed"),
        *columns("review", "words_sealed"),
        *columns("escalation", "words_sealed", "answer_sealed"),
        *columns("dispute", "case_sealed", "concern_sealed", "informal_sealed"),
        *columns("dispute_stage", "role_sealed", "reason_sealed", "answer_sealed", "ending_sealed"),
        *columns("dispute_change", "was_sealed"),
        *columns("acknowledgement", "good_sealed", "withdrawal_sealed"),
        *columns("acknowledgement_change", "was_sealed"),
        *sealed.MAIL,
        *sealed.UPLOAD,
        *sealed.RETENTION,
        *sealed.SUBJECT,
    ),
    (
        entries.WORDS,
        actions.WORDS,
        CASE_NUMBER,
        DISPUTE,
        PRACTICE,
        directory.PURPOSE,
        *sealed.MAIL_PURPOSES,
        *sealed.UPLOAD_PURPOSES,
        *sealed.RETENTION_PURPOSES,
        *sealed.SUBJECT_PURPOSES,
    ),
    {
        **sealed.PLAIN,
        **sealed.RETENTION_PLAIN,
        "acknowledgement.content_hash": "of codes and keyed hashes, to know the same again",
        "dispute.content_hash": "of codes and keyed hashes, to know the same again",
        "outcome.digest": "of codes, to know the same again",
        "outcome_version.digest": "of codes, to know the same again",
    },
    ("case", "audit/forms", "audit/content", "audit-upload-form"),
)

if __name__ == "__main__":
    main(SEALED)
