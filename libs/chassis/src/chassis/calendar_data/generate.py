"""Publish a new version of the bank holidays when the library `holidays` knows something new.

`python -m chassis.calendar_data.generate` writes a file only when the days differ from the newest version, so it may be run at
any time. Run it after each upgrade of the library, for instance when a one-off bank holiday has been proclaimed.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import holidays

from chassis.calendar import ENGLAND_AND_WALES, CalendarData, read, versions

LIBRARY = f"holidays {version('holidays')}"
FIRST_YEAR, LAST_YEAR = 2019, 2030
# Without a subdivision the library leaves out Easter Monday and August. Wales has England's days.
SUBDIVISIONS = {ENGLAND_AND_WALES: "ENG", "scotland": "SCT", "northern-ireland": "NIR"}


def from_library() -> CalendarData:
    """Return the bank holidays as the installed library knows them, without a version."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return CalendarData(
        version="",
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        holidays={
            jurisdiction: dict(sorted(holidays.country_holidays("GB", subdiv=subdiv, years=years).items()))
            for jurisdiction, subdiv in SUBDIVISIONS.items()
        },
    )


def same_days(one: CalendarData, other: CalendarData) -> bool:
    """Tell whether two versions have the same years and days; the wording of a day's name does not matter."""

    def days(data: CalendarData) -> tuple[int, int, dict[str, set[date]]]:
        return data.first_year, data.last_year, {jurisdiction: set(names) for jurisdiction, names in data.holidays.items()}

    return days(one) == days(other)


def write(data: CalendarData, folder: Path, made_on: date) -> Path:
    """Write a version to a folder and return its file, named by the day it was made and the hash of its content."""
    data = replace(data, version=f"{made_on.isoformat()}-{data.digest()}")
    content = {
        "version": data.version,
        "source": LIBRARY,
        "years": [data.first_year, data.last_year],
        "jurisdictions": {
            jurisdiction: {day.isoformat(): name for day, name in days.items()} for jurisdiction, days in data.holidays.items()
        },
    }
    path = folder / f"{data.version}.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def main() -> None:
    """Write a new version beside the others, or say that the newest is current."""
    data = from_library()
    if versions() and same_days(data, read(versions()[-1])):
        print(f"{versions()[-1]} is current with {LIBRARY}")  # noqa: T201 - a command's answer
        return
    print(f"wrote {write(data, Path(__file__).parent, datetime.now(UTC).date())}")  # noqa: T201


if __name__ == "__main__":
    main()
