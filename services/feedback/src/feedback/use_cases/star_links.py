"""Links for outcome stars: an invitation that is tied to a person and a point, and what becomes of its answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from contracts.feedback import InvitationChannel
from feedback.adapters import star_readings, stars
from feedback.adapters.star_readings import Entry, Taken
from feedback.context import Context
from feedback.domain.answers import Answer
from feedback.domain.invitation import InvitationRequest
from feedback.domain.profile import FeedbackProfile
from feedback.domain.response import Response
from feedback.domain.stars import AnsweredBy, Aside, Point, fault, possible_points
from feedback.use_cases.issue_invitations import issue_invitations, single
from feedback.use_cases.issue_links import keep_told, staff_client
from feedback.use_cases.take_star import course_of, held, join


@dataclass(frozen=True, slots=True)
class LinkWanted:
    """A link for a point of a person's star."""

    point: Point
    channel: InvitationChannel
    language: str | None
    answered_by: AnsweredBy = AnsweredBy.SELF


async def issue_star_link(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, wanted: LinkWanted, now: datetime
) -> UUID:
    """Issue a link for a star; answers where it is told, once, to whoever issued it.

    The list of links shows it without a reference: whose it is stands beside the star alone.
    """
    star = await held(transaction, context, identity, ident, lock=True)
    profile = (await context.profiles.current(transaction)).profile
    course = await course_of(transaction, profile, star)
    possible = possible_points(course.kind, [each.reading() for each in course.counted], star.closed)
    if wanted.point not in possible:
        listed = ", ".join(possible) or "none: it has its end"
        wrong = FieldError("/point", f"expected one of: {listed}")
        raise DomainError("unknown-code", "No link was issued. See `errors`.", Kind.MALFORMED, (wrong,))
    request = InvitationRequest(
        questionnaire=course.kind.questionnaire,
        service_area=star.service_area,
        team=star.team,
        channel=wanted.channel,
        language=wanted.language,
    )
    today = british_day(now)

    results = await issue_invitations(transaction, context, staff_client(request.questionnaire), [request], now, identity.areas)
    issued = single(results[0])
    if issued.invitation_id is None:  # pragma: no cover - `single` has raised
        raise LookupError(ident)
    await star_readings.tie(transaction, issued.invitation_id, ident, wanted.point, wanted.answered_by, today)
    entry = Entry(now, "link", "", None, None, {"point": wanted.point.value, "channel": wanted.channel})
    await star_readings.note(transaction, context.secrets, ident, entry, identity)
    return await keep_told(transaction, context, identity, profile, [(request, issued)])


async def join_star(
    transaction: Transaction,
    context: Context,
    profile: FeedbackProfile,
    response: Response,
    settled: Mapping[str, Answer],
    now: datetime,
) -> None:
    """Let the answers of a link that is tied to a star join it, in the transaction that stores them.

    What a family sends is never refused: where it cannot stand in the course as it came, it is put aside, and a person decides.
    """
    if response.invitation_id is None or not profile.stars.of_questionnaire(response.questionnaire):
        return
    tied = await star_readings.tied(transaction, response.invitation_id)
    if tied is None:
        return
    ident, point, answered_by = tied
    star = await stars.one(transaction, context.secrets, ident)
    if star is None:  # pragma: no cover - nothing deletes one
        raise LookupError(ident)
    await stars.lock(transaction, star.kind, star.person)
    star = await stars.one(transaction, context.secrets, ident)
    if star is None or profile.stars.kind(star.kind) is None:
        return
    course = await course_of(transaction, profile, star)
    answers = {scale: settled[scale].score for scale in course.kind.scale_codes if scale in settled}
    scores = {scale: score for scale, score in answers.items() if score is not None}
    taken = Taken(
        new_id(), ident, point, response.answered_on, scores, answered_by, "link", response.questionnaire, response.version,
        star.service_area, star.team, response_id=response.id,
    )  # fmt: skip
    wrong = _why_not(course.counted, taken, star.closed)
    if wrong is None:
        await join(transaction, context, course, taken, now, None)
        return
    aside = Taken(
        taken.id, ident, point, taken.taken_on, scores, answered_by, "link", taken.questionnaire, taken.version,
        taken.service_area, taken.team, "aside", wrong.value, response.id,
    )  # fmt: skip
    await star_readings.add(transaction, aside, now)
    entry = Entry(now, "aside", "", aside.id, None, {**aside.told(), "for": wrong.value})
    await star_readings.note(transaction, context.secrets, ident, entry, None)


def _why_not(counted: list[Taken], taken: Taken, closed: object) -> Aside | None:
    if not taken.scores:
        return Aside.NO_STARS
    if closed is not None:
        return Aside.CLOSED
    return fault([each.reading() for each in [*counted, taken]])
