"""Whether the dispute resolution process and practice acknowledgement of a profile fit together. Pure."""

from collections.abc import Iterator

from loop_cli.profile_format import Audit, Named

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""


def check_disputes(audit: Audit) -> Iterator[Wrong]:
    """Codes that stand twice, and levels of management that are not in the list of those who answer."""
    lists: dict[str, list[Named]] = {}
    if audit.disputes is not None:
        own = audit.disputes
        for name in ("stages", "categories", "outcomes", "raised_by", "answered_by"):
            lists[f"/audit/disputes/{name}"] = getattr(own, name)
        levels = [level.code for level in own.answered_by]
        for index, stage in enumerate(own.stages):
            if stage.answered_by not in levels:
                found = f"found '{stage.answered_by}'"
                yield f"/audit/disputes/stages/{index}/answered_by", f"expected one of {', '.join(levels)}, {found}"
    if audit.acknowledgements is not None:
        for name in ("raised_by", "origins"):
            lists[f"/audit/acknowledgements/{name}"] = getattr(audit.acknowledgements, name)
    for pointer, items in lists.items():
        seen: set[str] = set()
        for index, item in enumerate(items):
            if item.code in seen:
                yield f"{pointer}/{index}/code", f"expected a code that no other entry has, found '{item.code}' again"
            seen.add(item.code)
