"""What a profile's models alone cannot see: codes that must exist elsewhere, and identities that must hold."""

import re
from collections.abc import Iterator

from chassis.errors import FieldError, unknown_code
from chassis.word_list import ExpressionError, read
from feedback.domain.families import check_families
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import RESERVED, Question, Questionnaire, Version
from feedback.domain.star_profile import check_stars
from feedback.domain.worry_profile import Worries

FACES = (1, 5)
"""The scale that faces are drawn for, from very sad to very happy."""

# Loose on purpose: what a mail server takes is known when a mail is written, and a slip of the keyboard is found here.
_ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def check(profile: FeedbackProfile) -> list[FieldError]:
    """Every wrong place of a profile, as pointers into the document."""
    errors = []
    seen: set[str] = set()
    themes = {theme.code for theme in profile.organisation.themes}
    for number, questionnaire in enumerate(profile.questionnaires):
        at = f"/questionnaires/{number}"
        if questionnaire.code in seen:
            errors.append(FieldError(f"{at}/code", f"'{questionnaire.code}' is there already"))
        seen.add(questionnaire.code)
        errors += check_questionnaire(at, questionnaire, themes)
    duty = profile.organisation.contacts.duty_email
    if duty is not None and not _ADDRESS.fullmatch(duty):
        errors.append(FieldError("/organisation/contacts/duty_email", "expected one mail address"))
    errors += _worries(profile.worries)
    areas = [area.code for area in profile.organisation.service_areas]
    teams = [team.code for team in profile.organisation.teams]
    errors += check_families(profile.families, areas, teams, _ADDRESS)
    areas = [area.code for area in profile.organisation.service_areas]
    errors += check_stars(profile.stars, profile.questionnaires, areas)
    errors += _calls(profile)
    return errors


def _worries(worries: Worries) -> Iterator[FieldError]:
    if worries.escalation_email is not None and not _ADDRESS.fullmatch(worries.escalation_email):
        yield FieldError("/worries/escalation_email", "expected one mail address, or null")
    if worries.read.begins >= worries.read.ends:
        yield FieldError("/worries/read/until", f"expected a time after {worries.read.from_}")
    seen: set[str] = set()
    for place, each in enumerate(worries.hand_over_to):
        if each.code in seen:
            yield FieldError(f"/worries/hand_over_to/{place}/code", f"'{each.code}' is there already")
        seen.add(each.code)
    for place, expression in enumerate(worries.words):
        try:
            read(expression)
        except ExpressionError as error:
            yield FieldError(f"/worries/words/{place}", str(error))


def _calls(profile: FeedbackProfile) -> Iterator[FieldError]:
    questionnaires = [each.code for each in profile.questionnaires]
    areas = [each.code for each in profile.organisation.service_areas]
    seen: set[str] = set()
    for place, programme in enumerate(profile.calls.programmes):
        at = f"/calls/programmes/{place}"
        if programme.code in seen:
            yield FieldError(f"{at}/code", f"'{programme.code}' is there already")
        seen.add(programme.code)
        if programme.questionnaire not in questionnaires:
            yield unknown_code(f"{at}/questionnaire", programme.questionnaire, questionnaires)
        if programme.service_area not in areas:
            yield unknown_code(f"{at}/service_area", programme.service_area, areas)


def check_questionnaire(at: str, questionnaire: Questionnaire, themes: set[str]) -> Iterator[FieldError]:
    """Every wrong place of one questionnaire; `at` is its pointer, `themes` are those of the organisation."""
    for place, language in enumerate(questionnaire.needs_review):
        if language not in questionnaire.languages:
            yield FieldError(f"{at}/needs_review/{place}", "expected one of `languages`")
    kinds: dict[str, str] = {}
    before: Version | None = None
    for place, version in enumerate(questionnaire.versions):
        here = f"{at}/versions/{place}"
        if before is not None and version.version <= before.version:
            yield FieldError(f"{here}/version", f"expected more than {before.version}: versions rise")
        if before is not None and version.from_ <= before.from_:
            yield FieldError(f"{here}/from", f"expected a day after {before.from_}")
        before = version
        yield from _version(here, version, themes)
        yield from _easy(here, version)
        for number, question in enumerate(version.questions):
            # Trends lay the versions side by side by this code: it must be the same question.
            if kinds.setdefault(question.code, question.kind) != question.kind:
                detail = f"expected '{kinds[question.code]}' as in an earlier version; another question needs another code"
                yield FieldError(f"{here}/questions/{number}/kind", detail)
    if (questionnaire.easy_intro is None) == any(version.easy_read for version in questionnaire.versions):
        detail = "expected easy wording where questions have `easy`, and none where no question has"
        yield FieldError(f"{at}/easy_intro", detail)


