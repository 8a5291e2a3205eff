"""Words and colours of learning, as staff see them."""

from datetime import date, datetime
from typing import Any

from chassis.days import british_time
from chassis.pages import Form
from complaints.adapters.learning import KeptAction
from complaints.domain.learning import RAG, Difference, Plan, Standing, Step, standing
from complaints.domain.profile import Profile
from complaints.pages.labels import Labels, day_words
from complaints.use_cases.learn import PointLearning

STANDINGS: dict[Standing, str] = {
    "reviewed": "Reviewed",
    "done": "Done",
    "dropped": "Dropped",
    "on-track": "On track",
    "due-soon": "Due soon",
    "overdue": "Overdue",
}
COLOURS = {"green": "green", "amber": "yellow", "red": "red", "grey": "grey"}
HISTORY = {
    "set": "Set", "changed": "Changed", "noted": "Note", "done": "Done", "moved": "Day moved", "reopened": "Opened again",
    "dropped": "Dropped", "reviewed": "Reviewed",
}  # fmt: skip
STEPS: dict[Step, tuple[str, str]] = {
    "done": ("It is done", "Say what shows it."),
    "review": ("Review it", "Say whether it made a difference, and what shows it."),
    "note": ("Add a note", "How far it is."),
    "move": ("Move the day", "Say why, and give the new day."),
    "reopen": ("Open it again", "Say why, and give the new day."),
    "drop": ("Drop it", "Say why it is not needed any more."),
}
DIFFERENCES: dict[Difference, str] = {"yes": "Yes", "partly": "Partly", "no": "No"}
SHOWS = (
    ("asks", "Points that still ask for an action"),
    ("open", "Open actions"),
    ("overdue", "Overdue actions"),
    ("to-review", "Done, to be reviewed"),
    ("reviewed", "Reviewed"),
    ("dropped", "Dropped"),
    ("all", "All actions"),
)
RAGS = (("red", "Red"), ("amber", "Amber"), ("green", "Green"))


def theme_names(profile: Profile) -> dict[str, str]:
    """The themes of the organisation, and those of its bulletin, by code."""
    own = {theme.code: theme.name or theme.code for theme in profile.organisation.themes}
    return own | {theme.code: theme.name for theme in profile.complaints.learning.themes}


def tag_of(kept: KeptAction, today: date) -> tuple[str, str]:
    """How an action stands, in words and a colour."""
    stands = standing(kept.action.status, kept.action.plan.due_on, today)
    return STANDINGS[stands], COLOURS[RAG[stands]]


def owner_of(plan: Plan, labels: Labels) -> str:
    """Who sees to it."""
    return plan.owner.name or labels.name("team", plan.team)


def line(kept: KeptAction, labels: Labels, today: date) -> dict[str, Any]:
    """An action in a list."""
    plan = kept.action.plan
    return {
        "href": f"/complaints/learning/{kept.id}",
        "name": kept.name,
        "what": plan.what,
        "owner": owner_of(plan, labels),
        "area": labels.name("area", plan.service_area),
        "due": day_words(plan.due_on),
        "tag": tag_of(kept, today),
    }


def facts(kept: KeptAction, profile: Profile, labels: Labels) -> list[tuple[str, str]]:
    """What is known of an action."""
    action, plan = kept.action, kept.action.plan
    known = theme_names(profile)
    place = labels.name("area", plan.service_area)
    team = labels.name("team", plan.team)
    rows = [
        ("What is to be done", plan.what),
        ("Who sees to it", owner_of(plan, labels)),
        ("Sign-in", plan.owner.sign_in),
        ("E-mail", plan.owner.email),
        ("Service area", f"{place}, {team}" if team else place),
        ("Themes", ", ".join(known.get(code, code) for code in plan.themes)),
        ("Due", day_words(plan.due_on)),
        ("Set first for", day_words(kept.first_due_on) if kept.first_due_on != plan.due_on else ""),
        ("Asked for by", f"{labels.name('finding', kept.found.finding)}, stage {kept.found.stage}"),
        ("Done", day_words(action.done_on)),
        ("What shows it", action.evidence),
        ("Reviewed", day_words(action.reviewed_on)),
        ("Made a difference", DIFFERENCES[action.difference] if action.difference else ""),
    ]
    return [(label, words) for label, words in rows if words]


def moment(at: datetime) -> str:
    """A moment by the clocks of the United Kingdom."""
    here = british_time(at)
    return f"{day_words(here.date())}, {here:%H:%M}"


def part(each: PointLearning, labels: Labels, today: date) -> dict[str, Any]:
    """A point in the part 'Learning' of a complaint's record."""
    before = [kept.found for kept in each.actions] + [kept.found for kept in each.nones]
    replaced = each.found is not None and not each.found.asks and any(found.asks for found in before)
    return {
        "point": each.point,
        "found": each.found,
        "asks": each.asks,
        "replaced": replaced,
        "actions": [line(kept, labels, today) for kept in each.actions],
        "nones": [
            {
                "words": none.reason,
                "on": day_words(none.decided_on),
                "by": none.decided_by,
                "replaced": day_words(none.replaced_on),
            }
            for none in each.nones
        ],
        "href": f"/complaints/{each.record.id}/points/{each.point.id}",
    }


def typed_plan(form: Form) -> dict[str, Any]:
    """What was typed of a plan, to be shown again."""
    names = ("what", "owner_name", "owner_sign_in", "owner_email", "service_area", "team")
    return {**{name: form.text(name) for name in names}, "themes": form.all("themes")}


def plan_fields(plan: Plan) -> dict[str, Any]:
    """A plan as its form shows it."""
    return {
        "what": plan.what,
        "owner_name": plan.owner.name,
        "owner_sign_in": plan.owner.sign_in,
        "owner_email": plan.owner.email,
        "service_area": plan.service_area,
        "team": plan.team or "",
        "themes": plan.themes,
    }
