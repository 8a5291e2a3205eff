"""The case file: a whole complaint as one document that everybody can read."""

from uuid import uuid4

from services.complaints.tests.integration.test_file_pages import Officer as Filer
from services.complaints.tests.integration.test_intake_pages import Officer, officer
from services.complaints.tests.letters import Writer
from services.complaints.tests.support import Desk, a_busy_desk, fetch

from chassis.testing.fixtures import Database
from chassis.testing.pdf import Printed

__all__ = ["officer"]
DAY = {"from-day": "18", "from-month": "7", "from-year": "2022"}


async def printed(officer: Officer, ident: str) -> str:
    answer = await officer.client.get(f"/complaints/{ident}/case-file")
    assert answer.status_code == 200, answer.text
    pdf = Printed(answer.content)
    assert pdf.tagged
    assert pdf.standards == {"pdfua-1", "pdfa-2a"}
    return " ".join(pdf.text.split())


class TestCaseFile:
    async def test_tells_the_whole_case_to_somebody_who_knows_nothing_of_it(
        self, officer: Officer, desk: Desk, database: Database
    ) -> None:
        at = (await officer.decides(await officer.takes_down())).headers["location"]
        ident = at.rsplit("/", 1)[1]
        person = {"role": "responder", "name": "Pat Lee", "subject": "staff:pat"}
        assert (await officer.post(f"{at}/people", f"{at}/people", **person, **DAY)).status_code == 303
        told = {"extended_on-day": "27", "extended_on-month": "7", "extended_on-year": "2022", "to": "20"}
        step = f"{at}/stages/1/extend"
        page = (await officer.client.get(step)).text
        code = page.split('name="code" type="radio" value="', 1)[1].split('"', 1)[0] if 'name="code"' in page else ""
        answer = await officer.post(step, step, **told, code=code, reason="Two agencies have to answer.", version="1")
        assert answer.status_code == 303, answer.text
        finding = {"point": "1", "finding": "upheld", "reason": "Nobody had told her."}
        sent = await desk.step(ident, 1, "response", responded_on="2022-07-28", findings=[finding])
        assert sent.status_code == 201, sent.text
        text = await printed(officer, ident)
        for said in (
            "Case file of complaint C-2022-0001",
            "Confidential: personal data",
            "Nobody came on Tuesday.",
            "An apology",
            "Complainant Jo Hill 01632 960 001",
            "Stage 1 responder Pat Lee",
            "Received as R-2022-0001, Phone",
            "Decided: Complaint",
            "Limit extended, stage 1",
            "Two agencies have to answer.",
            "Extended 27 July 2022, to 20 working days in all",
            "Stage 1 Upheld Nobody had told her.",
            "Point 1 still asks for an action.",
            "In time: answered on day 8 of 20",
            "Alex Morgan",
        ):
            assert said in text, said
        opened = fetch(database.url("admin"), f"select count(*) from complaints.opened where record_id = '{ident}'")[0][0]
        assert opened == text.split("Openings", 1)[1].split("How days are counted")[0].count("Alex Morgan")

    async def test_tells_stages_the_ombudsman_and_learning_of_one_that_another_system_recorded(
        self, officer: Officer, desk: Desk
    ) -> None:
        text = await printed(officer, await a_busy_desk(desk))
        for said in (
            "no words of it are in this record",
            "Nobody is named in this record.",
            "Stage 2: Independent investigation",
            "Asked for 6 June 2022",
            "Accepted 9 June 2022",
            "Stage 1 Upheld Stage 2 Not Upheld",
            "The Ombudsman accepted case LGSCO-22-02",
            "Outcome of the Ombudsman's case LGSCO-22-02",
        ):
            assert said in text, said

    async def test_tells_letters_with_their_words_and_files_by_their_names(self, officer: Officer, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        writer = Writer(officer.client, ident)
        await writer.adds()
        letter = await writer.begins()
        body = "Dear Jo,\n\nwe are **sorry**."
        assert (await writer.saves(letter, subject="We are looking into it", body=body)).status_code == 303
        assert (await writer.sends(letter)).status_code == 303
        filer = Filer(officer.client, f"/complaints/{ident}/files")
        assert (await filer.adds(("Notes of a call.txt", b"She called twice."))).status_code == 303
        assert (await filer.removes("It is about another child")).status_code == 303
        text = await printed(officer, ident)
        for said in (
            "Other letter, stage 1, by e-mail",
            "we are sorry.",
            "We are looking into it",
            "Letter sent: Other letter, stage 1, by e-mail To Jo Hill",
            "Notes of a call.txt",
            "File added: Notes of a call.txt",
            "File removed: Notes of a call.txt It is about another child",
        ):
            assert said in text, said

    async def test_what_is_not_there_is_said(self, officer: Officer) -> None:
        assert (await officer.client.get(f"/complaints/{uuid4()}/case-file")).status_code == 404
