"""Tables of a recipe written out for one organisation, for the recount: it shares no code with reporting.

See docs/guides/profiles.md: `all` members, a table for `each`, audiences, and comparison with earlier periods.
"""

from collections.abc import Mapping
from typing import Any

Table = dict[str, Any]


def written(profile: Mapping[str, Any], table: Mapping[str, Any]) -> list[Table]:
    """The tables that one table of a recipe is."""
    if not (each := table.get("each")):
        return [_plain(profile, dict(table))]
    members = _members(profile, each["dimension"], each["members"], table["filter"])
    own = (
        {**table, "code": f"{table['code']}-{member}", "filter": {**table["filter"], each["dimension"]: [member]}}
        for member in members
    )
    found = [_plain(profile, one) for one in own]
    return [one for one in found if one["rows"].get("members", True) or one["rows"].get("groups")]


def _plain(profile: Mapping[str, Any], table: Table) -> Table:
    if table["rows"]["by"] == "headline":
        measures = [_headline(profile, each) for each in table["rows"]["headlines"]]
        table["rows"] = {"by": "measure", "measures": measures}
    table["filter"] = _filter(profile, table["filter"])
    rows = dict(table["rows"])
    if rows["by"] == "dimension":
        if not rows.get("groups"):
            rows["members"] = _members(profile, rows["dimension"], rows["members"], table["filter"])
        if rows["dimension"] == "audience":
            groups = [{"code": code, "members": _of_audience(profile, [code])} for code in rows["members"]]
            rows |= {"dimension": "questionnaire", "members": [], "groups": [each for each in groups if each["members"]]}
    elif rows["by"] == "measure":
        rows["measures"] = [{**each, "filter": _filter(profile, each.get("filter") or {})} for each in rows["measures"]]
    table["rows"] = rows
    if across := table.get("across"):
        members = _members(profile, across["dimension"], across["members"], table["filter"])
        table["across"] = {**across, "members": members, "filter": _filter(profile, across.get("filter") or {})}
    columns = [{**each, "filter": _filter(profile, each.get("filter") or {})} for each in table["columns"]]
    table["columns"] = [each for column in columns for each in _compared(column, table.get("compare") or 0)]
    return table


def _headline(profile: Mapping[str, Any], headline: Mapping[str, Any]) -> dict[str, Any]:
    """What the cell of another report counts: its measure, all filters, and `of` what its share is."""
    report = _by_code(profile["reports"]["reports"], headline["report"])
    table = _by_code([each for one in report["tables"] for each in written(profile, one)], headline["table"])
    column, rows, code = _by_code(table["columns"], headline["column"]), table["rows"], headline["row"]
    if rows["by"] == "measure":
        row = _by_code(rows["measures"], code)
        measure, chosen = row["measure"], row["filter"]
    else:
        members = {each["code"]: each["members"] for each in rows.get("groups") or ()}.get(code, [code])
        measure, chosen = column["measure"], {} if code == "total" else {rows["dimension"]: members}
    whole = table["filter"] if column["show"] == "share" else _all(table["filter"], chosen)
    return {
        "code": headline["code"],
        "measure": measure,
        "filter": _all(table["filter"], column["filter"], chosen),
        "of": whole if column["show"] != "count" else None,
    }


def _all(*filters: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Filters that must all hold."""
    joint: dict[str, list[str]] = {}
    for each in filters:
        for name, codes in each.items():
            joint[name] = [code for code in joint.get(name, codes) if code in codes]
    return joint


def _by_code(items: list[dict[str, Any]], code: str) -> dict[str, Any]:
    return next(each for each in items if each["code"] == code)


def _compared(column: Table, earlier: int) -> list[Table]:
    """A column and those of the periods before; the recipes that ship write none of both kinds."""
    if column.get("period") not in (None, {"from": 0, "to": 0}) or not column.get("compare", True):
        return [column]
    start = "" if column["code"] == "this" else f"{column['code']}-"
    return [column] + [
        {**column, "code": f"{start}minus-{step}", "period": {"from": -step, "to": -step}} for step in range(1, earlier + 1)
    ]


def _of_audience(profile: Mapping[str, Any], audiences: list[str]) -> list[str]:
    return [each["code"] for each in profile["questionnaires"] if each["audience"] in audiences]


def _filter(profile: Mapping[str, Any], chosen: Mapping[str, list[str]]) -> dict[str, list[str]]:
    found = {name: list(codes) for name, codes in chosen.items() if name != "audience"}
    if "audience" in chosen:
        for_it = _of_audience(profile, chosen["audience"])
        found["questionnaire"] = [code for code in found.get("questionnaire", for_it) if code in for_it]
    return found


def _members(
    profile: Mapping[str, Any], dimension: str, members: list[str] | str, chosen: Mapping[str, list[str]]
) -> list[str]:
    if members != "all":
        return list(members)
    audit = profile["audit"]
    tools = [each for each in audit["tools"] if each["code"] in chosen.get("tool", [each["code"]])]
    match dimension:
        case "section":
            found = [section["code"] for tool in tools for section in tool["sections"]]
        case "grade":
            scales = {each["scale"] for each in tools}
            found = [grade["code"] for scale in audit["scales"] if scale["code"] in scales for grade in scale["grades"]]
        case "tool":
            found = [each["code"] for each in tools]
        case "questionnaire":
            known = [each["code"] for each in profile["questionnaires"]]
            found = [code for code in known if code in chosen.get("questionnaire", known)]
        case "question":
            found = _judged(profile, chosen)
        case "team":
            areas = chosen.get("service_area")
            found = [
                each["code"] for each in profile["organisation"]["teams"] if areas is None or each["service_area"] in areas
            ]
        case "service_area":
            known = [each["code"] for each in profile["organisation"]["service_areas"]]
            found = [code for code in known if code in chosen.get("service_area", known)]
        case "theme":
            themes = [*profile["organisation"]["themes"], *profile["complaints"]["learning"]["themes"]]
            found = [each["code"] for each in themes]
        case "programme":
            found = [each["code"] for each in audit["programmes"]]
        case "star_scale":
            found = [scale["code"] for kind in profile["stars"]["kinds"] for scale in kind["scales"]]
        case _:
            found = _FIXED[dimension]
    return list(dict.fromkeys(found))


_FIXED = {
    "channel": ["link", "call", "visit", "audit", "paper"],
    "invited_by": ["letter", "email", "text", "handed-over", "poster"],
    "audience": [
        "child", "young-person", "care-leaver", "parent-carer", "birth-parent", "foster-carer", "partner", "staff",
    ],
}  # fmt: skip


def _judged(profile: Mapping[str, Any], chosen: Mapping[str, list[str]]) -> list[str]:
    """Questions that have a favourable answer, those of the newest version first."""
    found: list[tuple[str, str]] = []
    for each in profile["questionnaires"]:
        if each["code"] in chosen.get("questionnaire", [each["code"]]):
            for version in each["versions"]:
                for question in version["questions"]:
                    is_scored = question["scale"] and question["scale"]["positive_from"] is not None
                    if question["positive"] or is_scored:
                        found.append((version["from"], question["code"]))
    return [code for _, code in sorted(found, key=lambda each: each[0], reverse=True)]
