"""What the models of kpis.yaml cannot see alone: codes that exist elsewhere, validity that overlaps, what was judged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from chassis.errors import FieldError, unknown_code
from reporting.domain.kpi_figures import month_end
from reporting.domain.kpis import Kpi, Rag, Target
from reporting.domain.profile import Profile

TAKEN = frozenset({"upload"})


def check_kpis(profile: Profile) -> Iterator[FieldError]:
    """Every wrong place in kpis.yaml, as a JSON pointer and what was expected."""
    areas = [each.code for each in profile.organisation.service_areas]
    themes = [each.code for each in profile.organisation.themes]
    for code, times in Counter(each.code for each in profile.kpis.kpis).items():
        if times > 1:
            yield FieldError("/kpis/kpis", f"'{code}' stands {times} times; a code stands once")
    for index, kpi in enumerate(profile.kpis.kpis):
        at = f"/kpis/kpis/{index}"
        if kpi.code in TAKEN:
            yield FieldError(f"{at}/code", f"expected another code: '{kpi.code}' is the address of a page")
        yield from _known(f"{at}/service_areas", kpi.service_areas, areas)
        yield from _known(f"{at}/themes", kpi.themes, themes)
        yield from _kind(at, kpi)
        yield from _judging(at, kpi)
        if kpi.teams:
            with_teams = {each.service_area for each in profile.organisation.teams}
            for place, area in enumerate(kpi.service_areas):
                if area in areas and area not in with_teams:
                    yield FieldError(f"{at}/service_areas/{place}", f"'{area}' has no teams, and this KPI is posted by team")


def _known(at: str, codes: Iterable[str], known: list[str]) -> Iterator[FieldError]:
    for place, code in enumerate(codes):
        if code not in known:
            yield unknown_code(f"{at}/{place}", code, known)


def _kind(at: str, kpi: Kpi) -> Iterator[FieldError]:
    if kpi.is_share != (kpi.denominator is not None):
        expected = "the words for what it is a share of" if kpi.is_share else "none: a number is no share of anything"
        yield FieldError(f"{at}/denominator", f"expected {expected}")
    if kpi.rest is not None and not kpi.is_share:
        yield FieldError(f"{at}/rest", "expected none: only a share leaves a rest")
    if kpi.is_share and kpi.together == "none":
        yield FieldError(f"{at}/together", "expected sum or last: numerators and denominators can be added up")
    if kpi.from_ and kpi.until and kpi.until < kpi.from_:
        yield FieldError(f"{at}/until", "expected a day that is not before `from`")


def _judging(at: str, kpi: Kpi) -> Iterator[FieldError]:
    yield from _apart(f"{at}/targets", kpi.targets)
    yield from _apart(f"{at}/rag", kpi.rag)
    if kpi.better == "neither" and kpi.rag:
        yield FieldError(f"{at}/rag", "expected none: where neither higher nor lower is better, nothing is green or red")
    for place, rag in enumerate(kpi.rag):
        if kpi.better == "higher" and rag.amber > rag.green:
            yield FieldError(
                f"{at}/rag/{place}/amber", f"expected {rag.green} or less: higher is better, and green begins there"
            )
        if kpi.better == "lower" and rag.amber < rag.green:
            yield FieldError(f"{at}/rag/{place}/amber", f"expected {rag.green} or more: lower is better, and green ends there")
    levels = [(f"targets/{n}/value", each.value) for n, each in enumerate(kpi.targets)]
    levels += [(f"rag/{n}/{name}", getattr(each, name)) for n, each in enumerate(kpi.rag) for name in ("green", "amber")]
    for name, level in levels:
        if kpi.is_share and level > 100:  # noqa: PLR2004 - per cent
            yield FieldError(f"{at}/{name}", f"expected per cent, 100 at most, found {level}")


def _apart(at: str, held: Sequence[Target | Rag]) -> Iterator[FieldError]:
    """Validity that ends before it begins, or that two have."""
    for place, each in enumerate(held):
        if each.from_ and each.until and each.until < each.from_:
            yield FieldError(f"{at}/{place}/until", "expected a day that is not before `from`")
        for earlier in held[:place]:
            if (each.from_ or date.min) <= (earlier.until or date.max) and (earlier.from_ or date.min) <= (
                each.until or date.max
            ):
                yield FieldError(
                    f"{at}/{place}/from", "expected days that no earlier entry holds for: end that one with `until`"
                )
                break


def judged_otherwise(before: Profile, after: Profile, months: Mapping[str, Sequence[date]]) -> Iterator[FieldError]:
    """Where a profile would judge months of which figures are recorded otherwise than the one in force does.

    `months` are those by KPI. A target that was a slip can be put right by an entry that says why (`restated`).
    """
    for index, kpi in enumerate(after.kpis.kpis):
        old = before.kpis.kpi(kpi.code)
        if old is None:
            continue
        at = f"/kpis/kpis/{index}"
        if months.get(kpi.code):
            for name in ("kind", "better", "every", "teams"):
                if getattr(old, name) != getattr(kpi, name):
                    was = f"expected '{getattr(old, name)}', by which figures are recorded"
                    yield FieldError(f"{at}/{name}", f"{was}: end this KPI and begin another with a new code")
        yield from _restated(at, old, kpi, sorted(months.get(kpi.code, ())))
    gone = {each.code for each in before.kpis.kpis} - {each.code for each in after.kpis.kpis}
    for code in sorted(gone & {code for code, found in months.items() if found}):
        yield FieldError("/kpis/kpis", f"'{code}' has recorded figures: end it with `until`, and keep it")


def _restated(at: str, old: Kpi, new: Kpi, months: list[date]) -> Iterator[FieldError]:
    for month in months:
        day = month_end(month)
        was, now = old.target(day), new.target(day)
        if _value(was) != _value(now) and not (now and now.restated):
            place = f"targets/{new.targets.index(now)}/value" if now else "targets"
            yield FieldError(f"{at}/{place}", _expected("target", _value(was), month))
            return
        had, has = old.thresholds(day), new.thresholds(day)
        if _levels(had) != _levels(has) and not (has and has.restated):
            place = f"rag/{new.rag.index(has)}" if has else "rag"
            yield FieldError(f"{at}/{place}", _expected("thresholds", _levels(had), month))
            return


def _expected(what: str, was: object, month: date) -> str:
    held = f"the {what} by which it is judged already ({was or 'none'})"
    put = "let the old entry end with `until` and begin a new one after it, or say in `restated` why it was wrong"
    return f"expected for {month:%B %Y} {held}: {put}"


def _value(target: Target | None) -> str:
    return "" if target is None else f"{target.value.normalize():f}"


def _levels(rag: Rag | None) -> str:
    return "" if rag is None else f"green {rag.green.normalize():f}, amber {rag.amber.normalize():f}"
