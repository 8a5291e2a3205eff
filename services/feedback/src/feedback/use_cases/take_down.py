"""Take down the answers that somebody gives: begin, keep what is there, and send it once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import answer_json, entries, responses, sealing
from feedback.adapters.entries import EntryDraft, Settings
from feedback.context import Context
from feedback.domain.answers import Answer, settle, walk, worries
from feedback.domain.call import Asked, Step, possible
from feedback.domain.call_profile import Script
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Questionnaire, Version
from feedback.use_cases.enter_response import Entered, Entry, check_entry, enter_response
from feedback.use_cases.open_worry import Concern
from feedback.use_cases.take_call_step import held_call, step


class Given(NamedTuple):
    """What a form holds: the answers of questions that were put, consent, and which revision it showed."""

    answers: Mapping[str, Answer]
    consent: bool
    seen: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Down:
    """What is being taken down, with what to read aloud. `newer`: the questionnaire has another version than it began with."""

    profile: FeedbackProfile
    draft: EntryDraft
    questionnaire: Questionnaire
    version: Version
    script: Script
    newer: bool


class Unasked(DomainError):
    """Questions that were not put: asked about once, since Enter sends a form. Nothing is sent, all of it is kept."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it. `new` is False for a second click."""

    response_id: UUID
    new: bool
    concern: Concern | None = None


def client_of(settings: Settings, programme: str | None = None) -> str:
    """Under whose references answers are entered by staff: the organisation's, by channel and questionnaire.

    A reference that is called every month stands once for each call.
    """
    if settings.call_id is not None:
        return f"call:{programme}:{settings.call_id}"
    return f"staff:{settings.channel}:{settings.questionnaire}"


async def begin_entry(
    transaction: Transaction, context: Context, identity: Identity, settings: Settings, now: datetime
) -> UUID:
    """Begin to take down answers. Raises DomainError with the fields that are wrong, `reference-taken` among them."""
    profile = (await context.profiles.current(transaction)).profile
    version, wrong = check_entry(profile, _entry(settings, {}), british_day(now), identity.areas)
    if wrong or version is None:
        raise DomainError("unknown-code", "Nothing was begun. See `errors`.", Kind.MALFORMED, tuple(wrong))
    if await responses.by_reference(transaction, client_of(settings), settings.reference) is not None:
        raise _taken(settings.reference)
    return await entries.begin(transaction, identity.subject, settings, version.version, now)


async def begin_call(transaction: Transaction, context: Context, identity: Identity, call_id: UUID, now: datetime) -> UUID:
    """Begin to take down the answers of a call, or go on. Raises `not-found`, and `step-not-possible` for another's call."""
    record = await held_call(transaction, identity, call_id, lock=True)
    if Step.DONE not in possible(record.call, identity.subject, officer=False):
        raise DomainError("step-not-possible", "This call is not yours to make, or it has ended. Nothing was changed.")
    if (begun := await entries.of_call(transaction, identity.subject, call_id)) is not None:
        return begun
    profile = (await context.profiles.current(transaction)).profile
    wanted = record.wanted
    questionnaire = profile.questionnaire(wanted.questionnaire)
    settings = Settings(
        wanted.questionnaire,
        "call",
        wanted.reference,
        questionnaire.language(wanted.language) if questionnaire else "en",
        wanted.service_area,
        wanted.team,
        wanted.about_on,
        british_day(now),
        call_id,
    )
    return await begin_entry(transaction, context, identity, settings, now)


async def look_down(transaction: Transaction, context: Context, identity: Identity, ident: UUID, *, lock: bool = False) -> Down:
    """What this person is taking down. Raises `not-found` for another's, too."""
    draft = await entries.one(transaction, identity.subject, ident, lock=lock)
    profile = (await context.profiles.current(transaction)).profile
    questionnaire = profile.questionnaire(draft.settings.questionnaire) if draft else None
    version = questionnaire.in_force(draft.settings.answered_on) if draft and questionnaire else None
    if draft is None or questionnaire is None or version is None:
        raise not_found("entry")
    programme = None
    if draft.settings.call_id is not None:
        record = await held_call(transaction, identity, draft.settings.call_id)
        programme = record.wanted.programme
    script = profile.calls.script_of(programme)
    return Down(profile, draft, questionnaire, version, script, version.version != draft.version)


async def keep_entry(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, given: Given, now: datetime
) -> int:
    """Keep what a form holds; the new revision. Raises `changed-meanwhile` (stale) where another window saved since."""
    down = await look_down(transaction, context, identity, ident, lock=True)
    if down.draft.sent_as is not None:
        raise DomainError("already-sent", "These answers were sent already, in another window. Nothing was changed.")
    if down.draft.revision != given.seen:
        raise _stale()
    return await _keep(transaction, context, down, given, now)


