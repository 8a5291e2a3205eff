"""What every service answers for in the same way: who did what, how long records are kept, what people ask about themselves."""

from collections.abc import Awaitable, Callable
from datetime import date

from fastapi import APIRouter

from chassis.days import british_today
from chassis.retention.desk import retention_pages
from chassis.retention.kinds import Declared
from chassis.retention.periods import Period
from chassis.retention.routes import retention_routes
from chassis.secrets import Secrets
from chassis.subject.declaring import Subject
from chassis.subject.desk import subject_pages
from chassis.subject.restricting import restriction_pages
from chassis.subject.review import review_pages
from chassis.subject.routes import subject_routes
from chassis.subject.setup import SubjectDesk
from chassis.trail.desk import trail_pages
from chassis.trail.routes import trail_routes
from chassis.unit_of_work import Transaction


def accountable(
    subject: Subject,
    declared: Declared,
    secrets: Secrets,
    periods: Callable[[Transaction], Awaitable[dict[str, Period]]],
    today: Callable[[], date] = british_today,
) -> list[APIRouter]:
    """Pages and routes of the trail, of retention and of people's requests, of the service that declares both."""
    rights = SubjectDesk(subject, secrets, today)
    return [
        trail_routes(subject.service, secrets),
        trail_pages(subject.service, secrets),
        retention_pages(declared, secrets, periods, today),
        retention_routes(declared, secrets, periods, today),
        subject_routes(rights),
        subject_pages(rights),
        review_pages(rights),
        restriction_pages(rights),
    ]
