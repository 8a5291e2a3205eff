"""The rows of the dimension tables, out of a profile with the questionnaires that were published since."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from chassis.calendar import WorkingDays
from reporting.domain import dimension_tables as tables
from reporting.domain import kpi_rows, merges
from reporting.domain.code_lists import LISTS
from reporting.domain.dimension_tables import DimensionTable
from reporting.domain.periods import Kind, containing
from reporting.domain.profile import FormerName, Profile, Question, Questionnaire, QuestionnaireVersion

Row = dict[str, Any]
_ENGLISH = "en"


def rows(profile: Profile, in_force: Profile) -> dict[DimensionTable, list[Row]]:
    """The rows of every table that profiles make. `in_force` has published questionnaires where they are newer.

    An option of a published question is called what the profile calls it, as far as it has it: events carry no such words.
    """
    organisation = profile.organisation
    made = {
        tables.ORGANISATION: [{"organisation": organisation.code, "label": organisation.name}],
        tables.SERVICE_AREA: list(_areas(profile)),
        tables.TEAM: list(_teams(profile)),
        tables.NAME: list(_names(profile)),
        tables.TOOL: list(_tools(profile)),
        tables.SECTION: list(_sections(profile)),
        tables.GRADE: list(_grades(profile)),
        tables.QUESTIONNAIRE: list(_questionnaires(in_force)),
        tables.QUESTION: list(_questions(in_force)),
        tables.OPTION: list(_options(in_force, _said(profile))),
        tables.CATEGORY: list(_categories(profile)),
        tables.THEME: _numbered("theme", ((each.code, each.name) for each in _themes(profile))),
        tables.CODE: [row for each in LISTS for row in _codes(profile, each.name)],
        tables.KPI: list(kpi_rows.kpis(profile)),
        tables.KPI_LEVEL: list(kpi_rows.levels(profile)),
    }
    return {
        table: list({tuple(row[name] for name in table.key): row for row in found}.values()) for table, found in made.items()
    }


def dates() -> Iterator[Row]:
    """Every day of the calendar in force, with its financial quarter and year, and whether it is a working day in England."""
    calendar = WorkingDays.load()
    day = calendar.first
    while day <= calendar.last:
        quarter, year = containing(day, Kind.QUARTER), containing(day, Kind.YEAR)
        yield {
            "day": day,
            "month": f"{day:%Y-%m}",
            "month_label": f"{day:%B %Y}",
            "quarter": quarter.code,
            "quarter_label": quarter.short,
            "financial_year": year.code,
            "weekday": f"{day:%A}",
            "working_day": calendar.is_working_day(day),
            "holiday": calendar.holiday(day),
            "calendar": calendar.version,
        }
        day += timedelta(days=1)


def _areas(profile: Profile) -> Iterator[Row]:
    became = merges.becomes(profile.organisation, "service_area")
    for position, each in enumerate(profile.organisation.service_areas, 1):
        row: Row = {"service_area": each.code, "label": each.name, "short_label": each.short_name, "position": position}
        row["used_for"] = ";".join(subject for subject in tables.SUBJECTS if subject in each.used_for)
        for subject, validity in each.used_for.items():
            if subject in tables.SUBJECTS:
                row |= {f"{subject}_from": validity.from_, f"{subject}_until": validity.until}
        yield row | _merger(each.code, each.merged_into, became)


def _teams(profile: Profile) -> Iterator[Row]:
    became = merges.becomes(profile.organisation, "team")
    for position, each in enumerate(profile.organisation.teams, 1):
        row = {"team": each.code, "label": each.name, "position": position, "service_area": each.service_area}
        row |= {"valid_from": each.from_, "valid_until": each.until}
        yield row | _merger(each.code, each.merged_into, became)


def _merger(code: str, into: Any, became: dict[str, str]) -> Row:
    days = {"merged_into": into.code, "merged_on": into.from_} if into else {}
    return {**days, "rolls_up_to": became.get(code, code)}


def _names(profile: Profile) -> Iterator[Row]:
    for each in profile.organisation.service_areas:
        yield from _history("service_area", each.code, each.name, each.former_names)
    for team in profile.organisation.teams:
        yield from _history("team", team.code, team.name, team.former_names)
    for category in profile.complaints.categories:
        yield from _history("category", category.code, category.name, category.former_names)


def _history(dimension: str, code: str, now: str, former: Sequence[FormerName]) -> Iterator[Row]:
    """What a member was called, oldest name first; the last one holds now."""
    first: date | None = None
    spans: list[tuple[str, date | None, date | None]] = []
    for name in sorted(former, key=lambda each: each.until):
        spans.append((name.name, first, name.until))
        first = name.until + timedelta(days=1)
    for number, (label, begins, ends) in enumerate([*spans, (now, first, None)], 1):
        yield {
            "dimension": dimension, "code": code, "number": number, "label": label, "label_from": begins, "label_until": ends,
        }  # fmt: skip


def _tools(profile: Profile) -> Iterator[Row]:
    for position, each in enumerate(profile.audit.tools, 1):
        row = {"tool": each.code, "label": each.name, "position": position, "tool_version": each.version}
        yield {**row, "kind": each.kind, "scale": each.scale}


def _sections(profile: Profile) -> Iterator[Row]:
    for tool in profile.audit.tools:
        for position, each in enumerate(tool.sections, 1):
            key = f"{tool.code}/{each.code}"
            row = {"tool": tool.code, "section": each.code, "section_key": key, "label": each.name, "position": position}
            yield {**row, "themes": ";".join(each.themes)}


def _grades(profile: Profile) -> Iterator[Row]:
    for scale in profile.audit.scales:
        for position, each in enumerate(scale.grades, 1):
            key = f"{scale.code}/{each.code}"
            row = {"scale": scale.code, "grade": each.code, "grade_key": key, "scale_label": scale.name, "label": each.label}
            yield {**row, "position": position, "comparable": each.comparable}


def _questionnaires(profile: Profile) -> Iterator[Row]:
    for position, each in enumerate(profile.questionnaires, 1):
        row = {"questionnaire": each.code, "label": each.name, "position": position, "audience": each.audience}
        newest, edition = each.stands
        yield {**row, "about": each.about, "questionnaire_version": newest, "edition": edition}


def _versions(profile: Profile) -> Iterator[tuple[Questionnaire, QuestionnaireVersion, date | None]]:
    """Every version with the last day on which its questions were given out."""
    for questionnaire in profile.questionnaires:
        versions = sorted(questionnaire.versions, key=lambda each: each.from_)
        for version, following in zip(versions, [*versions[1:], None], strict=True):
            yield questionnaire, version, following.from_ - timedelta(days=1) if following else None


def _question_key(questionnaire: Questionnaire, version: QuestionnaireVersion, question: str) -> Row:
    return {
        "questionnaire": questionnaire.code,
        "questionnaire_version": version.version,
        "question": question,
        "question_key": f"{questionnaire.code}/{version.version}/{question}",
    }


def _questions(profile: Profile) -> Iterator[Row]:
    for questionnaire, version, until in _versions(profile):
        for position, each in enumerate(version.questions, 1):
            scale = each.scale
            yield {
                **_question_key(questionnaire, version, each.code),
                "label": each.text.get(_ENGLISH, each.code),
                "position": position,
                "kind": each.kind,
                "themes": ";".join(each.themes),
                "score_min": scale.min if scale else None,
                "score_max": scale.max if scale else None,
                "positive_from": each.positive_from,
                "asked_from": version.from_,
                "asked_until": until,
            }


def _options(profile: Profile, said: dict[tuple[str, str, str], str]) -> Iterator[Row]:
    for questionnaire, version, _ in _versions(profile):
        for question in version.questions:
            for position, each in enumerate(question.options, 1):
                own = each.label.get(_ENGLISH, each.code)
                known = said.get((questionnaire.code, question.code, each.code), own)
                yield {
                    **_question_key(questionnaire, version, question.code),
                    "option": each.code,
                    "label": known if own == each.code else own,
                    "position": position,
                    "positive": each.code in question.positive,
                }
            yield from _scores(questionnaire, version, question)


def _scores(questionnaire: Questionnaire, version: QuestionnaireVersion, question: Question) -> Iterator[Row]:
    """The scores that have a name, as the faces of a scale have."""
    scale = question.scale
    for position, each in enumerate(scale.labels if scale else (), 1):
        yield {
            **_question_key(questionnaire, version, question.code),
            "option": str(each.score),
            "score": each.score,
            "label": each.label.get(_ENGLISH, str(each.score)),
            "position": position,
            "positive": question.positive_from is not None and each.score >= question.positive_from,
        }


def _said(profile: Profile) -> dict[tuple[str, str, str], str]:
    return {
        (questionnaire.code, question.code, option.code): option.label.get(_ENGLISH, option.code)
        for questionnaire in profile.questionnaires
        for version in questionnaire.versions
        for question in version.questions
        for option in question.options
    }


def _categories(profile: Profile) -> Iterator[Row]:
    for position, each in enumerate(profile.complaints.categories, 1):
        row = {"category": each.code, "label": each.name, "position": position, "themes": ";".join(each.themes)}
        yield {**row, "valid_from": each.from_, "valid_until": each.until}


def _themes(profile: Profile) -> Iterator[Any]:
    yield from profile.organisation.themes
    yield from profile.complaints.learning.themes


def _codes(profile: Profile, name: str) -> list[Row]:
    found = next(each for each in LISTS if each.name == name)
    labelled = dict(reversed(list(found.read(profile))))  # a code that stands twice is called as it stands first
    rows_ = _numbered("code", reversed(labelled.items()))
    return [{**row, "list": name, "used_in": ";".join(found.used_in)} for row in rows_]


def _numbered(key: str, items: Iterable[tuple[str, str]]) -> list[Row]:
    first_named: dict[str, str] = {}
    for code, label in items:
        first_named.setdefault(code, label)
    return [{key: code, "label": label, "position": position} for position, (code, label) in enumerate(first_named.items(), 1)]
