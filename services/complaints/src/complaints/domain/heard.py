"""What is asked for of a list of comments or compliments: where it belongs, from when, and whether it was passed on. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Heard:
    """Filters; None asks for everything. `areas` are those to which the caller is limited (empty: all)."""

    areas: Collection[str] = ()
    service_area: str | None = None
    first: date | None = None
    last: date | None = None
    passed_on: bool | None = None
    external: bool | None = None

    def where(self, alias: str, passed_on: str) -> tuple[str, dict[str, object]]:
        """Conditions for rows of `alias`, and their values; `passed_on` is the condition that somebody was told."""
        known: list[tuple[str, object, str]] = [
            ("areas", sorted(self.areas) or None, f"{alias}.service_area = any(:areas)"),
            ("service_area", self.service_area, f"{alias}.service_area = :service_area"),
            ("first", self.first, f"{alias}.received_on >= :first"),
            ("last", self.last, f"{alias}.received_on <= :last"),
            ("passed_on", self.passed_on, f"({passed_on}) = :passed_on"),
            ("external", self.external, f"{alias}.external = :external"),
        ]
        asked = [each for each in known if each[1] is not None]
        return "".join(f" and {sql}" for _, _, sql in asked), {name: value for name, value, _ in asked}
