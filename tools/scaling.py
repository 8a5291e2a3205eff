"""From one council to all of England: draw a year of arrivals, and print load, queues, storage and what it takes.

    python -m tools.scaling [--councils 153] [--seed 1] [--years 7]

Nothing is started or connected to. What one request costs, and how many bytes a record takes, was measured by
`python -m tests.bench scaling` and stands in `MEASURED`; statistics and assumptions stand in `tools/scaling_england.py`.
"""

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tools.scaling_england import EVENTS_PER, FIGURES, OWN_ROWS, SIZES, value

MEASURED = {
    # `python -m tests.bench scaling`, 2026-11-30, two cores that others were using: of two runs what is worse.
    "write_core_seconds": 0.0101,
    "wal_factor": 3.0,
}
BYTES = {"audit": (1_305, 2_904)}
"""By kind, of a row and of an event, with indexes: an audit is taken for an outcome with seven sections, the largest."""
OTHER_BYTES = (426, 607)
"""The same of all else, as of compliments."""
OVERLOADED = 0.74
"""What is still served where more comes than can be: to refuse and to hold takes the same cores (docs/performance.md)."""
TRAIL_BYTES = 300
"""A trail entry with its indexes (docs/guides/trail.md)."""
PAGE_CORE_SECONDS = 0.1
"""A staff page, all processes: the benches of lists aim at less than 150 ms, of which some is waiting. Assumption."""
AWAY = range(600, 660)
"""Seconds of the hour in which half of the cores are away: a machine that went, or is brought up to date."""
BUSY = 0.6
"""How much of its cores an installation should need at its peak: what waits grows steeply above."""
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Council:
    """A council by its size."""

    size: str
    children: int

    def a_year(self) -> dict[str, float]:
        """Records of a year, by kind."""
        share = self.children / value("children")
        links = value("plans") + value("new_plans") + value("referrals") + 2 * value("protection") + 2 * value("looked_after")
        thousands = self.children / 1000
        return {
            "audit": 12 * value("managers_per_1000") * thousands,
            "link": links * share,
            "answer": links * share * value("answered"),
            "complaint": value("complaints_per_1000") * thousands,
            "compliment": value("compliments_per_1000") * thousands,
            "kpi": 12 * value("kpis"),
        }

    def requests_a_day(self) -> float:
        """Requests of staff on a usual working day."""
        thousands = self.children / 1000
        return thousands * (
            value("managers_per_1000") * value("requests_manager") + value("officers_per_1000") * value("requests_officer")
        )


