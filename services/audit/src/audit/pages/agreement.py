"""Staff pages of agreement between auditors: by tool, section and auditor, and what a moderation workshop can work on."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from audit.adapters.agreement_reader import Disagreement, Filters
from audit.adapters.directory import Directory
from audit.domain.agreement import MINIMUM, Weights
from audit.domain.agreement_report import COMPARISONS, Comparison, ToolAgreement
from audit.domain.judgement import OVERALL
from audit.domain.outcome import Day
from audit.pages import agreement_view as view
from audit.pages.desk import Desk, Staff, desk
from audit.use_cases.read_agreement import read_agreement, read_auditor, widest_disagreements
from audit.use_cases.see_audit import MANAGER, OFFICER, READER
from chassis.access import requires
from chassis.errors import not_found
from chassis.identity import Identity
from contracts.base import Code

router = APIRouter(prefix="/audit/agreement", include_in_schema=False)

Overseer = Annotated[Identity, Depends(requires(OFFICER, READER))]
Manager = Annotated[Identity, Depends(requires(MANAGER))]

FIELDS = {
    "tool": "Audit tool",
    "section": "Section",
    "service_area": "Service area",
    "programme": "Programme",
    "moderated_from": "Moderated from",
    "moderated_to": "Moderated to",
}
"""What narrows the figures, and its label; the interface takes the same."""
SHOWN = {"compare": "Compare", "weights": "Weights"}


def _between_parts(comparison: Comparison) -> Comparison:
    if comparison not in COMPARISONS:
        raise ValueError("this one is of one person")
    return comparison


class Wanted(BaseModel):
    """What is asked for. A field that is left empty narrows nothing."""

    model_config = ConfigDict(extra="ignore")

    tool: Code | None = None
    section: Code | None = None
    service_area: Code | None = None
    programme: Code | None = None
    moderated_from: Day | None = None
    moderated_to: Day | None = None
    compare: Annotated[Comparison, AfterValidator(_between_parts)] = Comparison.LEAD_PEER
    weights: Literal[Weights.LINEAR, Weights.QUADRATIC] = Weights.LINEAR

    def filters(self, identity: Identity) -> Filters:
        """Within the reader's service areas."""
        return Filters(identity.areas, **self.model_dump(include=set(FIELDS)))


@router.get("")
async def agreement_page(request: Request, identity: Overseer) -> HTMLResponse:
    """Agreement by tool; of one tool also by section and auditor, with the audits to look at together."""
    async with desk(request, identity) as at:
        given, wanted, errors = _asked(request, at)
        filters = wanted.filters(identity)
        tools = await read_agreement(at.transaction, at.context, filters, auditors=wanted.tool is not None)
        one = next((each for each in tools if each.tool == wanted.tool), None)
        return at.show(
            "agreement.html",
            422 if errors else 200,
            title="Agreement between auditors",
            errors=errors,
            given=given,
            minimum=MINIMUM,
            **_choices(at, wanted),
            tools=[line for each in tools if (line := _tool_line(each, wanted, given, at))],
            compared=view.comparison_words(wanted.compare),
            weights_words=wanted.weights.value,
            csv=_address("/audit/v1/agreement.csv", {name: given[name] for name in FIELDS}),
            one=await _one_tool(at, one, wanted, given, filters) if one else None,
        )


@router.get("/mine")
async def own_page(request: Request, identity: Manager) -> HTMLResponse:
    """An auditor's own figures."""
    async with desk(request, identity) as at:
        if at.viewer.code is None:
            return at.show("agreement-auditor.html", title="Your agreement", known=False)
        return await _auditor_page(request, at, at.viewer.code)


@router.get("/auditors/{auditor}")
async def auditor_page(request: Request, identity: Staff, auditor: Code) -> HTMLResponse:
    """One auditor's figures, for those who oversee and for themselves; to anybody else nobody of that code is there."""
    async with desk(request, identity) as at:
        return await _auditor_page(request, at, auditor)


async def _auditor_page(request: Request, at: Desk, auditor: str) -> HTMLResponse:
    given, wanted, errors = _asked(request, at)
    filters = replace(wanted.filters(at.identity), auditor=auditor)
    tools = await read_auditor(at.transaction, at.context, at.viewer, auditor, filters)
    found = await widest_disagreements(at.transaction, filters, tools, Comparison.AUDITOR_MODERATOR)
    name = (await Directory(at.transaction, at.context.secrets).names([auditor]))[auditor]
    if not tools and name == auditor:
        raise not_found("auditor")  # a slip in the address: the directory has nobody of that code
    return at.show(
        "agreement-auditor.html",
        422 if errors else 200,
        title="Your agreement" if auditor == at.viewer.code else f"Agreement of {name}",
        known=True,
        own=auditor == at.viewer.code,
        errors=errors,
        given=given,
        minimum=MINIMUM,
        **_choices(at, wanted),
        weights_words=wanted.weights.value,
        tools=[_auditor_tool(tool, found, wanted, at) for tool in tools if tool.auditors],
    )


