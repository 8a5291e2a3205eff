"""Links and codes of the other organisation's families, used by people of ours and by nobody.

A link is itself the right to answer, whoever holds it: it opens the same pages for all, which tell nothing of anybody. A code
of its public form opens nothing at another council's.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tests.conftest import Outside, key
from tests.e2e.crawl.browsing import Caller
from tests.e2e.crawl.visiting import as_compared

CODE = re.compile(r'class="survey-code" dir="ltr">([^<]+)<')
UNKNOWN_LINK, UNKNOWN_CODE = f"/s/{'a' * 32}", "ABCD-ABCD-ABCD"


@dataclass(frozen=True)
class Links:
    """What families of the other organisation hold: a letter’s link, a poster’s (its QR code), an ended one, a form’s code."""

    letter: str
    poster: str
    ended: str
    code: str


def issue(outside: Outside, org: str, mark: str) -> tuple[str, str, str]:
    """A letter's link, a poster's, and one that was withdrawn, as paths."""
    paths = []
    with outside.client("feedback:invitations:write", org=org) as client:
        for name, reusable in (("letter", False), ("poster", True), ("ended", False)):
            body = {
                "questionnaire": "have-your-say", "service_area": "send", "channel": "poster" if reusable else "letter",
                "reusable": reusable, "reference": f"{mark}-{name}-link",
            }  # fmt: skip
            issued = client.post("/feedback/v1/invitations", json=body, headers=key())
            assert issued.status_code == httpx.codes.CREATED, issued.text
            paths.append(urlsplit(issued.json()["url"]).path)
            if name == "ended":
                path = f"/feedback/v1/invitations/{issued.json()['invitation_id']}/withdrawal"
                assert client.post(path, headers=key()).is_success
    letter, poster, ended = paths
    return letter, poster, ended


async def use(callers: list[Caller], links: Links, ours: str, theirs: frozenset[str], mark: str) -> list[str]:
    """Open every link and type every code as each of `callers`; gives what should not be."""
    wrong = []
    opened: dict[str, set[tuple[int, str]]] = {}
    for who in callers:
        for name, path in (("letter", links.letter), ("poster", links.poster)):
            answer = await who.send("GET", path)
            page = await who.send("GET", answer.headers.get("location", "/nowhere"))
            if (answer.status_code, page.status_code) != (303, 200):
                wrong.append(f"{who.name}: the {name} link answers {answer.status_code}, {page.status_code}")
            opened.setdefault(name, set()).add((page.status_code, as_compared(page.text)))
            wrong += _told(f"{who.name}: the {name} link", page, theirs, mark)
        ended, none = [await who.send("GET", path) for path in (links.ended, UNKNOWN_LINK)]
        if _plain(ended, links.ended) != _plain(none, UNKNOWN_LINK):
            wrong.append(f"{who.name}: a link that was withdrawn is told from one of nobody")
        wrong += await _with_code(who, links, ours)
        # What the browser of a family holds now changes nothing for who is signed in with it.
        wrong += _told(f"{who.name}: own pages", await who.send("GET", "/feedback/"), theirs, mark)
    wrong += [f"the {name} link shows {len(each)} different pages" for name, each in opened.items() if len(each) != 1]
    return wrong


async def _with_code(who: Caller, links: Links, ours: str) -> list[str]:
    path = f"/c/{ours}/carry-on"
    asked = []
    for code in (UNKNOWN_CODE, links.code):
        token = re.findall(r'name="csrf" value="([^"]+)"', (await who.send("GET", path)).text)
        answer = await who.send("POST", path, data={"code": code, "csrf": token[-1] if token else ""})
        asked.append(_plain(answer, code))
    if asked[0] != asked[1] or asked[1][0] != httpx.codes.UNPROCESSABLE_ENTITY:
        return [f"{who.name}: a code of the other form answers {asked[1][0]} here, one of nobody {asked[0][0]}"]
    return []


def _plain(answer: httpx.Response, sent: str) -> tuple[int, str]:
    own = CODE.search(answer.text)
    text = answer.text.replace(sent, "").replace(own[1] if own else "\0", "")
    return answer.status_code, as_compared(text)


def _told(where: str, answer: httpx.Response, theirs: frozenset[str], mark: str) -> list[str]:
    found = [each for each in theirs if each in answer.text]
    return [f"{where} tells of {found[:3] or mark}"] if found or mark in answer.text.lower() else []
