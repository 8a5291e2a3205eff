"""Links that staff issue: one for a letter, one for a poster, one again. They are told to whoever issued them alone.

The reference of a letter is the organisation's, within a questionnaire: a colleague who issues for the same case finds it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from chassis.uploads import Upload
from feedback.adapters import sendings, told_sets
from feedback.adapters.told_sets import KeptSet
from feedback.context import TOLD_KEPT, Context
from feedback.domain.invitation import InvitationRequest
from feedback.domain.profile import FeedbackProfile
from feedback.domain.sending import channel_of
from feedback.domain.told import ToldLink, ToldLinks
from feedback.use_cases.arrange_sending import Addressed, arrange_sending
from feedback.use_cases.issue_invitations import Result, issue_invitations, single
from feedback.use_cases.reissue_invitations import Again, reissue_invitations


def staff_client(questionnaire: str) -> str:
    """Under whose references staff issue: the organisation's, for each questionnaire its own."""
    return f"staff:{questionnaire}"


async def issue_one(
    transaction: Transaction,
    context: Context,
    officer: Identity,
    request: InvitationRequest,
    now: datetime,
    address: str | None = None,
) -> UUID:
    """Issue a link, and let it be sent to an address that `read_address` has read.

    Answers the set in which it can be fetched. Raises `DomainError` with the fields that are wrong.
    """
    client = staff_client(request.questionnaire)
    [result] = await issue_invitations(transaction, context, client, [request], now, officer.areas)
    taken = result.status == "unchanged" or (result.problem is not None and result.problem.slug == "reference-taken")
    if taken:
        words = (
            f"'{request.reference}' has a link for this questionnaire already. Issue it again from the list of links, or write "
            f"another reference, such as {request.reference}-2"
        )
        raise DomainError("reference-taken", "Nothing was issued.", Kind.MALFORMED, (FieldError("/reference", words),))
    if result.problem is not None and result.problem.slug == "record-reduced":
        words = (
            f"A letter with this reference was reduced on {result.problem.extra['reduced_on']}, for its time was over. Write "
            f"another reference, such as {request.reference}-2"
        )
        raise DomainError("record-reduced", "Nothing was issued.", Kind.MALFORMED, (FieldError("/reference", words),))
    profile = (await context.profiles.current(transaction)).profile
    issued = single(result)
    if address is not None and (channel := channel_of(request.channel)):
        await arrange_sending(transaction, context, officer.subject, [Addressed(issued, channel, address)], now)
    return await keep_told(transaction, context, officer, profile, [(request, issued)], sent=int(address is not None))


async def issue_again(transaction: Transaction, context: Context, officer: Identity, ident: UUID, now: datetime) -> UUID:
    """Issue the link of an invitation again; answers the set in which it can be fetched. Raises `DomainError`.

    One that we sent becomes a letter: its address may be deleted by now, or have been the wrong one.
    """
    letter = await sendings.as_letter(transaction, ident)
    [done] = await reissue_invitations(transaction, context, [Again(ident, as_letter=letter)], now, officer.areas)
    single(done.result)
    if done.request is None:  # pragma: no cover - `single` has raised
        raise LookupError(ident)
    profile = (await context.profiles.current(transaction)).profile
    return await keep_told(transaction, context, officer, profile, [(done.request, done.result)])


async def keep_told(
    transaction: Transaction,
    context: Context,
    officer: Identity,
    profile: FeedbackProfile,
    issued: Iterable[tuple[InvitationRequest, Result]],
    *,
    sent: int = 0,
) -> UUID:
    """Keep links that were issued together, sealed, for whoever issued them; `sent` of them we send ourselves."""
    links: list[ToldLink] = []
    first: InvitationRequest | None = None
    for request, result in issued:
        first = first or request
        if result.url is None or result.short_code is None or result.expires_on is None:
            raise LookupError(request.reference)
        questionnaire = profile.questionnaire(request.questionnaire)
        language = questionnaire.language(request.language) if questionnaire else "en"
        links.append(ToldLink(request.reference, result.url, result.short_code, result.expires_on, language, request.team))
    if first is None:
        raise ValueError("nothing was issued")
    told = ToldLinks(first.questionnaire, first.channel, first.reusable, tuple(links), sent)
    return await context.told.keep(transaction, officer.subject, told.packed())


async def look_told(transaction: Transaction, context: Context, officer: Identity, set_id: UUID) -> tuple[Upload, ToldLinks]:
    """Links that this officer issued. Raises `DomainError` links-gone where they are not kept any more."""
    try:
        found = await context.told.find(transaction, set_id, officer.subject)
    except DomainError as error:
        if error.slug != "upload-gone":
            raise
        raise links_gone() from None
    return found, ToldLinks.unpacked(found.content)


def links_gone() -> DomainError:
    """The refusal of links that are not kept any more, or are another officer's."""
    hours = int(TOLD_KEPT.total_seconds() // 3600)
    detail = (
        f"These links cannot be shown any more: they are kept for {hours} hours, for whoever issued them. What was printed or "
        "sent goes on working. Where a link is needed again, issue it again from the list of links: the old one then stops."
    )
    return DomainError("links-gone", detail, Kind.NOT_FOUND)


async def kept_sets(transaction: Transaction, officer: Identity) -> list[KeptSet]:
    """The sets that this officer can still fetch, newest first."""
    return await told_sets.kept(transaction, officer.subject)
