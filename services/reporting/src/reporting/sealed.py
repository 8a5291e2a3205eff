"""What reporting has sealed; `python -m reporting.sealed` counts it and brings it under the key that seals now."""

from chassis import sealed
from chassis.resealing import main
from chassis.sealed import Column, Sealed, columns
from reporting.adapters import commentary_repository, issue_repository, plan_reading
from reporting.use_cases import record_kpis

SEALED = Sealed(
    "reporting",
    (
        *columns("kpi_observation", "reason", "recorded_name"),
        *columns("plan", "words"),
        *columns("plan_workstream", "words"),
        *columns("plan_action", "words"),
        *columns("plan_milestone", "words"),
        *columns("plan_step", "by_name", "words"),
        *columns("report_commentary", "words_sealed", "name_sealed"),
        *columns("report_quotes", "name_sealed"),
        Column("report_issue", "frozen_sealed", bound="t.id::text", batch=10),
        *columns("report_issue", "prepared_name", "checked_name", "issued_name", "ended_name", "ended_reason"),
        Column("report_file", "content_sealed", bound="t.issue_id || '/' || t.kind", batch=5),
        *sealed.MAIL,
        *sealed.UPLOAD,
        *sealed.RETENTION,
        *sealed.SUBJECT,
    ),
    (
        commentary_repository.WORDS,
        commentary_repository.STAFF,
        issue_repository.FROZEN,
        plan_reading.WORDS,
        record_kpis.REASON,
        record_kpis.STAFF,
        *sealed.MAIL_PURPOSES,
        *sealed.UPLOAD_PURPOSES,
        *sealed.RETENTION_PURPOSES,
        *sealed.SUBJECT_PURPOSES,
    ),
    {**sealed.PLAIN, **sealed.RETENTION_PLAIN},
    ("reporting/forms",),
)

if __name__ == "__main__":
    main(SEALED)
