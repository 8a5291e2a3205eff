"""Enter the answers that somebody gave on a call, at a visit, in an audit or on paper."""

import hmac
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, unknown_code
from chassis.ids import new_id
from chassis.retention import known
from chassis.unit_of_work import Transaction
from contracts.feedback import ResponseChannel
from feedback.adapters import responses, sealing
from feedback.context import Context
from feedback.domain.answers import NOT_ASKED, Answer, fault, settle, walk
from feedback.domain.invitation import place_faults
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Version
from feedback.domain.response import Response
from feedback.events.out import response_submitted
from feedback.use_cases.open_worry import Concern, look, open_worry

EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What staff enter. `canonical` is the request as canonical JSON, to tell a repetition from a mistake."""

    reference: str
    questionnaire: str
    channel: ResponseChannel
    language: str
    service_area: str
    team: str | None
    about_on: date | None
    answered_on: date
    answers: Mapping[str, Answer]
    canonical: str
    may_quote: bool | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of it."""

    response_id: UUID
    new: bool
    concern: Concern | None = None


async def enter_response(
    transaction: Transaction, context: Context, client: str, entry: Entry, now: datetime, areas: Collection[str] = ()
) -> Entered:
    """Store a response under the client's reference.

    Answers are checked against the version that was in force on the day of answering. A question without an answer was not
    asked; `skipped` is said. Raises DomainError `unknown-code` (422) with pointers, `reference-taken` (409).
    """
    applied = await context.profiles.current(transaction)
    today = british_day(now)
    version, wrong = check_entry(applied.profile, entry, today, areas)
    if wrong or version is None:
        detail = "The response was not stored: it does not fit the organisation's profile. See `errors`."
        raise DomainError("unknown-code", detail, Kind.MALFORMED, tuple(wrong))
    if entry.reference is not None:
        posted = known.posted_as("response", client, entry.reference)
        await known.assert_not_reduced(transaction, context.secrets, "response", posted)
    settled = {
        code: _sealed(context, transaction.org, answer)
        for code, answer in settle(version, entry.answers, absent=NOT_ASKED).items()
    }
    response = Response(
        id=new_id(),
        invitation_id=None,
        questionnaire=entry.questionnaire,
        version=version.version,
        language=entry.language,
        channel=entry.channel,
        service_area=entry.service_area,
        team=entry.team,
        about_on=entry.about_on or entry.answered_on,
        answered_on=entry.answered_on,
        client=client,
        reference=entry.reference,
        fingerprint=_fingerprint(context, transaction.org, entry),
        may_quote=entry.may_quote,
    )
    signs = look(context, transaction.org, applied.profile, version, settled)
    if not await responses.enter(transaction, response, settled, worry=bool(signs), now=now):
        return await _known(transaction, client, response)
    transaction.record(response_submitted(response, settled, now), occurred_at=now)
    opened = await open_worry(transaction, context, applied.profile, response, signs, now)
    return Entered(response.id, new=True, concern=opened)


async def _known(transaction: Transaction, client: str, response: Response) -> Entered:
    before = await responses.by_reference(transaction, client, response.reference or "")
    if before is None or before[1] != response.fingerprint:
        detail = f"The reference '{response.reference}' was used for a response with other content. Nothing was changed."
        raise DomainError("reference-taken", detail, Kind.CONFLICT)
    return Entered(before[0], new=False)


def _sealed(context: Context, org: str, answer: Answer) -> Answer:
    if answer.text is None:
        return answer
    return Answer(answer.state, sealed=sealing.seal_text(context.secrets, org, answer.text))


def _fingerprint(context: Context, org: str, entry: Entry) -> bytes:
    # Keyed: few answers are possible, so a plain hash of them would tell what they were.
    return hmac.new(context.secrets.key(org, sealing.FINGERPRINT), entry.canonical.encode(), sha256).digest()


def check_entry(
    profile: FeedbackProfile, entry: Entry, today: date, areas: Collection[str]
) -> tuple[Version | None, list[FieldError]]:
    """The version by which answers are checked, None where there is none, and what is wrong with them."""
    questionnaire = profile.questionnaire(entry.questionnaire)
    if questionnaire is None:
        known = [each.code for each in profile.questionnaires]
        return None, [unknown_code("/questionnaire", entry.questionnaire, known)]
    wrong = list(place_faults(profile, entry.service_area, entry.team, entry.about_on or entry.answered_on, areas))
    if entry.language not in questionnaire.languages:
        wrong.append(unknown_code("/language", entry.language, questionnaire.languages))
    wrong += [
        FieldError(pointer, f"expected a day from {EARLIEST} to {today}")
        for pointer, day in (("/answered_on", entry.answered_on), ("/about_on", entry.about_on))
        if day is not None and not EARLIEST <= day <= today
    ]
    version = questionnaire.in_force(entry.answered_on)
    if version is None:
        first = questionnaire.versions[0].from_
        wrong.append(FieldError("/answered_on", f"'{entry.questionnaire}' has no version before {first}"))
        return None, wrong
    wrong += _answer_faults(version, entry.answers)
    return version, wrong


def _answer_faults(version: Version, answers: Mapping[str, Answer]) -> Iterator[FieldError]:
    shown = {question.code for question, _ in walk(version, answers)}
    for code, answer in answers.items():
        question = version.question(code)
        if question is None:
            yield unknown_code(f"/answers/{code}", code, list(version.numbers))
        elif wrong := fault(question, answer):
            yield FieldError(f"/answers/{code}", wrong.detail)
        elif code not in shown and question.show_if is not None:
            condition = f"'{question.show_if.question}' was answered with one of: {', '.join(question.show_if.choices)}"
            yield FieldError(f"/answers/{code}", f"expected no answer: the question is asked only when {condition}")