async def send_entry(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    ident: UUID,
    given: Given,
    now: datetime,
    *,
    sure: bool = False,
) -> Sent:
    """Store the answers as a response, once, by the rules of the API; of a call, with its attempt in the same transaction.

    Raises `changed-meanwhile`, `incomplete` without consent, `Unasked` for questions that were not put unless `sure`, and as
    `enter_response` and `take_call_step`.
    """
    down = await look_down(transaction, context, identity, ident, lock=True)
    if down.draft.sent_as is not None:
        return Sent(down.draft.sent_as, new=False)
    if down.draft.revision != given.seen:
        raise _stale()
    settings = replace(down.draft.settings, reference=given.reference or down.draft.settings.reference)
    _assert_whole(down, given, sure=sure)
    entered = await _enter(transaction, context, identity, settings, given, now)
    await entries.sent(transaction, ident, entered.response_id, worry=entered.concern is not None, now=now)
    return Sent(entered.response_id, new=entered.new, concern=entered.concern)


async def _enter(
    transaction: Transaction, context: Context, identity: Identity, settings: Settings, given: Given, now: datetime
) -> Entered:
    if settings.call_id is None:
        entry = _entry(settings, given.answers)
        try:
            entered = await enter_response(transaction, context, client_of(settings), entry, now, identity.areas)
        except DomainError as error:
            raise _taken(settings.reference) if error.slug in {"reference-taken", "record-reduced"} else error from error
        if not entered.new:
            # Not this form's second click, which ends above: the same answers were entered for it by somebody else.
            raise _taken(settings.reference)
        return entered
    record = await held_call(transaction, identity, settings.call_id, lock=True)
    client = client_of(settings, record.wanted.programme)
    entered = await enter_response(transaction, context, client, _entry(settings, given.answers), now, identity.areas)
    asked = Asked(Step.DONE, identity.subject, record.call.revision, consent=given.consent)
    await step(transaction, context, identity, record, asked, now, entered.response_id)
    return entered


def _assert_whole(down: Down, given: Given, *, sure: bool) -> None:
    if not given.consent and down.draft.settings.channel != "paper":
        wrong = FieldError("/consent", "Say that they agreed to answer. Without that, nothing is stored")
        raise DomainError("incomplete", "Nothing was sent. See `errors`.", Kind.MALFORMED, (wrong,))
    if not given.answers:
        wrong = FieldError(f"/answers/{down.version.questions[0].code}", "Put at least one question before you send")
        raise DomainError("incomplete", "Nothing was sent. See `errors`.", Kind.MALFORMED, (wrong,))
    unasked = [question.code for question, answer in walk(down.version, given.answers) if answer is None]
    # Branches that an answer hides are not among them: what is wrong with those is said first.
    _, wrong_answers = check_entry(
        down.profile, _entry(down.draft.settings, given.answers), down.draft.settings.answered_on, ()
    )
    # An answer that shows a worry does not wait for a question about gaps: it must reach the duty team.
    worrying = worries(down.version, settle(down.version, given.answers))
    if unasked and not sure and not wrong_answers and not worrying:
        errors = tuple(FieldError(f"/answers/{code}", "not asked") for code in unasked)
        raise Unasked("not-all-asked", "Some questions were not put. Nothing was sent yet.", Kind.CONFLICT, errors)


async def _keep(transaction: Transaction, context: Context, down: Down, given: Given, now: datetime) -> int:
    def seal(words: str) -> str:
        return sealing.seal_text(context.secrets, transaction.org, words)

    kept = {code: answer_json.dump(answer, seal) for code, answer in given.answers.items()}
    return await entries.keep(
        transaction,
        down.draft,
        kept,
        consent=given.consent,
        reference=given.reference or down.draft.settings.reference,
        version=down.version.version,
        now=now,
    )


def _entry(settings: Settings, answers: Mapping[str, Answer]) -> Entry:
    said = {code: {**answer_json.plain(answer), "text": answer.text} for code, answer in answers.items()}
    about = {name: getattr(settings, name) for name in Settings.__slots__ if name not in {"return_to", "call_id"}}
    canonical = orjson.dumps({**about, "answers": said}, option=orjson.OPT_SORT_KEYS).decode()
    return Entry(
        settings.reference,
        settings.questionnaire,
        settings.channel,
        settings.language,
        settings.service_area,
        settings.team,
        settings.about_on,
        settings.answered_on,
        answers,
        canonical,
    )


def _stale() -> DomainError:
    detail = "This was saved in another window since you opened it here. What you typed is below and nothing is lost."
    return DomainError("changed-meanwhile", detail, Kind.STALE)


def _taken(reference: str) -> DomainError:
    words = f"Answers were entered under '{reference}' already. Give these another reference, such as '{reference[:98]}-2'"
    return DomainError("reference-taken", words, Kind.CONFLICT, (FieldError("/reference", words),))
