"""A day in a form: three fields (`day_field` of the staff macros), read, and shown again as they were typed."""

from datetime import date

from chassis.pages.forms import Form

_DIGITS = 4  # of a year; no part of a day has more


def day_in(form: Form, name: str) -> date | None:
    """A day typed as day, month and year (`<name>-day`, `-month`, `-year`); None where it is none."""
    parts = [form.text(f"{name}-{part}") for part in ("year", "month", "day")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= _DIGITS for part in parts):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def typed_day(form: Form, name: str) -> dict[str, str]:
    """What was typed for a day, to be shown again."""
    return {part: form.text(f"{name}-{part}")[:8] for part in ("day", "month", "year")}


def day_parts(on: date | None) -> dict[str, str]:
    """A day as it stands in the three fields."""
    return {"day": str(on.day), "month": str(on.month), "year": str(on.year)} if on else {}
