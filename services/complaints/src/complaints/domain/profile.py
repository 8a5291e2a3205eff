"""The parts of an organisation's profile that this service reads: docs/guides/profiles.md says what they mean.

What this service owns is strict (an unknown key is an error); of what others own it reads what it needs.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chassis.errors import FieldError
from chassis.retention.periods import Retention
from chassis.word_list import ExpressionError, WordList, read
from complaints.domain.case import Early, Finding, Formality, Rules, StageRules
from complaints.domain.clock import CountsFrom, PanelTerms, Terms
from complaints.domain.clock_reminders import ClockReminders
from complaints.domain.intake_profile import ENGLISH, Intake
from complaints.domain.learning_profile import Learning, check_learning
from complaints.domain.letter_profile import Letters, check_letters
from complaints.domain.profile_words import (
    DESIRED_OUTCOMES,
    NOT_COMPLAINTS,
    OMBUDSMAN_REMEDIES,
    REMEDIES,
    Code,
    Label,
    Named,
    Owned,
)

WorkingDayCount = Annotated[int, Field(ge=1, le=250)]


def _iso_day(value: Any) -> Any:
    """Dates are text of the form 2022-04-01; numbers, which Pydantic would take for moments, are not dates."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value if value is None or type(value) is date else str(value)


Day = Annotated[date, BeforeValidator(_iso_day)]


EMERGENCY = "Call 999 if you or a child are in danger now. Children can call Childline free at any time on 0800 1111."
"""Whom to call where the profile does not say."""


class Shared(BaseModel):
    """A part that all services read: what is not needed here passes by."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Validity(Shared):
    """From when until when something is in use, both included, None for open."""

    from_: Day | None = Field(alias="from")
    until: Day | None

    def holds(self, on: date) -> bool:
        """Whether it is in use on a day."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)

    def words(self) -> str:
        """When it is in use, in words: `from 2022-04-01`."""
        parts = [f"from {self.from_}" if self.from_ else "", f"until {self.until}" if self.until else ""]
        return " ".join(part for part in parts if part) or "always"


class FormerAreaName(Shared):
    """What an area was called before."""

    name: Label


class ServiceArea(Shared):
    """An area of the service; `used_for` says what is counted under it, and since when."""

    code: Code
    name: Label
    short_name: Label
    former_names: tuple[FormerAreaName, ...] = ()
    used_for: dict[str, Validity]


class Team(Validity):
    """A team of one service area."""

    code: Code
    name: Label
    service_area: Code


class Theme(Shared):
    """What complaint categories are laid beside audits and questions by."""

    code: Code
    name: str = ""


class Contacts(Shared):
    """Whom families can call in danger."""

    emergency: dict[str, str] = Field(default_factory=lambda: {ENGLISH: EMERGENCY})
    council_phone: str | None = None
    out_of_hours_phone: str | None = None
    duty_email: str | None = None


class Organisation(Shared):
    """Who the organisation is."""

    code: Code
    name: Label
    contacts: Contacts = Contacts()
    themes: tuple[Theme, ...] = ()
    service_areas: tuple[ServiceArea, ...] = Field(min_length=1)
    teams: tuple[Team, ...] = ()


class OmbudsmanBody(Owned):
    """Who the Ombudsman is: England, Wales, Scotland and Northern Ireland each have their own."""

    name: Label = "Local Government and Social Care Ombudsman"
    short_name: Label = "LGSCO"


class ProfilePanel(Owned):
    """The limits after a review panel was held."""

    report_within: WorkingDayCount
    answer_within: WorkingDayCount


class ProfileStage(Owned):
    """A stage of a procedure; all limits are working days. With a `panel`, `limit` is until it is held."""

    number: int = Field(ge=1, le=9)
    name: Label
    limit: WorkingDayCount
    extension_to: WorkingDayCount | None
    counts_from: CountsFrom
    acknowledge_within: WorkingDayCount | None
    request_within: WorkingDayCount | None
    can_decline: bool
    draft_before: WorkingDayCount | None = None
    panel: ProfilePanel | None = None

    def rules(self) -> StageRules:
        """As the stage machine reads it."""
        panel = PanelTerms(self.panel.report_within, self.panel.answer_within) if self.panel else None
        terms = Terms(self.limit, self.extension_to, self.counts_from, self.acknowledge_within, self.draft_before, panel)
        return StageRules(self.number, terms, self.request_within, self.can_decline)


