"""Figures of the operator's page in words."""

_STEPS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_KIB = 1024

KINDS = {
    "unknown-type": "a kind of event that this version does not know",
    "does-not-fit": "data that do not fit the contract",
    "no-organisation": "no valid organisation",
    "projection": "a mistake while it was applied",
    "refused": "a rule of the table, or of the reader",
}
"""Why events were put aside."""

NOT_KNOWN = "not known"


def many(number: int, one: str, more: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def lasting(seconds: float | None) -> str:
    """A time in its largest unit, and the next one: `2 days 3 hours`."""
    if seconds is None:
        return NOT_KNOWN
    left, said = int(seconds), []
    for size, name in _STEPS:
        number, left = divmod(left, size)
        if number:
            said.append(many(number, name))
        elif said:
            break
        if len(said) == 2:  # noqa: PLR2004 - two units are exact enough
            break
    return " ".join(said) or "0 seconds"


def size(number: int) -> str:
    """Bytes as people write them."""
    found, unit = float(number), "bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if found < _KIB or unit == "GiB":
            break
        found /= _KIB
    return f"{number:,} bytes" if unit == "bytes" else f"{found:,.1f} {unit}"


def shown(number: int | None) -> str:
    """A number, or that it is not known."""
    return NOT_KNOWN if number is None else f"{number:,}"
