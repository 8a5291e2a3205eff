"""Feedback at work in the demonstration: stars, comments with themes, quotes, a change that was made of them, and calls.

The machine's part goes in by the API, the people's by their pages, as the made-up people who have them. All of it is dated a
few weeks back from today, so it stands in no printed figure. A second run finds it and adds nothing. One that was cut short
goes on: what is there is found again by its reference, and of a call an attempt may stand there twice.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any, Self

import httpx

from loop_cli.compare_records import read_lines
from loop_cli.demo_api import DemoError

ORGANISATION = "worcestershire"
OFFICER, SECOND_OFFICER, CALLER = "alex-morgan", "sol-reyes", "kim-taylor"

_HIDDEN = re.compile(r'<input type="hidden" name="(csrf|revision|key|id|workstream|first|seen|digest)" value="([^"]*)"')
COMMENT = re.compile(r'id="comment-([0-9a-f-]{36})"')
_CHANGE = re.compile(r'action="(/feedback/changes/[0-9a-f-]{36})"')
QUOTE = re.compile(r'href="(/feedback/quotes/[0-9a-f-]{36})"')
_WRITTEN = re.compile(r'href="(/feedback/changes/[0-9a-f-]{36})"')
_TAKEN = 409


class Person:
    """Somebody at their browser: signed in, opening pages and sending the forms on them."""

    def __init__(self, url: str, code: str, organisation: str = ORGANISATION) -> None:
        self._http = httpx.Client(base_url=url, headers={"Origin": url, "Accept": "text/html"}, timeout=30)
        self._code = code
        self._organisation = organisation

    def __enter__(self) -> Self:
        self._http.__enter__()
        form = {"organisation": self._organisation, "person": self._code, "next": "/feedback/"}
        if self._http.post("/sign-in", data=form).status_code != httpx.codes.SEE_OTHER:
            raise DemoError(f"Nobody could sign in as {self._code}.")
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def open(self, path: str) -> str:
        """A page. Raises DemoError where there is none."""
        answer = self._http.get(path)
        if answer.is_error:
            raise DemoError(f"{self._code} could not open {_plain(path)}: {answer.status_code}.")
        return answer.text

    def fill(self, page: str, path: str, *, shown: bool = False, **fields: Any) -> str:
        """Fill in the form that a page holds; where it leads, or with `shown` the page that it answers."""
        hidden = dict(_HIDDEN.findall(self.open(page)))
        answer = self._http.post(path, data={**hidden, **fields})
        if answer.status_code != (httpx.codes.OK if shown else httpx.codes.SEE_OTHER):
            raise DemoError(f"{self._code} could not send {_plain(path)}: {answer.status_code}.")
        return answer.text if shown else answer.headers["location"]


class System:
    """The system of those who work with families, with its key."""

    def __init__(self, url: str, credentials: Mapping[str, Any]) -> None:
        self._http = httpx.Client(base_url=url, headers={"X-API-Key": credentials["api_key"]}, timeout=30)

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Send something. What is there already, from a run that was cut short, stays as it is."""
        answer = self._http.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        if answer.is_error and answer.status_code != _TAKEN:
            raise DemoError(f"POST {path} was answered {answer.status_code}: {answer.text[:500]}")

    def has_stars(self) -> bool:
        """Whether there is a star: they are sent last, so then everything is there."""
        answer = self._http.get("/feedback/v1/stars", params={"limit": 1})
        if answer.is_error:
            raise DemoError(f"GET /feedback/v1/stars was answered {answer.status_code}: {answer.text[:500]}")
        return bool(answer.json()["items"])


def begin_feedback(url: str, credentials: Mapping[str, Any], records: Path, today: date) -> bool:
    """Bring all of it about; False where that was done before."""
    folder = records / ORGANISATION
    with System(url, credentials) as system, Person(url, OFFICER) as officer:
        if system.has_stars():
            return False
        comments = read_lines(folder / "comments.jsonl")
        for each in comments:
            system.post("/feedback/v1/responses", response(each, today))
        quotes = _quotes(url, officer, comments)
        for each in read_lines(folder / "changes.jsonl"):
            _change(officer, each, quotes, today)
        _calls(url, system, officer, read_lines(folder / "calls.jsonl"), today)
        for body in _stars(read_lines(folder / "stars.jsonl"), today):
            system.post("/feedback/v1/stars", body)
    return True


def response(each: Mapping[str, Any], today: date) -> dict[str, Any]:
    """A comment of the records as its system hands it in, counted back from a day."""
    return {
        "reference": each["reference"],
        "questionnaire": "have-your-say",
        "channel": "paper",
        "language": "en",
        "service_area": "send",
        "answered_on": (today - timedelta(days=each["days_ago"])).isoformat(),
        "answers": {"how-are-we-doing": {"score": each["score"]}, "in-your-words": {"text": each["words"]}},
        "may_quote": each["may_quote"],
    }