def _auditor_tool(tool: ToolAgreement, found: list[Disagreement], wanted: Wanted, at: Desk) -> dict[str, Any]:
    (person,) = tool.auditors
    sides = ((Comparison.AUDITOR_MODERATOR, person.moderator), (Comparison.AUDITOR_OTHER, person.other))
    compared = tool.comparison(Comparison.AUDITOR_MODERATOR)
    sections = view.most_disagreement_first(compared) if compared else []
    return {
        "code": tool.tool,
        "name": at.words.tool(tool.tool),
        "about": view.section_words(at.words, tool.tool, wanted.section) if wanted.section else "All sections",
        "sides": [view.figures(view.COMPARED[side][1], agreement, wanted.weights) for side, agreement in sides],
        "sections": [
            view.figures(view.section_words(at.words, tool.tool, each.section), each.agreement, wanted.weights)
            for each in sections
        ],
        "left_out": view.left_out(person.moderator),
        "matrix": view.matrix(person.moderator, tool, Comparison.AUDITOR_MODERATOR, "Auditor beside moderator, in pairs"),
        "drift": view.drift(person.drift),
        "discuss": view.to_discuss(sections, found, tool, at.words),
    }


def _tool_line(tool: ToolAgreement, wanted: Wanted, given: dict[str, str], at: Desk) -> dict[str, Any] | None:
    compared = tool.comparison(wanted.compare)
    if compared is None:
        return None
    href = _address("/audit/agreement", {**given, "tool": tool.tool, "section": ""})
    return view.figures(at.words.tool(tool.tool), compared.together, wanted.weights, href)


async def _one_tool(at: Desk, tool: ToolAgreement, wanted: Wanted, given: dict[str, str], filters: Filters) -> dict[str, Any]:
    compared = tool.comparison(wanted.compare)
    names = await Directory(at.transaction, at.context.secrets).names([each.auditor for each in tool.auditors])
    sections = view.most_disagreement_first(compared) if compared else []
    found = await widest_disagreements(at.transaction, filters, [tool], wanted.compare) if compared else []
    whole = compared.together if compared else None
    who = view.comparison_words(wanted.compare)
    about = view.section_words(at.words, tool.tool, wanted.section) if wanted.section else "all sections"
    return {
        "name": at.words.tool(tool.tool),
        "about": about,
        "comparisons": [
            view.figures(view.comparison_words(each.comparison), each.together, wanted.weights) for each in tool.compared
        ],
        "sections": [
            view.figures(view.section_words(at.words, tool.tool, each.section), each.agreement, wanted.weights)
            for each in sections
        ],
        "matrix": view.matrix(whole, tool, wanted.compare, f"{who}: {about}") if whole else None,
        "left_out": view.left_out(whole) if whole else "",
        "discuss": view.to_discuss(sections, found, tool, at.words),
        "auditors": [
            {
                **view.figures(names[each.auditor], each.moderator, wanted.weights, _person(each.auditor, given)),
                "difference": view.difference_words(each.moderator.matrix.mean_difference),
            }
            for each in sorted(tool.auditors, key=lambda each: names[each.auditor])
        ],
    }


def _asked(request: Request, at: Desk) -> tuple[dict[str, str], Wanted, list[tuple[str, str]]]:
    """What was typed, what it amounts to, and an error beside each field that cannot be read.

    At first the figures are of the last twelve months; who empties the field sees everything.
    """
    today = at.context.today
    usual = {"moderated_from": date(today.year - 1, today.month, 1).isoformat()}
    typed = {name: request.query_params.get(name, usual.get(name, ""))[:100].strip() for name in (*FIELDS, *SHOWN)}
    given = {name: "".join(letter if letter.isprintable() else "?" for letter in value) for name, value in typed.items()}
    tool = at.profile.tools.get(given["tool"])
    if tool is None or given["section"] not in tool.section_codes:
        # Another tool was chosen since: its sections are others.
        given["section"] = OVERALL if tool and given["section"] == OVERALL else ""
    try:
        return given, Wanted.model_validate({name: value for name, value in given.items() if value}), []
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False)}
        errors = [(name, _error(name, label)) for name, label in {**FIELDS, **SHOWN}.items() if name in wrong]
        read = {name: value for name, value in given.items() if value and name not in wrong}
        return given, Wanted.model_validate(read), errors


def _error(name: str, label: str) -> str:
    return f"{label} must be a day, like 2026-07-06" if name.startswith("moderated") else f"{label} must be one of the list"


def _choices(at: Desk, wanted: Wanted) -> dict[str, Any]:
    """What the form offers."""
    tool = at.profile.tools.get(wanted.tool or "")
    listed = [(section.code, section.name) for section in tool.sections] if tool else []
    return {
        "tool_choices": [(each.code, each.name) for each in at.profile.audit.tools if each.scale is not None],
        "section_choices": [*listed, (OVERALL, "Overall grade")] if tool else [],
        "area_choices": [(code, at.words.area(code)) for code in at.profile.audit_areas if at.viewer.sees_area(code)],
        "programme_choices": [(each.code, each.name) for each in at.profile.audit.programmes],
        "compare_choices": [(each.value, view.comparison_words(each)) for each in COMPARISONS],
        "weight_choices": [(weights.value, words) for weights, words in view.WEIGHTS.items()],
    }


def _person(auditor: str, given: dict[str, str]) -> str:
    kept = ("tool", "section", "service_area", "programme", "moderated_from", "moderated_to", "weights")
    return _address(f"/audit/agreement/auditors/{auditor}", {name: given[name] for name in kept})


def _address(path: str, fields: dict[str, str]) -> str:
    """An empty day is kept: it says that the twelve months do not hold."""
    said = {name: value for name, value in fields.items() if value or (name == "moderated_from" and "/v1/" not in path)}
    return f"{path}?{urlencode(said)}" if said else path