class Procedure(Owned):
    """A procedure with its stages in order; `needs` says whether its points have an area of need."""

    code: Code
    name: Label
    formality: Formality
    stages: list[ProfileStage] = Field(min_length=1, max_length=9)
    needs: bool = True
    early_referral: list[Early] = Field(default_factory=list)

    def rules(self) -> Rules:
        """As the stage machine reads it."""
        stages = tuple(stage.rules() for stage in self.stages)
        return Rules(self.code, self.formality, stages, frozenset(self.early_referral))


class FormerName(Owned):
    """A label up to and including a day."""

    name: Label
    until: Day


class Category(Named):
    """The nature of a complaint point, and the procedures that may use it."""

    former_names: list[FormerName] = Field(default_factory=list)
    procedures: list[Code]
    is_complaint: bool
    from_: Day | None = Field(alias="from")
    until: Day | None
    themes: list[Code]

    @property
    def validity(self) -> Validity:
        """When it is in use."""
        return Validity.model_validate({"from": self.from_, "until": self.until})


class NamedFinding(Owned):
    """The label of a finding; the codes are fixed."""

    code: Finding
    name: Label


class ComplaintsProfile(Owned):
    """complaints.yaml."""

    procedures: list[Procedure] = Field(min_length=1, max_length=50)
    categories: list[Category] = Field(max_length=500)
    findings: list[NamedFinding]
    needs: list[Named]
    routes: list[Named]
    raised_by: list[Named]
    sources: list[Named]
    ombudsman_outcomes: list[Named]
    ombudsman: OmbudsmanBody = OmbudsmanBody()
    ombudsman_remedies: list[Named] = Field(default_factory=lambda: list(OMBUDSMAN_REMEDIES), min_length=1, max_length=50)
    extension_reasons: list[Named] = Field(default_factory=list)
    suspension_reasons: list[Named] = Field(default_factory=list)
    not_complaints: list[Named] = Field(default_factory=lambda: list(NOT_COMPLAINTS), min_length=1, max_length=50)
    remedies: list[Named] = Field(default_factory=lambda: list(REMEDIES), min_length=1, max_length=50)
    desired_outcomes: list[Named] = Field(default_factory=lambda: list(DESIRED_OUTCOMES), min_length=1, max_length=50)
    intake: Intake = Intake()
    learning: Learning = Field(default_factory=Learning)
    clock_reminders: ClockReminders = Field(default_factory=ClockReminders)
    letters: Letters = Field(default_factory=Letters)


class Worries(Shared):
    """worries.yaml: of it only the words that show that a child may not be safe."""

    words: tuple[str, ...] = ()

    @cached_property
    def listed(self) -> WordList:
        """The word list, ready to look for."""
        return WordList(self.words)

    def stand_in(self, text: str) -> bool:
        """Whether a text holds any of them."""
        return bool(self.words) and bool(self.listed.find(text))


class Profile(BaseModel):
    """What this service is sent: organisation.yaml, complaints.yaml, retention.yaml, and the word list of worries.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisation: Organisation
    complaints: ComplaintsProfile
    worries: Worries = Worries()
    retention: Retention = Field(default_factory=dict)

    def procedure(self, code: str) -> Procedure | None:
        """A procedure by its code."""
        return next((procedure for procedure in self.complaints.procedures if procedure.code == code), None)

    def stage_names(self, code: str) -> dict[int, str]:
        """The names of a procedure's stages by number; none for a procedure that is not there."""
        procedure = self.procedure(code)
        return {stage.number: stage.name for stage in procedure.stages} if procedure else {}

    def area(self, code: str) -> ServiceArea | None:
        """A service area by its code."""
        return next((area for area in self.organisation.service_areas if area.code == code), None)


def check(profile: Profile) -> list[FieldError]:
    """What the models cannot see: codes that occur twice, or name something that is not there; limits that contradict."""
    areas = {area.code for area in profile.organisation.service_areas}
    themes = {theme.code for theme in profile.organisation.themes}
    return [
        *_check_codes(profile),
        *_check_references(profile),
        *_check_stages(profile),
        *_check_findings(profile),
        *_check_words(profile),
        *check_learning(profile.complaints.learning, areas, themes),
        *check_letters(
            profile.complaints.letters,
            {each.code: {stage.number for stage in each.stages} for each in profile.complaints.procedures},
        ),
    ]


