"""A person's star over time as SVG: a strip for each scale, so that lines never hide one another and no colour is needed."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from feedback.domain.star_profile import Named
from feedback.domain.stars import Range, Reading, in_order

WIDTH, STRIP = 440, 132  # a phone shows it at 350, where its 17 px letters are still 13 px
LEFT, RIGHT, TOP, BOTTOM = 28, 412, 52, 104
COLOUR, INK, LINE = "#14535b", "#0b0c0c", "#b1b4b6"


def strips(scales: Sequence[tuple[Named, Range, str]], readings: Sequence[Reading]) -> str:
    """The SVG: of each scale its name, what it says, and a dot with its number for every reading that answered it."""
    ordered = in_order(readings)
    parts = [_strip(n * STRIP, named, width, words, ordered) for n, (named, width, words) in enumerate(scales)]
    height = STRIP * len(scales)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="arial, sans-serif" font-size="17" fill="{INK}">{"".join(parts)}</svg>'
    )


def _strip(top: int, named: Named, width: Range, words: str, readings: Sequence[Reading]) -> str:
    floor, ceiling = top + BOTTOM, top + TOP
    lines = "".join(f'<line x1="{LEFT - 12}" x2="{RIGHT + 12}" y1="{y}" y2="{y}" stroke="{LINE}"/>' for y in (floor, ceiling))
    title = f'<text x="0" y="{top + 18}"><tspan font-weight="bold">{escape(named.name)}</tspan> {escape(words)}</text>'
    dots = [
        (place, floor - (each.scores[named.code] - width.lowest) / (width.highest - width.lowest) * (floor - ceiling),
         each.scores[named.code])
        for place, each in zip(_places(readings), readings, strict=True)
        if named.code in each.scores
    ]  # fmt: skip
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
    line = f'<polyline points="{path}" fill="none" stroke="{COLOUR}" stroke-width="3"/>' if len(dots) > 1 else ""
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="{COLOUR}"/>'
        f'<text x="{x:.1f}" y="{y + 5.5:.1f}" text-anchor="middle" font-size="15" font-weight="bold" fill="#fff">{score}</text>'
        for x, y, score in dots
    )
    return f"{title}{lines}{line}{marks}"


def _places(readings: Sequence[Reading]) -> list[float]:
    """Where on the line of time each reading stands, never so near another that the two cannot be told apart."""
    if len(readings) < 2:  # noqa: PLR2004 - two make a line
        return [float(LEFT)] * len(readings)
    first, last = readings[0].taken_on, readings[-1].taken_on
    days = max((last - first).days, 1)
    step = (RIGHT - LEFT) / (len(readings) - 1)
    least = min(30.0, step)
    places: list[float] = []
    for number, each in enumerate(readings):
        wanted = LEFT + (each.taken_on - first).days / days * (RIGHT - LEFT)
        room = RIGHT - least * (len(readings) - 1 - number)
        places.append(min(max(wanted, places[-1] + least) if places else wanted, room))
    return places


def in_words(scales: Mapping[str, str], readings: Sequence[Reading]) -> str:
    """The same for those who do not see it: every score in its order."""
    ordered = in_order(readings)
    parts = []
    for code, name in scales.items():
        given = [str(each.scores[code]) if code in each.scores else "no answer" for each in ordered]
        parts.append(f"{name}: {', then '.join(given)}.")
    return " ".join(parts)