def councils(number: int) -> list[Council]:
    """So many, in the proportions of England."""
    everyone = [Council(size, children) for size, many, children in SIZES for _ in range(many)]
    return [everyone[each * len(everyone) // number] for each in range(number)]


@dataclass(frozen=True, slots=True)
class Day:
    """What comes in on one day, to all councils together."""

    on: date
    requests: int
    answers: int
    parts: int
    """Parts of audits that are submitted."""
    events: int


def _working(first: date, days: int) -> list[date]:
    return [day for each in range(days) if (day := first + timedelta(days=each)).weekday() < 5]  # noqa: PLR2004 - Saturday


def _factor(on: date, first_mondays: set[date], last_days: set[date]) -> tuple[float, float]:
    """By how much requests and parts of audits are more than usual."""
    requests = value("first_monday") if on in first_mondays else 1.0
    if on.month in {1, 4, 7, 10} and on.day <= 14:  # noqa: PLR2004 - the ten working days after a quarter
        requests *= value("quarter_end")
    return requests, value("last_day") if on in last_days else 1.0


def drawn(number: float, chance: random.Random) -> int:
    """How many come where so many are expected (Poisson; by the normal distribution where that is the same)."""
    if number > 500:  # noqa: PLR2004 - the two differ by less than one here
        return max(0, round(chance.gauss(number, math.sqrt(number))))
    limit, count, product = math.exp(-number), 0, chance.random()
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def year(of: Sequence[Council], chance: random.Random, first: date = date(2026, 4, 1)) -> list[Day]:
    """A financial year, day by day."""
    totals: dict[str, float] = {}
    for council in of:
        for kind, number in council.a_year().items():
            totals[kind] = totals.get(kind, 0) + number
    requests = sum(council.requests_a_day() for council in of)
    working = _working(first, 365)
    mondays: dict[int, date] = {}
    for day in working:
        if day.weekday() == 0:
            mondays.setdefault(day.month, day)
    ends = {max(day for day in working if day.month == month) for month in range(1, 13)}
    weight = sum(_factor(day, set(), ends)[1] for day in working)
    found = []
    for each in range(365):
        on = first + timedelta(days=each)
        office = on.weekday() < 5  # noqa: PLR2004 - Saturday
        more, parts = _factor(on, set(mondays.values()), ends)
        submitted = drawn(3 * totals["audit"] / weight * parts, chance) if office else 0
        answers = drawn(totals["answer"] / 365, chance)
        others = sum(totals[kind] * EVENTS_PER[kind] for kind in ("link", "complaint", "compliment", "kpi")) / len(working)
        events = round(submitted * EVENTS_PER["audit"] / 3 + answers * EVENTS_PER["answer"])
        found.append(
            Day(on, drawn(requests * more, chance) if office else 0, answers, submitted,
                events + (drawn(others, chance) if office else 0))
        )  # fmt: skip
    return found


def backlog(arrivals: Sequence[int], capacity: Sequence[float]) -> list[float]:
    """Second by second, what waits where so many come and so many can be served."""
    waiting, found = 0.0, []
    for number, served in zip(arrivals, capacity, strict=True):
        waiting = max(0.0, waiting + number - served * (OVERLOADED if waiting > served else 1))
        found.append(waiting)
    return found


def drained(sent: int, seconds: float, capacity: float) -> float:
    """Seconds after the last arrival until nothing waits, where so many came evenly in so many seconds."""
    return max(0.0, sent / (capacity * OVERLOADED) - seconds) if sent > capacity * seconds else 0.0


def bytes_a_year(of: Sequence[Council]) -> dict[str, float]:
    """What a year adds to the database, by what it is."""
    rows, events, entries = 0.0, 0.0, 0.0
    for council in of:
        for kind, number in council.a_year().items():
            of_row, of_event = BYTES.get(kind, OTHER_BYTES)
            rows += number * OWN_ROWS[kind] * of_row
            events += number * EVENTS_PER[kind] * of_event
        entries += 252 * council.requests_a_day() * value("looked_at")
    return {
        "records and facts": rows,
        "event logs": events,
        "trails": entries * TRAIL_BYTES,
    }


@dataclass(frozen=True, slots=True)
class Need:
    """What an installation needs at its busiest hour."""

    requests_a_second: float
    submissions_a_second: float
    events_a_second: float
    cores: int
    longest_queue: float
    """Requests that wait, with half of the cores gone for a minute."""


def need(days: Sequence[Day], chance: random.Random) -> Need:
    """Of the busiest day: the busiest hour of staff and of families together, second by second."""
    busiest = max(days, key=lambda day: day.requests * PAGE_CORE_SECONDS + day.parts * MEASURED["write_core_seconds"])
    answers = max(day.answers for day in days)
    requests = busiest.requests * value("peak_hour") / 3600
    writes = (max(day.parts for day in days) * value("peak_hour") + answers * value("evening_hour") * 3) / 3600
    work = requests * PAGE_CORE_SECONDS + writes * MEASURED["write_core_seconds"]
    cores = max(2, math.ceil(work / BUSY))
    capacity = [cores / PAGE_CORE_SECONDS / (2 if second in AWAY else 1) for second in range(3600)]
    queue = backlog([drawn(work / PAGE_CORE_SECONDS, chance) for _ in range(3600)], capacity)
    return Need(requests, writes, max(day.events for day in days) * value("peak_hour") / 3600, cores, max(queue))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of Markdown."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def report(number: int, seed: int, years: int) -> str:
    """Everything that is printed."""
    lines = ["**A council in a year, by its size**", ""]
    kinds = ("audit", "link", "answer", "complaint", "compliment", "kpi")
    sizes = [Council(size, children) for size, _, children in SIZES]
    lines += table(
        ("size", "children", *(f"{kind}s" for kind in kinds), "requests a working day"),
        [
            (
                each.size,
                f"{each.children:,}",
                *(f"{each.a_year()[kind]:,.0f}" for kind in kinds),
                f"{each.requests_a_day():,.0f}",
            )
            for each in sizes
        ],
    )
    lines += ["", f"**Load and what it takes (seed {seed})**", ""]
    rows = []
    for many in sorted({1, 10, 50, number}):
        of = councils(many) if many > 1 else [sizes[1]]
        chance = random.Random(seed)  # noqa: S311 - a simulation
        days = year(of, chance)
        needs, grown = need(days, chance), bytes_a_year(of)
        whole = sum(grown.values())
        busiest = max(days, key=lambda day: day.requests)
        rows.append(
            (str(many), f"{busiest.requests:,} ({busiest.on:%a %d %b})", f"{needs.requests_a_second:.1f}",
             f"{needs.submissions_a_second:.2f}", f"{needs.events_a_second:.2f}", str(needs.cores),
             f"{needs.longest_queue:.0f}", f"{whole / 1e9:.1f}", f"{years * whole / 1e9:.0f}",
             f"{whole * MEASURED['wal_factor'] / 12 / 1e9:.1f}")
        )  # fmt: skip
    lines += table(
        ("councils", "requests on the busiest day", "requests/s", "submissions/s", "events/s", "cores", "longest queue",
         "GB a year", f"GB after {years} years", "GB of WAL a month"),
        rows,
    )  # fmt: skip
    lines += ["", f"**What a year of {number} councils adds**", ""]
    lines += table(
        ("what", "GB a year"), [(name, f"{size / 1e9:.2f}") for name, size in bytes_a_year(councils(number)).items()]
    )
    return "\n".join(lines) + "\n"


def sources() -> str:
    """Every figure with its source, as docs/scaling.md prints it."""
    rows = [(f"{each.value:,g}" if each.value < 1000 else f"{each.value:,.0f}", each.words, each.kind, each.source or "–")  # noqa: PLR2004 - digits
            for each in FIGURES.values()]  # fmt: skip
    return "\n".join(table(("figure", "what", "", "source"), rows)) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Print the tables; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.scaling")
    parser.add_argument("--councils", type=int, default=int(value("councils")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=int, default=7)
    asked = parser.parse_args(arguments)
    print(report(asked.councils, asked.seed, asked.years), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
