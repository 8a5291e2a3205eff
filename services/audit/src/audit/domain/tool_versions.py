"""A version of a tool keeps its shape for good: audits that began with it are judged by it, and figures compare them.

Its wording may change (names, guidance, what to look for, definitions of grades), and so may the order, and whose views are
asked for, on which no grade hangs. Anything else is a new version.
"""

from collections.abc import Iterator
from typing import Any

from audit.domain.profile import Scale, Tool
from chassis.errors import FieldError

Definition = tuple[Tool, Scale | None]
"""A tool with the scale that it grades by."""


def changed_shape(before: Definition, after: Definition, at: str) -> Iterator[FieldError]:
    """Where the same version of a tool was changed in more than its wording; `at` is the pointer of the tool."""
    old, new = shape(*before), shape(*after)
    tool = after[0]
    for name in (name for name in old if old[name] != new[name]):
        detail = (
            f"Version {tool.version} of '{tool.code}' is in use, and only its wording may change. "
            f"Expected `{name}` as it was, or a `version` that was never used."
        )
        yield FieldError(f"{at}/{name}", detail)


def shape(tool: Tool, scale: Scale | None) -> dict[str, Any]:
    """What an audit that began with this version relies on, by the name of the field."""
    return {
        "kind": tool.kind,
        "visit": tool.visit,
        "acknowledge": tool.acknowledge,
        "rag": tool.rag,
        "discussion": tool.discussion,
        # The grades too, best first: their order is what the scale is.
        "scale": scale and (scale.code, *(grade.code for grade in scale.grades)),
        "suggest_overall": tool.suggest_overall,
        "activity": tool.activity,
        "findings": frozenset(tool.findings),
        "sections": frozenset(tool.section_codes),
        "questions": {
            question.code: (question.required, frozenset(option.code for option in question.options))
            for question in tool.questions
        },
        "agencies": frozenset(agency.code for agency in tool.agencies),
    }
