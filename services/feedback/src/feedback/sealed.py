"""What the feedback service has sealed; `python -m feedback.sealed` counts it and brings it under the key that seals now."""

from chassis import sealed
from chassis.resealing import main
from chassis.sealed import Column, Sealed, columns
from feedback.adapters import sealing

SEALED = Sealed(
    "feedback",
    (
        *columns("response_text", "sealed"),
        Column("draft", "answers", kind="json"),
        Column("entry", "answers", kind="json"),
        Column("idempotency", "body", kind="json", batch=10),  # links that were issued, for whoever asks again
        *columns("concern", "asked"),
        *columns("concern_history", "by_name", "words"),
        *columns("contact_request", "details"),
        *columns("contact_history", "by_name", "words"),
        *columns("questionnaire_copy", "changed_by_name"),
        *columns("questionnaire_publication", "by_name"),
        *columns("call_log", "by_name", "note"),
        *columns("caller", "name"),
        *columns("star", "reference", "worker"),
        *columns("star_history", "by_name"),
        *columns("send_address", "address", "token", "hint"),
        *columns("comment_history", "by_name"),
        *columns("comment_look", "by_name"),
        *columns("quote", "words"),
        *columns("approved_quote", "words"),
        *columns("quote_history", "by_name", "words"),
        *columns("change_made", "words"),
        *columns("change_history", "by_name", "words"),
        *sealed.MAIL,
        *sealed.UPLOAD,
        *sealed.RETENTION,
        *sealed.SUBJECT,
    ),
    (
        sealing.TEXT,
        sealing.STAFF,
        sealing.STEP,
        sealing.LINKS,
        sealing.SEND_ADDRESS,
        sealing.SEND_TOKEN,
        sealing.SEND_HINT,
        sealing.CONTACT,
        sealing.CONTACT_STEP,
        sealing.QUOTE,
        sealing.CHANGE,
        sealing.CALL_NOTE,
        sealing.STAR_PERSON,
        sealing.STAR_WORKER,
        *sealed.MAIL_PURPOSES,
        *sealed.UPLOAD_PURPOSES,
        *sealed.RETENTION_PURPOSES,
        *sealed.SUBJECT_PURPOSES,
    ),
    {
        **sealed.PLAIN,
        **sealed.RETENTION_PLAIN,
        "invitation.fingerprint": "keyed, of what was asked for",
        "response.fingerprint": "keyed, of the answers",
    },
    (
        "feedback-short-code",
        "feedback-visitor",
        "feedback-form",
        "feedback-say-no",
        "feedback-star-person",
        "feedback-star-worker",
        "feedback/staff-forms",
        "feedback-send-address",
        "feedback-contact-visit",
        "feedback-fingerprint",
        "feedback-caller",
    ),
)

if __name__ == "__main__":
    main(SEALED)
