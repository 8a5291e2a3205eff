"""Preparing a version of a report: figures, texts, quotes and charts as they are now, kept so that they never change."""

from dataclasses import dataclass, replace
from uuid import UUID

from chassis.access import org_of
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.unit_of_work import Transaction, UnitOfWork
from reporting.adapters import progress_repository
from reporting.adapters.commentary_repository import CommentaryRepository
from reporting.adapters.issue_repository import Issue, IssueRepository, OpenAlreadyError
from reporting.adapters.quote_client import ApprovedQuote
from reporting.domain import dimensions
from reporting.domain.commentary import sections_of, texts_of, words_changed
from reporting.domain.frozen_report import Frozen, Quoted, WordsChanged
from reporting.domain.issuing import reason_of
from reporting.domain.profile import Profile
from reporting.domain.report_changes import changes
from reporting.domain.report_key import ReportKey
from reporting.use_cases.choose_quotes import areas_of, read_chosen, see_choice
from reporting.use_cases.desk import DeskSetup, area_of, figures_of, found_report
from reporting.use_cases.draw_report import draw

QUOTES = "quotes"


@dataclass(frozen=True)
class _Draft:
    """A report as it would be issued now, without quotes and charts; and the version before it."""

    frozen: Frozen
    before: Issue | None
    number: int
    profile: Profile


async def prepare_report(
    uow: UnitOfWork, setup: DeskSetup, identity: Identity, key: ReportKey, ident: UUID, reason: str
) -> UUID:
    """Keep a version to be checked, under an id that the page chose, so that the second click makes no second version.

    No transaction is open while quotes are fetched and charts are drawn; a stop in between leaves nothing behind. Raises as
    `found_report` and `QuoteClient.read`; `quotes-gone`, `quotes-changed`, `reason-missing` and `open-already` (conflict).
    """
    org = org_of(identity)
    async with uow.begin(org) as transaction:
        if (there := await IssueRepository(transaction, setup.secrets).hold(ident)) is not None:
            return there.id
        chosen = await see_choice(transaction, setup, identity, key)
    quotes = await read_chosen(setup, org, areas_of(identity, key), chosen.quote_ids)
    if gone := len(chosen.quote_ids) - len(quotes):
        detail = (
            f"{gone} of the chosen quotes may not be used any more: withdrawn, or of another service area. Nothing was "
            "prepared. Open the quotes and save your choice without them."
        )
        raise DomainError("quotes-gone", detail)
    async with uow.begin(org) as transaction:
        draft = await _draft(transaction, setup, identity, key, reason)
        again = await CommentaryRepository(transaction, setup.secrets).chosen(key)
    if again.version != chosen.version:
        raise DomainError("quotes-changed", "Somebody chose other quotes just now. Nothing was prepared. Look, then try again.")
    frozen = await _whole(draft, quotes)
    async with uow.begin(org) as transaction:
        repository = IssueRepository(transaction, setup.secrets)
        if await repository.next_number(key) != draft.number:
            raise _open_already()
        try:
            await repository.add(ident, key, frozen, identity)
        except OpenAlreadyError:
            raise _open_already() from None
    return ident


async def _draft(transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey, reason: str) -> _Draft:
    profile, _ = await found_report(transaction, setup, identity, key)
    # Read before the figures: whatever these numbers say is counted in them.
    positions, _ = await progress_repository.progress(transaction)
    as_of = setup.now()
    view = await figures_of(transaction, setup, key)
    saved = await CommentaryRepository(transaction, setup.secrets).latest(key)
    repository = IssueRepository(transaction, setup.secrets)
    before, number = await repository.last_issued(key), await repository.next_number(key)
    texts = texts_of(sections_of(view), saved)
    area = area_of(profile, key.service_area)
    frozen = Frozen(
        profile.organisation.name,
        view,
        area.name if area else "",
        as_of,
        {each.source: each.applied for each in positions},
        texts,
    )
    if before is not None:
        frozen = replace(
            frozen,
            reason=reason_of(reason, "why it is issued again"),
            changes=changes(before.content.view.tables, view.tables),
            words_changed=words_changed(before.content.texts, texts),
        )
    return _Draft(frozen, before, number, profile)


async def _whole(draft: _Draft, quotes: tuple[ApprovedQuote, ...]) -> Frozen:
    day = draft.frozen.view.period.last
    quoted = tuple(
        Quoted(
            str(each.quote_id),
            each.version,
            each.words,
            each.language,
            dimensions.label(draft.profile, "service_area", each.service_area, day, {}),
            each.themes,
            dimensions.label(draft.profile, "questionnaire", each.questionnaire, day, {}),
        )
        for each in quotes
    )
    changed = draft.frozen.words_changed
    if draft.before is not None:
        changed += _quotes_changed(draft.before.content.quotes, quoted)
    return replace(draft.frozen, quotes=quoted, charts=await draw(draft.frozen.view), words_changed=changed)


def _quotes_changed(before: tuple[Quoted, ...], after: tuple[Quoted, ...]) -> tuple[WordsChanged, ...]:
    """Quotes that came, went or read otherwise, by where they come from: the list of changes repeats no words."""
    was, now = ({each.quote_id: each for each in quotes} for quotes in (before, after))
    found = []
    for ident in dict.fromkeys((*now, *was)):
        old, new = was.get(ident), now.get(ident)
        shown = new or old
        how = "added" if old is None else "left out" if new is None else "changed" if old.version != new.version else ""
        if how and shown is not None:
            found.append(WordsChanged(QUOTES, f"A quote ({shown.source}, {shown.service_area})", how))
    return tuple(found)


def _open_already() -> DomainError:
    detail = "A version of this report is on its way already, or was issued just now. Nothing was prepared. Look at it first."
    return DomainError("open-already", detail)
