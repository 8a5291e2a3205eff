"""Days as pages, papers and letters write them."""

from datetime import date


def day_words(on: date | None) -> str:
    """28 April 2022; a dash for none."""
    return f"{on.day} {on:%B %Y}" if on else "–"