def _easy(at: str, version: Version) -> Iterator[FieldError]:
    """Easy read is for the whole way: somebody who needs it cannot fall back to the ordinary words in the middle."""
    if not any(each.easy or each.easy_hint or any(option.easy for option in each.options) for each in version.questions):
        return
    for number, question in enumerate(version.questions):
        if question.easy is None:
            yield FieldError(f"{at}/questions/{number}/easy", "expected easy wording: other questions of this version have it")


def _version(at: str, version: Version, themes: set[str]) -> Iterator[FieldError]:
    earlier: dict[str, Question] = {}
    for number, question in enumerate(version.questions):
        here = f"{at}/questions/{number}"
        if question.code in earlier:
            yield FieldError(f"{here}/code", f"'{question.code}' is there already")
        yield from _options(here, question)
        yield from _scale(here, question)
        for place, theme in enumerate(question.themes):
            if theme not in themes:
                yield unknown_code(f"{here}/themes/{place}", theme, sorted(themes))
        yield from _show_if(here, question, earlier)
        earlier[question.code] = question


def _options(at: str, question: Question) -> Iterator[FieldError]:
    if (question.kind in {"one", "several"}) != bool(question.options):
        yield FieldError(f"{at}/options", "expected options for kinds `one` and `several`, and none for others")
    codes = [option.code for option in question.options]
    for place, code in enumerate(codes):
        if code in RESERVED:
            yield FieldError(f"{at}/options/{place}/code", f"'{code}' is taken: it is an answer of its own")
        if code in codes[:place]:
            yield FieldError(f"{at}/options/{place}/code", f"'{code}' is there already")
    for name in ("positive", "worry"):
        for place, code in enumerate(getattr(question, name)):
            if code not in codes:
                yield unknown_code(f"{at}/{name}/{place}", code, codes)


def _scale(at: str, question: Question) -> Iterator[FieldError]:
    scale = question.scale
    if (question.kind in {"scale", "star"}) != (scale is not None):
        yield FieldError(f"{at}/scale", "expected a scale for kinds `scale` and `star`, and null for others")
    if scale is None:
        return
    if scale.min >= scale.max:
        yield FieldError(f"{at}/scale/max", f"expected more than {scale.min}")
    if scale.positive_from is not None and not scale.holds(scale.positive_from):
        yield FieldError(f"{at}/scale/positive_from", "expected a score of the scale, or null")
    scores = [label.score for label in scale.labels]
    for place, score in enumerate(scores):
        if not scale.holds(score) or score in scores[:place]:
            yield FieldError(f"{at}/scale/labels/{place}/score", "expected a score of the scale, each once")
    if scale.faces and ((scale.min, scale.max) != FACES or len(scores) != FACES[1]):
        yield FieldError(f"{at}/scale/faces", "expected a scale from 1 to 5 with a label at every score: there are five faces")


def _show_if(at: str, question: Question, earlier: dict[str, Question]) -> Iterator[FieldError]:
    if question.show_if is None:
        return
    asked = earlier.get(question.show_if.question)
    if asked is None or not asked.options:
        choosable = [code for code, each in earlier.items() if each.options]
        yield unknown_code(f"{at}/show_if/question", question.show_if.question, choosable)
        return
    for place, code in enumerate(question.show_if.choices):
        if code not in asked.choices:
            yield unknown_code(f"{at}/show_if/choices/{place}", code, sorted(asked.choices))


def changed_shape(before: Questionnaire, after: Questionnaire, at: str) -> Iterator[FieldError]:
    """Where a version that is in force was changed in more than its wording: that needs a new version.

    A version that has gone is no error: links that use it keep it as it was.
    """
    for place, version in enumerate(after.versions):
        old = before.version(version.version)
        if old is not None and _shape(old) != _shape(version):
            detail = (
                f"version {version.version} is in use: only its wording may change. "
                f"Add version {after.versions[-1].version + 1} with the questions as they shall be"
            )
            yield FieldError(f"{at}/versions/{place}/questions", detail)


def _shape(version: Version) -> list[object]:
    return [shape(question) for question in version.questions]


def shape(question: Question) -> object:
    """What of a question may not change within a version."""
    return (
        question.code,
        question.kind,
        tuple(sorted(question.choices)),
        question.does_not_apply is None,
        question.scale and (question.scale.min, question.scale.max),
        question.show_if and (question.show_if.question, tuple(sorted(question.show_if.choices))),
    )
