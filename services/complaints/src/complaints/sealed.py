"""What the complaints service has sealed; `python -m complaints.sealed` brings it under the key that seals now."""

from chassis import sealed
from chassis.resealing import main
from chassis.sealed import Column, KeyedHash, Sealed, columns
from complaints.adapters import bulletins, intake_sealing, learning, letters, ombudsman_cases
from complaints.use_cases import content, pass_on, points

SEALED = Sealed(
    "complaints",
    (
        *columns("complaint_change", "reason", "by_name"),
        *columns("complaint_person", "details"),
        *columns("finding", "reason"),
        *columns("point_version", "words_sealed", "wanted_sealed"),
        *columns("compliment_words", "words"),
        *columns("compliment_passed_on", "recipient"),
        *columns("comment_passed_on", "recipient"),
        *columns("representation", "details"),
        *columns("representation_person", "details"),
        *columns("representation_change", "words", "by_name"),
        *columns("intake_draft", "content"),
        *columns("learning_action", "what_sealed", "owner_sealed", "evidence_sealed"),
        *columns("learning_step", "note_sealed"),
        *columns("learning_none", "reason_sealed"),
        *columns("bulletin", "content_sealed", "approved_sealed", "published_sealed"),
        *columns("bulletin_step", "content_sealed"),
        *columns("ombudsman_deadline", "what_sealed"),
        *columns("letter_draft", "content"),
        *columns("letter", "content"),
        Column("letter", "file", batch=10),
        *columns("attachment", "added_by_name", "removed_by_name", "removed_reason"),
        *columns("opened", "by_name"),
        *sealed.files("complaints"),
        *sealed.MAIL,
        *sealed.UPLOAD,
        *sealed.RETENTION,
        *sealed.SUBJECT,
    ),
    (
        intake_sealing.DETAILS,
        intake_sealing.PERSON,
        intake_sealing.STAFF,
        intake_sealing.REASON,
        intake_sealing.DRAFT,
        pass_on.PASSED_ON,
        points.WORDS,
        bulletins.TEXTS,
        letters.CONTENT,
        letters.FILE,
        ombudsman_cases.PURPOSE,
        learning.WORDS,
        learning.OWNER,
        *sealed.FILE_PURPOSES,
        *sealed.MAIL_PURPOSES,
        *sealed.UPLOAD_PURPOSES,
        *sealed.RETENTION_PURPOSES,
        *sealed.SUBJECT_PURPOSES,
    ),
    {
        **sealed.PLAIN,
        **sealed.RETENTION_PLAIN,
        "attachment.draft_id": "the keyed hash of a draft's secret",
        "intake_draft.id": "the keyed hash of a draft's secret",
        "complaint.content_hash": "keyed, of what was posted, to know the same again",
        "compliment.content_hash": "keyed, of what was posted, to know the same again",
        "ombudsman_case.content_hash": "keyed, of what was posted, to know the same again",
        "representation.content_hash": "keyed, to know the same again",
    },
    (
        "complaints/found-by",
        "complaints/forms",
        "complaints/learning-owner",
        "complaints/person",
        "complaints/passed-on",
        "complaints/point",
        "complaints/content",
        content.CONTENT,
        "complaints/draft-code",
    ),
    (
        KeyedHash("complaint", "content_hash", content.CONTENT),
        KeyedHash("compliment", "content_hash", content.CONTENT),
        KeyedHash("ombudsman_case", "content_hash", content.CONTENT),
    ),
)

if __name__ == "__main__":
    main(SEALED)
