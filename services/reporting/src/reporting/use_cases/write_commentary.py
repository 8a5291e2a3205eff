"""Writing commentary beside the figures: read a section with what was written, save it, bring an earlier text back."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters.commentary_repository import CommentaryRepository, SavedMeanwhileError
from reporting.domain.commentary import Saved, Section, checked, sections
from reporting.domain.expansion import expanded
from reporting.domain.frozen_report import figures_digest
from reporting.domain.recipes import Report
from reporting.domain.report_key import ReportKey
from reporting.domain.tables import TableView
from reporting.use_cases.desk import DeskSetup, figures_of, found_report

SAVED_MEANWHILE = "saved-meanwhile"
FIGURES_CHANGED = "figures-changed"


@dataclass(frozen=True)
class Sheet:
    """A section at work: the figures that it stands beside, and its versions, the newest first."""

    section: Section
    title: str
    period: str
    tables: tuple[TableView, ...]
    versions: Sequence[Saved]

    @property
    def latest(self) -> Saved | None:
        """The text as it stands."""
        return self.versions[0] if self.versions else None

    @property
    def digest(self) -> str:
        """What the figures are known by."""
        return figures_digest(self.tables)


@dataclass(frozen=True)
class Text:
    """A text that somebody sends: the version and the figures that they had before them."""

    words: str
    seen: int
    digest: str
    looked: bool
    brought_back: int | None = None


def _section(recipe: Report, code: str) -> Section:
    known = sections([(table.code, table.title) for table in recipe.tables])
    found = next((each for each in known if each.code == code), None)
    if found is None:
        raise not_found("section")
    return found


async def see_section(transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey, code: str) -> Sheet:
    """A section with the figures beside it. Raises as `found_report`, and 404 for a section that the report has not."""
    profile, recipe = await found_report(transaction, setup, identity, key)
    section = _section(expanded(recipe, profile), code)
    view = await figures_of(transaction, setup, key, section.table)
    versions = await CommentaryRepository(transaction, setup.secrets).versions(key, code)
    return Sheet(section, view.title, view.period.label, view.tables, versions)


async def save_section(
    transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey, code: str, text: Text
) -> None:
    """Keep a text as the next version of its section, with the figures beside it. The second click keeps nothing more.

    Raises `saved-meanwhile` (stale) where somebody was faster, `figures-changed` (conflict) where the figures beside it are
    not those that its writer saw, and `unfit-text`.
    """
    words = checked(text.words, looked=text.looked)
    sheet = await see_section(transaction, setup, identity, key, code)
    latest = sheet.latest
    version = latest.version if latest else 0
    if latest and (latest.version, latest.by, latest.words) == (text.seen + 1, identity.subject, words):
        return
    if version != text.seen:
        raise stale()
    if latest is None and not words:
        return
    if latest and latest.words == words and not latest.changed_since(sheet.tables):
        return
    if sheet.digest != text.digest:
        detail = "Figures beside this text changed while you wrote. Nothing was lost. Look at them below, then save it again."
        raise DomainError(FIGURES_CHANGED, detail)
    try:
        await CommentaryRepository(transaction, setup.secrets).add(
            key, code, version + 1, words, identity, sheet.tables, looked=text.looked, brought_back=text.brought_back
        )
    except SavedMeanwhileError:
        raise stale() from None


def stale() -> DomainError:
    """The refusal of whoever was slower."""
    detail = "Somebody else saved this text after you opened it. Nothing was lost: theirs and yours are both below."
    return DomainError(SAVED_MEANWHILE, detail, Kind.STALE)
