"""Whether the files of a profile fit together: shapes first, then every code that must exist elsewhere. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pydantic import ValidationError

from chassis.profiles import Fault, Json, Profile, join
from loop_cli.profile_calls import check_calls
from loop_cli.profile_disputes import check_disputes
from loop_cli.profile_families import (
    check_families,
)
from loop_cli.profile_format import (
    FINDINGS,
    AnswerScale,
    Audit,
    Complaints,
    Named,
    Question,
    Questionnaire,
    Stage,
    Version,
)
from loop_cli.profile_kpis import check_kpis
from loop_cli.profile_learning import check_learning
from loop_cli.profile_letters import check_letters
from loop_cli.profile_mergers import check_mergers
from loop_cli.profile_organisation import Organisation
from loop_cli.profile_programmes import check_programmes
from loop_cli.profile_recipes import Whole
from loop_cli.profile_reports import check_reports
from loop_cli.profile_sign_in import check_sign_in
from loop_cli.profile_stars import check_stars
from loop_cli.profile_tools import check_tools
from loop_cli.profile_worries import ADDRESS, check_worries
from loop_cli.stack.services import RETAINING

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

FACES = range(1, 6)
RESERVED = {"skipped", "does-not-apply"}


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


def check(profile: Profile) -> list[Fault]:
    """Everything that is wrong in a profile, by file and line; empty when it can be applied."""
    document = profile.document(list(profile.parts))
    del document["version"]
    try:
        whole = Whole.model_validate(document)
    except ValidationError as error:
        wrong: Iterable[Wrong] = ((_pointer(document, each["loc"]), _expected(each)) for each in error.errors())
    else:
        wrong = check_references(whole)
    return sorted({Fault(profile.place(pointer), detail) for pointer, detail in wrong})


def _expected(error: Mapping[str, Any]) -> str:
    """Pydantic's words for an error, as what was expected and what was found."""
    match error["type"]:
        case "missing":
            return f"expected the field '{error['loc'][-1]}'"
        case "extra_forbidden":
            return f"expected no field '{error['loc'][-1]}'"
    found = error["input"]
    shown = f", found {found!r}"[:80] if isinstance(found, str | int | float | bool | None) else ""
    words: str = error["msg"]
    return f"expected: {words[0].lower()}{words[1:]}{shown}"


def _pointer(document: Json, location: Sequence[str | int]) -> str:
    """The pointer of Pydantic's location, without the names of union members that it puts in between."""
    pointer, value = "", document
    for part in location:
        if isinstance(value, dict) and value.get("by") == part:
            continue
        pointer = join(pointer, part)
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part]
    return pointer


def check_references(whole: Whole) -> Iterator[Wrong]:
    """Every code that does not exist, stands twice or contradicts another field."""
    yield from check_organisation(whole.organisation)
    themes = {theme.code for theme in whole.organisation.themes}
    yield from check_audit(whole.audit, themes)
    yield from check_tools(whole.audit, [questionnaire.code for questionnaire in whole.questionnaires])
    yield from check_programmes(
        whole.audit.programmes,
        [tool.code for tool in whole.audit.tools],
        [area.code for area in whole.organisation.service_areas],
    )
    yield from check_disputes(whole.audit)
    yield from unique("/questionnaires", whole.questionnaires)
    for index, questionnaire in enumerate(whole.questionnaires):
        yield from check_questionnaire(f"/questionnaires/{index}", questionnaire, themes)
    yield from check_worries(whole.worries)
    areas = [area.code for area in whole.organisation.service_areas]
    yield from check_families(whole.families, areas, [team.code for team in whole.organisation.teams])
    areas = [area.code for area in whole.organisation.service_areas]
    yield from check_stars(whole.stars, whole.questionnaires, areas)
    yield from check_calls(
        whole.calls,
        [questionnaire.code for questionnaire in whole.questionnaires],
        [area.code for area in whole.organisation.service_areas],
    )
    yield from check_complaints(whole.complaints, themes)
    yield from check_learning(whole.complaints.learning, areas, themes)
    numbers = {each.code: {stage.number for stage in each.stages} for each in whole.complaints.procedures}
    yield from check_letters(whole.complaints.letters, numbers)
    yield from check_kpis(whole.kpis, whole.organisation)
    yield from check_reports(whole)
    yield from check_sign_in(whole.sign_in, areas)
    for service in whole.retention.keys() - set(RETAINING):
        yield f"/retention/{service}", f"expected a service with records of its own: {', '.join(RETAINING)}"


