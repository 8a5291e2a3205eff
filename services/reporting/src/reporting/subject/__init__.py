"""Where a person can be found in what reporting holds, and whose data each column is (`chassis.subject`)."""

from collections.abc import AsyncIterator

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.subject.declaring import OF_REQUESTS, OF_RETENTION, OF_TRAIL, Match, Subject
from chassis.subject.matching import Asked, uuids
from chassis.subject.of_trail import ACTS
from chassis.unit_of_work import Transaction
from reporting.subject.texts import COMMENTARY, ISSUE, KPI, PLAN, QUOTES
from reporting.subject.wording import wording

_BY_ID = text(
    """
    select 'plan' as kind, id from plan where org = :org and id = any(:ids)
    union all select 'issue', id from report_issue where org = :org and id = any(:ids)
    """
)
_FACTS = "Codes, days and ids made of events: they repeat what the record with the same id says in its own service."


async def find(transaction: Transaction, _: Secrets, asked: Asked) -> AsyncIterator[Match]:
    """By ids; names stand in sealed words, and sign-ins are found by the columns that are declared for them."""
    rows = await transaction.connection.execute(_BY_ID, {"org": transaction.org, "ids": uuids(asked.ids)})
    for row in rows:
        yield Match(row.kind, row.id, "has the id")


SUBJECT = Subject(
    "reporting",
    "Reports, figures and improvement plans",
    (COMMENTARY, QUOTES, ISSUE, KPI, PLAN, ACTS),
    find,
    {
        **dict.fromkeys(
            (
                "fact_response",
                "fact_answer",
                "fact_comment",
                "fact_invitation",
                "fact_invitation_message",
                "fact_reminder_refusal",
                "fact_star_reading",
                "fact_star_withdrawal",
                "fact_star_closure",
                "fact_star_erasure",
                "fact_call_attempt",
                "fact_caller_duty",
                "fact_complaint",
                "fact_point",
                "fact_representation",
                "fact_learning_action",
                "fact_audit",
            ),
            _FACTS,
        ),
        "mail": "Mails to staff about improvement plans: numbers of actions, days and links; nothing of a family.",
        "report_file": "PDF and workbook of issued reports: they say what the report itself says.",
        "direct_reader": "Logins of BI tools, by the name of the tool; the operator has them.",
        "dead_letter": "Events that were put aside, in codes.",
        "upload": "Sheets of figures that wait for a yes, for a day at most.",
        "idempotency": "Answers to other systems, for 30 days.",
        **OF_TRAIL,
        **OF_RETENTION,
        "fact_reduction": "That a record was reduced: its id and a day.",
        **OF_REQUESTS,
    },
    (
        "Audits, disputes and good practice: the audit service",
        "Surveys, worries, contact requests, calls and outcome stars: the feedback service",
        "Complaints, compliments and what came in: the complaints service",
        "Sign-ins, and what administrators did with access: the gateway",
    ),
    wording=wording,
)
