"""An officer who writes letters on the pages of a complaint."""

import re
from dataclasses import dataclass

import httpx

from chassis.testing.page_client import PageClient

JO = {"name": "Jo Hill", "email": "jo@example.org", "address": "1 High Street\nWorcester"}
FINDINGS = {
    "finding-1": "upheld",
    "finding-1-reason": "Nobody called you back for **two** weeks.",
    "finding-1-remedies": "apology",
    "finding-2": "not-upheld",
    "finding-2-reason": "The plan was followed.",
}

INPUT = re.compile(r'<input class="govuk-input[^"]*" id="[^"]*" name="([^"]+)" type="text" value="([^"]*)"')
AREA = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)


def words(html: str) -> str:
    """The text of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def hidden(html: str) -> dict[str, str]:
    """What a page puts into its first form."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', html))


def day(name: str, iso: str) -> dict[str, str]:
    """A date as its three fields are sent."""
    year, month, number = iso.split("-")
    return {f"{name}-day": str(int(number)), f"{name}-month": str(int(month)), f"{name}-year": year}


@dataclass
class Writer:
    """Somebody at the letters of one complaint."""

    client: PageClient
    ident: str

    @property
    def at(self) -> str:
        """Where its letters are."""
        return f"/complaints/{self.ident}/letters"

    async def adds(self, role: str = "complainant", **more: str) -> None:
        """Give somebody a role in the complaint, from the day of its receipt."""
        address = f"/complaints/{self.ident}/people"
        token = hidden((await self.client.get(address)).text)
        sent = {**token, "role": role, **JO, **day("from", "2022-05-03"), **more}
        answer = await self.client.post(address, data=sent)
        assert answer.status_code == 303, words(answer.text)

    async def begins(self, template: str = "none", way: str = "email", kind: str = "other") -> str:
        """Begin a letter to the complainant; where it is."""
        page = (await self.client.get(f"{self.at}/new")).text
        person = re.search(r'name="to" type="radio" value="([^"]+)"', page)
        assert person is not None
        sent = {**hidden(page), "template": template, "to": person[1], "way": way, "kind": kind}
        answer = await self.client.post(f"{self.at}/new", data=sent)
        assert answer.status_code == 303, words(answer.text)
        return answer.headers["location"]

    async def saves(self, letter: str, **fields: str) -> httpx.Response:
        """Save a draft with some fields changed."""
        page = (await self.client.get(letter)).text
        return await self.client.post(letter, data={**typed(page), **fields})

    async def sends(self, letter: str, **fields: str) -> httpx.Response:
        """Look at what sending does, and send it."""
        page = await self.client.get(f"{letter}/send")
        assert page.status_code == 200, words(page.text)
        return await self.client.post(f"{letter}/send", data={**hidden(page.text), **fields})

    async def record(self) -> str:
        """The words of the complaint's record."""
        return words((await self.client.get(f"/complaints/{self.ident}")).text)


def typed(page: str) -> dict[str, str]:
    """Everything that stands in the first form of a page, below the box in which somebody is asked for."""
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    found = hidden(form)
    found |= dict(INPUT.findall(form))
    found |= {name: unescaped(text) for name, text in AREA.findall(form)}
    found |= dict(re.findall(r'name="([^"]+)" type="radio" value="([^"]+)" checked', form))
    selected = re.findall(r'<select[^>]* name="([^"]+)".*?</select>', form, re.DOTALL)
    for name in selected:
        part = form.partition(f'name="{name}"')[2].partition("</select>")[0]
        chosen = re.search(r'<option value="([^"]*)" selected', part)
        found[name] = chosen[1] if chosen else ""
    return found


def unescaped(text: str) -> str:
    """HTML's entities as what they stand for."""
    for entity, letter in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text
