"""What the trail says about a person: what they did as staff, and who opened or changed a record that is about them.

Both are personal data: of who acted (their sign-in is in every entry), and of whose record it was (CJEU, C-579/21: that, when
and why it was consulted; by whom only where that is needed). The entries of a record are given with the record.
"""

from chassis.subject.declaring import Field, KindOf, Part, Whose, clear, internal, staff

MOST_ACTS, MOST_LOOKS = 1_000, 200
"""The newest entries that are given of a person, and of a record; the pages of the trail have them all."""

_OF_PERSON = """t.number in (select x.number from trail x where x.org = :org and md5(x.subject)::uuid = :id
    order by x.number desc nulls last limit {most})"""
_OF_RECORD = """t.number in (select x.number from trail x where x.org = :org and exists (
    select from jsonb_each_text(x.parameters) p where p.value = cast(:id as uuid)::text)
    order by x.number desc nulls last limit {most})"""

ACTS = KindOf(
    "trail",
    "What a member of staff or a system did, by the trail",
    # One row a person: a kind's table has a row for each record.
    "(select org, subject, max(at) as at from trail group by org, subject)",
    "t.subject",
    "null::text",
    "t.at",
    (
        Part(
            "trail",
            f"What they did, the newest {MOST_ACTS:,}",
            "md5(t.subject)::uuid",
            ("number",),
            (
                clear("subject", "Sign-in"),
                clear("at", "When"),
                clear("method", "Way of asking"),
                clear("route", "What was asked for"),
                Field("parameters", "Ids and codes of what it was", Whose.WORDS, form="json"),
                *internal("hash", "request_id"),
            ),
            where=_OF_PERSON.format(most=MOST_ACTS),
            order="t.number desc",
            subject=("subject",),
            only="t.number is not null",
        ),
    ),
    purposes="To know who read or changed what, and to be able to prove it.",
    source="Their own acts in this system.",
    recipients="The data protection officer; whoever keeps a copy of the trail for the council.",
    kept="As long as the council's retention.yaml says of the trail, a year at least; without a period for good, as a chain.",
    ident="md5(t.subject)::uuid",
)

LOOKS = Part(
    "trail",
    f"When it was opened or changed, by the trail, the newest {MOST_LOOKS}",
    "cast(:id as uuid)",
    ("number",),
    (
        clear("at", "When"),
        clear("method", "Way of asking"),
        clear("route", "What was asked for"),
        *staff("subject", label="By"),
    ),
    where=_OF_RECORD.format(most=MOST_LOOKS),
    order="t.number desc",
    only="t.number is not null",
)
"""A part that every record has besides its own."""