def _quotes(url: str, officer: Person, comments: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Put themes, make quotes, and let somebody else approve them; the id of each that is approved, by its reference."""
    approved: dict[str, str] = {}
    with Person(url, SECOND_OFFICER) as second:
        for each in comments:
            found = COMMENT.search(
                officer.fill("/feedback/comments", "/feedback/comments/search", shown=True, words=each["words"][:40])
            )
            if found is None:
                raise DemoError(f"The comment {each['reference']} is not in the list of comments.")
            comment = f"/feedback/comments/{found[1]}"
            officer.fill(comment, f"{comment}/themes", themes=each["themes"])
            if "quote" not in each:
                continue
            if made := QUOTE.search(officer.open(comment)):
                quote = made[1]
            else:
                quote = officer.fill(f"{comment}/quote", f"{comment}/quote", words=each["quote"], looked="yes")
            if each.get("waits"):
                continue
            # One that a run made that was cut short may not be approved yet.
            if f"{quote}/approve" in second.open(quote):
                second.fill(quote, f"{quote}/approve")
            approved[each["reference"]] = quote.rpartition("/")[2]
    return approved


def _change(officer: Person, each: Mapping[str, Any], quotes: Mapping[str, str], today: date) -> None:
    """Write what was changed, and put it on the public page."""
    if written := _WRITTEN.search(officer.open("/feedback/changes")):
        if f"{written[1]}/publish" in officer.open(written[1]):  # by a run that was cut short
            officer.fill(written[1], f"{written[1]}/publish", looked="yes")
        return
    action = _CHANGE.search(officer.open("/feedback/changes/new"))
    if action is None:
        raise DemoError("The form of a change has no address.")
    happened = today - timedelta(days=each["days_ago"])
    change = officer.fill(
        "/feedback/changes/new",
        unescape(action[1]),
        **{
            "said-en": each["said"], "did-en": each["did"], "service_area": each["service_area"],
            "happened_on-day": happened.day, "happened_on-month": happened.month, "happened_on-year": happened.year,
            "themes": each["themes"], "questions": each["questions"], "quotes": [quotes[one] for one in each["quotes"]],
        },
    )  # fmt: skip
    officer.fill(change, f"{change}/publish", looked="yes")


def _calls(url: str, system: System, officer: Person, calls: Sequence[Mapping[str, Any]], today: date) -> None:
    """Whom to call, by the system; a caller who is given both programmes, and what she did."""
    due = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    for each in calls:
        body = {"programme": each["programme"], "reference": each["reference"], "due_on": due.isoformat()}
        system.post("/feedback/v1/calls", body)
    with Person(url, CALLER) as caller:
        caller.open("/feedback/calls")  # from then on officers can choose her
        programmes = sorted({each["programme"] for each in calls})
        officer.fill("/feedback/calls/callers", "/feedback/calls/callers", caller=f"demo-{CALLER}", programmes=programmes)
        listed = caller.open("/feedback/calls")
        for each in calls:
            found = re.search(rf'href="(/feedback/calls/[0-9a-f-]{{36}})"[^>]*>[^<]*{re.escape(each["reference"])}', listed)
            if found is None:
                continue  # made by a run that was cut short: it is not in the list any more
            for attempt in each["attempts"]:
                _attempt(caller, found[1], attempt, today)


def _attempt(caller: Person, call: str, attempt: Mapping[str, Any], today: date) -> None:
    if attempt["step"] == "done":
        entry = caller.fill(call, f"{call}/start")
        caller.fill(entry, entry, consent="yes", do="send", **attempt["answers"])
        return
    fields: dict[str, Any] = {"note": attempt.get("note", "")}
    if "in_days" in attempt:
        day = today + timedelta(days=attempt["in_days"])
        fields |= {"day-day": day.day, "day-month": day.month, "day-year": day.year}
    caller.fill(call, f"{call}/{attempt['step']}", **fields)


def _stars(people: Iterable[Mapping[str, Any]], today: date) -> Iterable[dict[str, Any]]:
    for each in people:
        for point in each["points"]:
            yield {
                "person": each["person"],
                "star": each["star"],
                "point": point["point"],
                "taken_on": (today - timedelta(days=point["days_ago"])).isoformat(),
                "scores": point["scores"],
                "answered_by": "with-help",
                "service_area": each["service_area"],
                "worker": each["worker"],
            }


def _plain(path: str) -> str:
    """An address without the number in it."""
    return re.sub(r"[0-9a-f-]{36}", "…", path)
