"""Whether a new form of an event can be read by those who know the released one.

Within a version an event may gain optional fields. A field that goes, becomes required, or changes its type, and a value that a
closed list gains or loses, break a reader: they are a new subject published alongside.
"""

from typing import Any

_IGNORED = frozenset({"title", "description", "default", "examples", "$schema", "$id", "$defs"})


def breaking_changes(released: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """What in `current` breaks readers of `released`, each as `path: what`; both are JSON Schemas with their own `$defs`."""
    found: list[str] = []
    _compare(released, current, "", released, current, found)
    return found


def _compare(
    old: dict[str, Any], new: dict[str, Any], path: str, old_root: dict[str, Any], new_root: dict[str, Any], found: list[str]
) -> None:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    where = path or "/"
    gone = old.get("properties", {}).keys() - new.get("properties", {}).keys()
    found.extend(f"{path}/{name}: the field is gone" for name in sorted(gone))
    required = set(new.get("required", [])) - set(old.get("required", []))
    found.extend(f"{path}/{name}: the field became required" for name in sorted(required & old.get("properties", {}).keys()))
    # What was always there may not become optional either: readers rely on it.
    dropped = set(old.get("required", [])) - set(new.get("required", [])) - gone
    found.extend(f"{path}/{name}: the field may now be missing" for name in sorted(dropped))
    for name in sorted(old.get("properties", {}).keys() & new.get("properties", {}).keys()):
        _compare(old["properties"][name], new["properties"][name], f"{path}/{name}", old_root, new_root, found)
    if "items" in old and "items" in new:
        _compare(old["items"], new["items"], f"{path}[]", old_root, new_root, found)
    _compare_choices(old, new, where, old_root, new_root, found)
    facets = sorted((old.keys() | new.keys()) - _IGNORED - {"properties", "required", "items", "anyOf", "$ref"})
    found.extend(
        f"{where}: {key} was {old.get(key)!r} and is {new.get(key)!r}" for key in facets if old.get(key) != new.get(key)
    )


def _compare_choices(
    old: dict[str, Any], new: dict[str, Any], where: str, old_root: dict[str, Any], new_root: dict[str, Any], found: list[str]
) -> None:
    before, after = old.get("anyOf", []), new.get("anyOf", [])
    if len(before) != len(after):
        found.append(f"{where}: the choice of types changed")
        return
    for index, (one, other) in enumerate(zip(before, after, strict=True)):
        _compare(one, other, f"{where}|{index}", old_root, new_root, found)


def _resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    resolved: dict[str, Any] = root["$defs"][reference.rsplit("/", 1)[1]]
    return resolved
