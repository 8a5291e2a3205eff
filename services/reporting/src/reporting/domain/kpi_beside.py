"""What the KPIs of a theme say beside its evidence, in one sentence; they are no part of the verdict (ADR 0021). Pure."""

from collections.abc import Iterable

from reporting.domain.kpi_figures import Judgement
from reporting.domain.triangulation import Judgement as Verdict
from reporting.domain.triangulation import Together

_JUDGED = (Judgement.GREEN, Judgement.AMBER, Judgement.RED)


def beside(verdict: Verdict, judgements: Iterable[Judgement]) -> str:
    """How many KPIs are green, amber and red now, and where that differs from the evidence, so; empty without KPIs.

    `judgements` are those of the latest month of each KPI.
    """
    held = list(judgements)
    if not held:
        return ""
    judged = [each for each in held if each in _JUDGED]
    words = _counted(len(held), judged)
    if verdict.together is Together.MET and Judgement.RED in judged:
        return f"{words} The evidence is good enough, and a KPI is red: look at what that one counts."
    if verdict.together is Together.MISSED and set(judged) == {Judgement.GREEN}:
        return (
            f"{words} The evidence is not good enough, and every KPI that can be judged is green: "
            "what they count may not be what the evidence is about."
        )
    return words


def _counted(kpis: int, judged: list[Judgement]) -> str:
    whose = "The one KPI of this theme" if kpis == 1 else f"Of the {kpis} KPIs of this theme"
    if not judged:
        return f"{whose} cannot be judged." if kpis == 1 else f"{whose} none can be judged."
    if kpis == 1:
        return f"{whose} was {judged[0].value} in the latest month."
    colours = ", ".join(f"{judged.count(each)} {each.value}" for each in _JUDGED if each in judged)
    rest = kpis - len(judged)
    return f"{whose}: {colours} in the latest month{f'; {rest} cannot be judged' if rest else ''}."