def _check_words(profile: Profile) -> Iterator[FieldError]:
    for index, expression in enumerate(profile.worries.words):
        try:
            read(expression)
        except ExpressionError as error:
            yield FieldError(f"/worries/words/{index}", str(error))


_LISTS = (
    *("procedures", "categories", "findings", "needs", "routes", "raised_by", "sources", "ombudsman_outcomes"),
    *("extension_reasons", "suspension_reasons", "not_complaints", "remedies", "ombudsman_remedies", "desired_outcomes"),
)


def _check_codes(profile: Profile) -> Iterator[FieldError]:
    own = profile.complaints
    lists: dict[str, Iterable[Any]] = {
        "/organisation/service_areas": profile.organisation.service_areas,
        "/organisation/teams": profile.organisation.teams,
    }
    for name in _LISTS:
        lists[f"/complaints/{name}"] = getattr(own, name)
    for pointer, members in lists.items():
        seen: set[str] = set()
        for index, member in enumerate(members):
            if member.code in seen:
                yield FieldError(f"{pointer}/{index}/code", f"'{member.code}' stands twice")
            seen.add(member.code)


def _check_references(profile: Profile) -> Iterator[FieldError]:
    areas = {area.code for area in profile.organisation.service_areas}
    for index, team in enumerate(profile.organisation.teams):
        if team.service_area not in areas:
            yield FieldError(f"/organisation/teams/{index}/service_area", f"there is no service area '{team.service_area}'")
    procedures = {procedure.code for procedure in profile.complaints.procedures}
    themes = {theme.code for theme in profile.organisation.themes}
    for index, category in enumerate(profile.complaints.categories):
        for place, code in enumerate(category.procedures):
            if code not in procedures:
                yield FieldError(f"/complaints/categories/{index}/procedures/{place}", f"there is no procedure '{code}'")
        for place, code in enumerate(category.themes):
            if code not in themes:
                yield FieldError(f"/complaints/categories/{index}/themes/{place}", f"there is no theme '{code}'")


def _check_stages(profile: Profile) -> Iterator[FieldError]:
    for index, procedure in enumerate(profile.complaints.procedures):
        pointer = f"/complaints/procedures/{index}/stages"
        if procedure.formality == "informal" and len(procedure.stages) > 1:
            yield FieldError(pointer, "an informal procedure has one stage")
        if procedure.early_referral and len(procedure.stages) == 1:
            detail = "a procedure with one stage has nothing to be referred to early"
            yield FieldError(f"/complaints/procedures/{index}/early_referral", detail)
        for place, stage in enumerate(procedure.stages):
            if stage.number != place + 1:
                yield FieldError(f"{pointer}/{place}/number", f"expected {place + 1}: stages are counted from 1, in order")
            yield from _check_stage(stage, f"{pointer}/{place}")


def _check_stage(stage: ProfileStage, pointer: str) -> Iterator[FieldError]:
    if stage.extension_to is not None and stage.extension_to <= stage.limit:
        yield FieldError(f"{pointer}/extension_to", f"expected more than the limit, {stage.limit}: it is the limit in all")
    origin: Literal["received", "requested"] = "received" if stage.number == 1 else "requested"
    possible = {origin, "acknowledged"} | ({"agreed"} if stage.number > 1 else set())
    if stage.counts_from not in possible:
        found = ", ".join(f"'{each}'" for each in sorted(possible))
        yield FieldError(f"{pointer}/counts_from", f"stage {stage.number} counts from one of {found}")
    if stage.counts_from == "acknowledged" and stage.acknowledge_within is None:
        yield FieldError(f"{pointer}/acknowledge_within", "expected a limit, because the stage counts from its acknowledgement")

    if stage.draft_before is not None and stage.draft_before >= stage.limit:
        yield FieldError(f"{pointer}/draft_before", f"expected less than the limit, {stage.limit}")
    if stage.panel is not None and (stage.extension_to is not None or stage.counts_from != "requested"):
        yield FieldError(f"{pointer}/panel", "a stage heard by a panel counts from its request and has no extension")


def _check_findings(profile: Profile) -> Iterator[FieldError]:
    missing = {"upheld", "partially-upheld", "not-upheld", "no-finding", "discontinued", "withdrawn"} - {
        finding.code for finding in profile.complaints.findings
    }
    if missing:
        yield FieldError("/complaints/findings", f"no label for {', '.join(sorted(missing))}")
