"""Figures on pages: how a cell of a table reads, and how a chart drawn elsewhere is put into a page.

Tables have the shape that the API answers with: columns, rows and cells, a cell being a value or one of four reasons why there
is none. The shorthand is the Government Analysis Function's ("Using symbols and shorthand in data tables"): [z] not
applicable, [x] not available, [c] confidential; a zero is a zero.
"""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

STATES = ("not-in-use", "not-collected", "suppressed")
SHORTHAND = {"not-in-use": "[z]", "not-collected": "[x]", "suppressed": "[c]"}
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"


def number(value: float | Decimal, places: int | None = None) -> str:
    """Return a number with thousands separated, rounded half up: whole unless places are asked for or needed (at most 1)."""
    exact = Decimal(str(value))
    if places is None:
        places = 0 if exact == exact.to_integral_value() else 1
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def figure(cell: Mapping[str, Any], unit: str | None = None) -> str:
    """Return the words of a cell that holds a figure; percentages are whole numbers, half up, with their sign."""
    value = 0 if cell.get("state") == "zero" and cell.get("value") is None else cell["value"]
    return f"{number(value, 0)}%" if unit in {"percent", "%"} else number(value)


def states_in(table: Mapping[str, Any]) -> list[str]:
    """Return the states without a figure that occur in a table, for its legend."""
    found = {cell["state"] for row in table["rows"] for cell in row["cells"]}
    return [state for state in STATES if state in found]


def inline_svg(svg: str, ident: str, title: str, description: str) -> Markup:
    """Return a chart made by our own renderer as part of a page: named and described for those who do not see it.

    Style attributes become attributes (the pages' policy allows no inline style), ids get the prefix `ident` (two charts on a
    page may not share any), and scripts or foreign content are refused with ValueError.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(svg)  # noqa: S314 - drawn by us; expat resolves no external entities
    if root.tag != f"{{{_SVG}}}svg":
        raise ValueError("a chart is an SVG document")
    for element in root.iter():
        if element.tag in {f"{{{_SVG}}}{name}" for name in ("script", "style", "foreignObject")}:
            raise ValueError(f"a chart holds no {element.tag.rpartition('}')[2]}")
        _tidy(element, ident)
    size = [root.attrib.get(side, "").removesuffix("px") for side in ("width", "height")]
    if "viewBox" not in root.attrib and all(size):
        root.set("viewBox", f"0 0 {size[0]} {size[1]}")
    root.attrib |= {"role": "img", "aria-labelledby": f"{ident}-title {ident}-description", "focusable": "false"}
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        named = ET.Element(f"{{{_SVG}}}{tag}", id=f"{ident}-{'title' if tag == 'title' else 'description'}")
        named.text = words
        root.insert(position, named)
    # In HTML the namespace goes without saying.
    return Markup(ET.tostring(root, encoding="unicode").replace(f' xmlns="{_SVG}"', "", 1))  # noqa: S704 - see above


def _tidy(element: ET.Element, ident: str) -> None:
    for name in [name for name in element.attrib if name.lower().startswith("on")]:
        del element.attrib[name]
    for rule in element.attrib.pop("style", "").split(";"):
        key, _, value = rule.partition(":")
        if value:
            element.set(key.strip(), value.strip())
    if "id" in element.attrib:
        element.set("id", f"{ident}-{element.attrib['id']}")
    for name, value in element.attrib.items():
        if name in {"href", f"{{{_XLINK}}}href"} and not value.startswith("#"):
            raise ValueError("a chart refers to nothing outside itself")
        if value.startswith("#") and name.rpartition("}")[2] == "href":
            element.set(name, f"#{ident}-{value[1:]}")
        elif "url(#" in value:
            element.set(name, re.sub(r"url\(#", f"url(#{ident}-", value))


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "figure": figure,
    "states_in": states_in,
    "shorthand": SHORTHAND.__getitem__,
    "inline_svg": inline_svg,
}
