"""What records of this service have in common: parts that people play, files, who opened them."""

from collections.abc import Mapping

from chassis.subject.declaring import Field, Part, Role, Whose, clear, internal, staff, staff_name
from complaints.adapters.intake_sealing import REASON, STAFF

ROLES: Mapping[str, Role] = {
    "complainant": Role.SENDER,
    "representative": Role.REPRESENTATIVE,
    "advocate": Role.REPRESENTATIVE,
    "mp-or-councillor": Role.REPRESENTATIVE,
    "child": Role.CHILD,
    **dict.fromkeys(
        (
            "case-worker",
            "responder",
            "investigating-officer",
            "independent-person",
            "adjudicator",
            "panel-chair",
            "panel-member",
        ),
        Role.STAFF,
    ),
}


def attached(column: str) -> tuple[Part, Part]:
    """Files of a record: what is known of each, and the file."""
    of = f"(select a.{column} from attachment a where a.org = t.org and a.file_id = t.id)"  # noqa: S608 - declared
    return (
        Part(
            "attachment",
            "Files, and who added them",
            f"t.{column}",
            ("file_id",),
            (
                clear("added_at", "Added"),
                clear("removed_at", "Removed"),
                *staff("added_by", "removed_by"),
                staff_name("added_by_name", STAFF, "added_by"),
                staff_name("removed_by_name", STAFF, "removed_by"),
                Field("removed_reason", "Why it was removed", Whose.WORDS, REASON),
                *internal("draft_id"),
            ),
            subject=("added_by", "removed_by"),
        ),
        Part(
            "stored_file",
            "Files",
            of,
            ("id",),
            (
                Field("details", "File name", Whose.SENDER, "file-details", "json", "t.id::text"),
                clear("kind", "Kind"),
                clear("size", "Bytes"),
                clear("scan_reason", "What the virus scanner said"),
                Field(
                    "content",
                    "The file itself",
                    Whose.SENDER,
                    form="stored",
                    sql="case when t.destroyed_at is null then t.id end",
                ),
                *internal("content_key"),
            ),
            where=f"t.id in (select a.file_id from attachment a where a.org = :org and a.{column} = :id)",  # noqa: S608 - declared
        ),
    )


def opened(record: str) -> Part:
    """Who opened words, contact details or files of a record."""
    return Part(
        "opened",
        "Who opened it",
        "t.record_id",
        ("id",),
        (
            clear("at", "When"),
            *staff("by_subject"),
            staff_name("by_name", STAFF, "by_subject"),
            *internal("record", "record_id"),
        ),
        order="t.at, t.id",
        subject=("by_subject",),
        only=f"t.record = '{record}'",
    )
