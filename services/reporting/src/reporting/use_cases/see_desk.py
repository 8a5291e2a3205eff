"""The desk of a report: what is written, what is chosen, which versions there are, and what they need next."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters.commentary_repository import Chosen, CommentaryRepository
from reporting.adapters.issue_repository import Issue, IssueRepository
from reporting.domain.commentary import Saved, Section, sections_of, texts_of, words_changed
from reporting.domain.frozen_report import WordsChanged
from reporting.domain.issuing import OPEN
from reporting.domain.profile import Profile
from reporting.domain.recipes import Report
from reporting.domain.report_changes import Change, changes
from reporting.domain.report_key import ReportKey
from reporting.domain.tables import ReportView
from reporting.use_cases.desk import DeskSetup, figures_of, found_report


@dataclass(frozen=True)
class Line:
    """A section with its text as it stands, and the figures that changed since it was written."""

    section: Section
    saved: Saved | None
    changed: tuple[Change, ...]


@dataclass(frozen=True)
class DeskView:
    """Everything that somebody who writes a report needs to see at once."""

    profile: Profile
    recipe: Report
    view: ReportView
    lines: tuple[Line, ...]
    without_place: tuple[Saved, ...]  # texts beside tables that the report no longer has
    quotes: Chosen
    versions: Sequence[Issue]
    open: Issue | None
    since_prepared: tuple[Change, ...]
    words_since_prepared: tuple[WordsChanged, ...]
    last: Issue | None
    since_issued: tuple[Change, ...]


async def see_desk(transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey) -> DeskView:
    """The desk of a report. Raises as `found_report`."""
    profile, recipe = await found_report(transaction, setup, identity, key)
    view = await figures_of(transaction, setup, key)
    commentary, issues = CommentaryRepository(transaction, setup.secrets), IssueRepository(transaction, setup.secrets)
    saved = await commentary.latest(key)
    sections = sections_of(view)
    known = {each.code for each in sections}
    versions = await issues.of(key)
    at_work = next((each for each in versions if each.state in OPEN), None)
    whole = await issues.read(at_work.id) if at_work else None
    last = await issues.last_issued(key)
    return DeskView(
        profile,
        recipe,
        view,
        tuple(Line(each, found, found.changed_since(view.tables) if found else ()) for each in sections
              for found in (saved.get(each.code),)),
        tuple(each for code, each in saved.items() if code not in known and each.words),
        await commentary.chosen(key),
        versions,
        whole,
        changes(whole.content.view.tables, view.tables) if whole else (),
        words_changed(whole.content.texts, texts_of(sections, saved)) if whole else (),
        last,
        changes(last.content.view.tables, view.tables) if last else (),
    )  # fmt: skip
