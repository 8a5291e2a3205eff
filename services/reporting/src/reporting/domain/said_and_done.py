"""“You said, we did”: what families said beside what was changed, by theme, nature and service area. Pure.

It is a report like any other, made of declared measures, so that its cells say why there is no figure and its public version is
suppressed as every public report is. Its tables are made here of the profile's themes, natures and areas; a report of
reports.yaml may have the same columns.
"""

from datetime import date
from typing import Any

from reporting.domain.profile import Profile
from reporting.domain.recipes import Report

CODE = "you-said-we-did"
TITLE = "You said, we did"

_Columns = tuple[tuple[str, str, str, str, dict[str, list[str]]], ...]
_SAID: _Columns = (
    ("comments", "Comments", "comments_themed", "comments", {}),
    ("quotes", "Quotes approved", "quotes_released", "quotes", {}),
)
_DONE: _Columns = (
    ("published", "Changes published", "changes_published", "changes", {}),
    ("set", "Actions set", "tracked_actions", "actions", {"learning_source": ["audit", "complaints"]}),
    ("completed", "Actions completed", "tracked_completed", "actions", {"learning_source": ["audit", "complaints"]}),
    ("helped", "Found to have made a difference", "tracked_helped", "actions", {}),
)
_NATURES = (
    ("points", "Points of complaints", "complaint_points", "points", "count"),
    ("upheld", "Upheld, wholly or in part", "points_upheld", "points", "share"),
    ("answered", "Upheld, with an action or a reason for none", "points_with_learning", "points", "share"),
)
_CAUTION = (
    "What was said and what was done stand side by side. That a change followed what was said does not show that it is the "
    "answer to it, nor that it made things better: only a review says whether an action made a difference."
)
_SEVERAL = "What has two themes stands in both rows, and once in the total."


def report(profile: Profile, *, public: bool, area: str | None, since: date) -> Report:
    """The report, of one service area or of all. Natures that ended before `since` are in none of the rows.

    Its public version leaves the published changes to `published`.
    """
    filters = {"service_area": [area]} if area else {}
    themes = _themes(profile)
    natures = [each.code for each in profile.complaints.categories if each.until is None or each.until >= since]
    tables: list[dict[str, Any]] = []
    if themes:
        tables.append(_both("themes", "By theme", "Theme", "theme", themes, filters, [_CAUTION, _SEVERAL]))
    if not area:
        areas = [each.code for each in profile.organisation.service_areas]
        tables.append(_areas(areas))
    if natures:
        tables.append(_natures(natures, filters))
    if public:
        tables = [{**each, "columns": [one for one in each["columns"] if one["code"] != "published"]} for each in tables]
    body: dict[str, Any] = {
        "code": CODE, "title": TITLE, "audience": "public" if public else "internal", "period": "any", "tables": tables,
    }  # fmt: skip
    return Report.model_validate(body)


def published(profile: Profile, area: str | None) -> Report:
    """The published changes by theme, for the public too: each is a text on the public page, where everybody can count them.

    So nothing is withheld of them. They say what an organisation changed, and nothing of how many people asked for it.
    """
    filters = {"service_area": [area]} if area else {}
    themes = _themes(profile)
    whole = _both("changes-by-theme", "Changes published, by theme", "Theme", "theme", themes, filters, [_SEVERAL])
    table = {**whole, "columns": [each for each in whole["columns"] if each["code"] == "published"]}
    body = {"code": CODE, "title": TITLE, "audience": "internal", "period": "any", "tables": [table] if themes else []}
    return Report.model_validate(body)


def _themes(profile: Profile) -> list[str]:
    both = (*profile.organisation.themes, *profile.complaints.learning.themes)
    return list(dict.fromkeys(each.code for each in both))


def _both(
    code: str, title: str, label: str, dimension: str, members: list[str], filters: dict[str, Any], notes: list[str]
) -> dict[str, Any]:
    return {
        "code": code, "title": title, "filter": filters, "total": True, "chart": None, "notes": notes,
        "rows": {"by": "dimension", "label": label, "dimension": dimension, "members": members},
        "columns": [
            {"code": name, "label": words, "measure": measure, "show": "count", "unit": unit, "filter": narrowed}
            for name, words, measure, unit, narrowed in (*_SAID, *_DONE)
        ],
    }  # fmt: skip


def _areas(members: list[str]) -> dict[str, Any]:
    made = _both("areas", "By service area", "Service area", "service_area", members, {}, [_CAUTION])
    points = {
        "code": "points", "label": "Points of complaints", "measure": "complaint_points", "show": "count", "unit": "points",
    }  # fmt: skip
    # Seven columns are more than a page is wide; quotes stand by theme.
    return {**made, "columns": [points, *(each for each in made["columns"] if each["code"] != "quotes")]}


def _natures(members: list[str], filters: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": "natures", "title": "What complaints were about, and whether it was acted on", "filter": filters, "total": True,
        "chart": None,
        "notes": ["Points count by when the complaint was received; those with an action by when they were found upheld."],
        "rows": {"by": "dimension", "label": "Nature", "dimension": "category", "members": members},
        "columns": [
            {"code": name, "label": words, "measure": measure, "show": show, "unit": unit}
            for name, words, measure, unit, show in _NATURES
        ],
    }  # fmt: skip
