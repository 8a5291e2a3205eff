"""Three-way merge of a questionnaire's content: what was begun from, what an officer made of it, what came meanwhile.

Things with a code (questions, options) and scores are matched by it, everything else by its name. Where only one side changed
something, that side stands. Where both did, the officer's stands and the place is named: nothing is dropped in silence.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_KEYS = ("code", "score")
_GONE = object()


def merge(base: Any, mine: Any, theirs: Any) -> tuple[Any, tuple[str, ...]]:
    """The merged value, and the pointers of what both sides changed, each in its own way."""
    clashes: list[str] = []
    merged = _merge(base, mine, theirs, "", clashes)
    return merged, tuple(clashes)


def _merge(base: Any, mine: Any, theirs: Any, at: str, clashes: list[str]) -> Any:
    if theirs in (mine, base):
        return mine
    if mine == base:
        return theirs
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _members(base if isinstance(base, Mapping) else {}, mine, theirs, at, clashes)
    key = _key_of(mine) or _key_of(theirs)
    if key and isinstance(mine, Sequence) and isinstance(theirs, Sequence):
        return _items(base if isinstance(base, Sequence) else (), mine, theirs, key, at, clashes)
    clashes.append(at)
    return theirs if mine is _GONE else mine


def _members(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], at: str, clashes: list[str]
) -> dict[str, Any]:
    merged = {}
    for name in dict.fromkeys((*mine, *theirs)):
        value = _merge(base.get(name, _GONE), mine.get(name, _GONE), theirs.get(name, _GONE), f"{at}/{name}", clashes)
        if value is not _GONE:
            merged[name] = value
    return merged


def _items(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any], key: str, at: str, clashes: list[str]) -> list[Any]:
    was, own, other = ({str(each[key]): each for each in side} for side in (base, mine, theirs))
    merged = {}
    for name in _order(list(was), list(own), list(other)):
        value = _merge(was.get(name, _GONE), own.get(name, _GONE), other.get(name, _GONE), f"{at}/{name}", clashes)
        if value is not _GONE:
            merged[name] = value
    return list(merged.values())


def _order(was: list[str], own: list[str], other: list[str]) -> list[str]:
    """The order of the side that changed it (mine, where both did); what only the other has stands where it stood."""
    common = [name for name in was if name in own]
    leading, following = (other, own) if [name for name in own if name in was] == common else (own, other)
    found = list(leading)
    for place, name in enumerate(following):
        if name not in found:
            before = next((each for each in reversed(following[:place]) if each in found), None)
            found.insert(found.index(before) + 1 if before else 0, name)
    return found


def _key_of(value: Any) -> str | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return None
    return next((key for key in _KEYS if all(isinstance(each, Mapping) and key in each for each in value)), None)