def unique(pointer: str, items: Sequence[_Coded]) -> Iterator[Wrong]:
    """Codes that stand twice in a list."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item.code in seen:
            yield f"{pointer}/{index}/code", f"expected a code that no other entry has, found '{item.code}' again"
        seen.add(item.code)


def known(pointer: str, codes: Sequence[str], allowed: Iterable[str], what: str) -> Iterator[Wrong]:
    """Codes of a list that do not exist."""
    allowed = list(allowed)
    for index, code in enumerate(codes):
        if code not in allowed:
            yield f"{pointer}/{index}", f"expected {what} ({', '.join(allowed) or 'there is none'}), found '{code}'"


def check_organisation(organisation: Organisation) -> Iterator[Wrong]:
    """organisation.yaml on its own."""
    yield from english("/organisation/contacts/emergency", organisation.contacts.emergency)
    if not ADDRESS.fullmatch(organisation.contacts.duty_email):
        found = organisation.contacts.duty_email
        yield "/organisation/contacts/duty_email", f"expected one mail address, found '{found}'"
    for name, items in (
        ("themes", organisation.themes),
        ("service_areas", organisation.service_areas),
        ("teams", organisation.teams),
    ):
        yield from unique(f"/organisation/{name}", items)
    areas = [area.code for area in organisation.service_areas]
    for index, area in enumerate(organisation.service_areas):
        for subject, validity in area.used_for.items():
            if validity.from_ and validity.until and validity.until < validity.from_:
                yield f"/organisation/service_areas/{index}/used_for/{subject}", "expected `until` on or after `from`"
    for index, team in enumerate(organisation.teams):
        if team.service_area not in areas:
            yield f"/organisation/teams/{index}/service_area", f"expected a service area, found '{team.service_area}'"
        if team.from_ and team.until and team.until < team.from_:
            yield f"/organisation/teams/{index}/until", "expected `until` on or after `from`"
    yield from check_mergers(organisation)


def check_audit(audit: Audit, themes: set[str]) -> Iterator[Wrong]:
    """audit.yaml, with the themes of the organisation."""
    for name, items in (("scales", audit.scales), ("tools", audit.tools), ("findings", audit.findings)):
        yield from unique(f"/audit/{name}", items)
    for index, scale in enumerate(audit.scales):
        yield from unique(f"/audit/scales/{index}/grades", scale.grades)
    scales = [scale.code for scale in audit.scales]
    for index, tool in enumerate(audit.tools):
        pointer = f"/audit/tools/{index}"
        if tool.scale is not None and tool.scale not in scales:
            yield f"{pointer}/scale", f"expected a scale ({', '.join(scales)}), found '{tool.scale}'"
        if tool.scale is None and tool.suggest_overall != "none":
            yield f"{pointer}/suggest_overall", "expected none: a tool without a scale has no grades"
        usual = tool.activity
        if not usual.lead + usual.peer + usual.single:
            yield (
                f"{pointer}/activity",
                "expected a lead, a peer or a single audit: one audit is at least one piece of activity",
            )
        if tool.kind == "looped" and not (usual.lead and usual.peer and usual.moderation):
            yield f"{pointer}/activity", "expected a lead, a peer and a moderation for a looped audit"
        yield from known(f"{pointer}/findings", tool.findings, (finding.code for finding in audit.findings), "a finding")
        yield from unique(f"{pointer}/sections", tool.sections)
        for position, section in enumerate(tool.sections):
            yield from known(f"{pointer}/sections/{position}/themes", section.themes, themes, "a theme")


def check_questionnaire(pointer: str, questionnaire: Questionnaire, themes: set[str]) -> Iterator[Wrong]:
    """A questionnaire with its versions."""
    yield from english(f"{pointer}/intro", questionnaire.intro)
    yield from english(f"{pointer}/thank_you", questionnaire.thank_you)
    yield from known(
        f"{pointer}/needs_review", questionnaire.needs_review, questionnaire.languages, "a language of the questionnaire"
    )
    versions = questionnaire.versions
    kinds: dict[str, str] = {}
    for index, version in enumerate(versions):
        here = f"{pointer}/versions/{index}"
        if index and (version.version <= versions[index - 1].version or version.from_ <= versions[index - 1].from_):
            yield here, "expected versions in rising order of `version` and `from`"
        yield from unique(f"{here}/questions", version.questions)
        for position, question in enumerate(version.questions):
            yield from check_question(f"{here}/questions/{position}", question, version.questions[:position], themes)
            if kinds.setdefault(question.code, question.kind) != question.kind:
                yield f"{here}/questions/{position}/kind", f"expected {kinds[question.code]}, as in an earlier version"
        yield from check_easy_read(here, version)
    yield from english_if_any(f"{pointer}/easy_intro", questionnaire.easy_intro)
    yield from english_if_any(f"{pointer}/title", questionnaire.title)
    if (questionnaire.easy_intro is None) == any(question.easy for version in versions for question in version.questions):
        yield f"{pointer}/easy_intro", "expected easy wording where questions have `easy`, and none where no question has"


def check_easy_read(pointer: str, version: Version) -> Iterator[Wrong]:
    """The easy wording of a version: of every question or of none."""
    if not any(each.easy or each.easy_hint or any(option.easy for option in each.options) for each in version.questions):
        return
    for index, question in enumerate(version.questions):
        here = f"{pointer}/questions/{index}"
        if question.easy is None:
            yield f"{here}/easy", "expected easy wording: other questions of this version have it"
        yield from english_if_any(f"{here}/easy", question.easy)
        yield from english_if_any(f"{here}/easy_hint", question.easy_hint)
        for place, option in enumerate(question.options):
            yield from english_if_any(f"{here}/options/{place}/easy", option.easy)


def check_question(pointer: str, question: Question, earlier: Sequence[Question], themes: set[str]) -> Iterator[Wrong]:
    """A question, with those before it."""
    options = [option.code for option in question.options]
    yield from english(f"{pointer}/text", question.text)
    yield from unique(f"{pointer}/options", question.options)
    yield from known(f"{pointer}/positive", question.positive, options, "an option of the question")
    yield from known(f"{pointer}/worry", question.worry, options, "an option of the question")
    yield from known(f"{pointer}/themes", question.themes, themes, "a theme")
    for index, option in enumerate(question.options):
        yield from english(f"{pointer}/options/{index}/label", option.label)
        if option.code in RESERVED:
            yield (
                f"{pointer}/options/{index}/code",
                f"expected another code: '{option.code}' is taken for answers that are none",
            )
    if (question.kind in {"one", "several"}) != (len(options) > 1):
        yield (
            f"{pointer}/options",
            f"expected {'two or more options' if not options else 'no options'} for the kind {question.kind}",
        )
    if (question.kind in {"scale", "star"}) != (question.scale is not None):
        yield f"{pointer}/scale", f"expected {'a scale' if question.scale is None else 'null'} for the kind {question.kind}"
    if question.scale is not None:
        yield from check_scale(f"{pointer}/scale", question.scale)
    if question.show_if is not None:
        asked = next((each for each in earlier if each.code == question.show_if.question), None)
        if asked is None or asked.kind not in {"one", "several"}:
            yield f"{pointer}/show_if/question", "expected an earlier question with options"
        else:
            allowed = [option.code for option in asked.options]
            yield from known(f"{pointer}/show_if/choices", question.show_if.choices, allowed, f"an option of '{asked.code}'")


def check_scale(pointer: str, scale: AnswerScale) -> Iterator[Wrong]:
    """The scores of a scale, and the words beside them."""
    if not 0 <= scale.min < scale.max <= 10:  # noqa: PLR2004 - the widest scale there is
        yield f"{pointer}/max", "expected `min` below `max`, from 0 to 10"
        return
    scores = range(scale.min, scale.max + 1)
    if scale.positive_from is not None and scale.positive_from not in scores:
        yield f"{pointer}/positive_from", "expected a score of the scale, or null"
    labelled = [label.score for label in scale.labels]
    if len(set(labelled)) < len(labelled) or not set(labelled) <= set(scores):
        yield f"{pointer}/labels", "expected labels for scores of the scale, each once"
    elif scale.faces and (scores != FACES or len(labelled) < len(scores)):
        yield f"{pointer}/labels", "expected scores from 1 to 5, each with a label: there are five faces, and they need words"


def english(pointer: str, texts: Mapping[str, str]) -> Iterator[Wrong]:
    """A text without the language that all others fall back to."""
    if "en" not in texts:
        yield pointer, "expected a text in English (en), which other languages fall back to"


def english_if_any(pointer: str, texts: Mapping[str, str] | None) -> Iterator[Wrong]:
    """A text that may be left out, there without English."""
    if texts is not None:
        yield from english(pointer, texts)


_COMPLAINT_LISTS = (
    *("procedures", "categories", "findings", "needs", "routes", "raised_by", "sources", "ombudsman_outcomes"),
    *("extension_reasons", "suspension_reasons", "not_complaints", "remedies", "ombudsman_remedies"),
)


def check_complaints(complaints: Complaints, themes: set[str]) -> Iterator[Wrong]:
    """complaints.yaml, with the themes of the organisation."""
    lists: dict[str, Sequence[Named | _Coded]] = {name: getattr(complaints, name) for name in _COMPLAINT_LISTS}
    for name, items in lists.items():
        yield from unique(f"/complaints/{name}", items)
    if missing := set(FINDINGS) - {finding.code for finding in complaints.findings}:
        yield "/complaints/findings", f"expected a label for {', '.join(sorted(missing))}"
    for index, procedure in enumerate(complaints.procedures):
        pointer = f"/complaints/procedures/{index}/stages"
        if [stage.number for stage in procedure.stages] != list(range(1, len(procedure.stages) + 1)):
            yield pointer, "expected stages numbered 1, 2, … in order"
        if procedure.formality == "informal" and len(procedure.stages) > 1:
            yield pointer, "expected one stage for an informal procedure"
        for position, stage in enumerate(procedure.stages):
            if stage.extension_to is not None and stage.extension_to <= stage.limit:
                yield f"{pointer}/{position}/extension_to", "expected more working days in all than the limit"
            if (stage.counts_from == "acknowledged") != (stage.acknowledge_within is not None):
                yield (
                    f"{pointer}/{position}/acknowledge_within",
                    "expected a number exactly where the stage counts from acknowledged",
                )
            origin = "received" if stage.number == 1 else "requested"
            yield from _panel_and_draft(stage, f"{pointer}/{position}")
            possible = [origin, "acknowledged", *(["agreed"] if stage.number > 1 else [])]
            if stage.counts_from not in possible:
                yield f"{pointer}/{position}/counts_from", f"expected {' or '.join(possible)} for stage {stage.number}"
    codes = [procedure.code for procedure in complaints.procedures]
    for index, category in enumerate(complaints.categories):
        yield from known(f"/complaints/categories/{index}/procedures", category.procedures, codes, "a procedure")
        yield from known(f"/complaints/categories/{index}/themes", category.themes, themes, "a theme")


def _panel_and_draft(stage: Stage, pointer: str) -> Iterator[Wrong]:
    if stage.draft_before is not None and stage.draft_before >= stage.limit:
        yield f"{pointer}/draft_before", f"expected fewer working days than the limit, {stage.limit}"
    if stage.panel is not None and (stage.extension_to is not None or stage.counts_from != "requested"):
        yield f"{pointer}/panel", "expected no extension, and counting from the request, where a panel hears the stage"
