"""Letters about a complaint, as officers write, send and record them."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from services.complaints.tests.letters import FINDINGS, Writer, day, hidden, typed, words
from services.complaints.tests.support import AsPerson, Desk, fetch, person, statutory

from chassis.mail_queue import unseal
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient
from chassis.testing.pdf import Printed

Events = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
async def client_of_officer(app: FastAPI, keys: Keys) -> AsyncIterator[PageClient]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield client


@pytest.fixture
async def writer(desk: Desk, client_of_officer: PageClient) -> Writer:
    """At a statutory complaint of 18 July 2022, day 9 of 10, of somebody who is known."""
    ident = (await desk.receive(**statutory(received_on="2022-07-18")))["complaint_id"]
    found = Writer(client_of_officer, ident)
    await found.adds(**day("from", "2022-07-18"))
    return found


def mails(database: Database) -> list[tuple[Any, ...]]:
    return fetch(database.url("admin"), "select key, state, recipient, content from complaints.mail order by created_at")


class TestSending:
    async def test_a_response_by_mail_stops_the_clock_and_is_kept_as_it_was_sent(
        self, writer: Writer, database: Database, events: Events, app: FastAPI
    ) -> None:
        letter = await writer.begins("response-stage-1-statutory")
        opened = words((await writer.client.get(letter)).text)
        assert "the clock stops on the day on which it is sent" in opened
        assert "Missing: Each point with its finding" in opened
        assert "What is missing" not in opened, "the form asks for the findings"
        assert (await writer.saves(letter, **FINDINGS)).status_code == 303
        read = (await writer.client.get(letter)).text
        assert "Nobody called you back for **two** weeks." in read, "what is filled in is never markup"
        assert "Please ask by 26 August 2022" in words(read)
        assert not any(name == "stage_responded" for name, _ in events()), "drafting stops no clock"
        before = words((await writer.client.get(f"{letter}/send")).text)
        assert "The clock then Stage 1: answered on day 9 of 10" in before
        sent = await writer.sends(letter)
        assert (sent.status_code, sent.headers["location"]) == (303, letter)
        record = await writer.record()
        assert "Response sent 29 July 2022" in record
        assert "procedure Stage 1 29 July 2022 by e-mail waits to go out stopped the clock" in record
        assert "Nobody called you back" in record
        kept = Printed((await writer.client.get(f"{letter}/pdf")).content)
        assert kept.title == "Our answer to your complaint"
        assert kept.standards == {"pdfua-1", "pdfa-2a"}
        assert "Jo Hill 1 High Street Worcester" in kept.text
        assert "Draft" not in kept.text
        secrets: Secrets = app.state.setup.secrets
        ((key, state, recipient, content),) = mails(database)
        mail = unseal(secrets, "worcestershire", recipient, content)
        assert (key, state, mail.to) == (f"letter:{letter.rpartition('/')[2]}", "waiting", "jo@example.org")
        assert mail.attachment is not None
        assert mail.attachment.content == kept.content
        assert mail.reply_to == "complaints@worcestershire.example"
        assert "SEND-22-001" in mail.subject
        assert not any(word in mail.subject + mail.body for word in ("Jo", "Hill", "weeks", "Communication", "stage"))
        assert [name for name, _ in events()][-1] == "stage_responded"

    async def test_a_second_click_sends_once(self, writer: Writer, database: Database) -> None:
        letter = await writer.begins("holding")
        await writer.saves(letter, **{"given-own_words": "We are waiting for the school."})
        page = hidden((await writer.client.get(f"{letter}/send")).text)
        first, second = [await writer.client.post(f"{letter}/send", data=page) for _ in range(2)]
        assert (first.status_code, second.status_code) == (303, 303)
        assert len(mails(database)) == 1
        assert (await writer.record()).count("Where your complaint stands Stage 1") == 1

    async def test_what_is_missing_is_asked_for_and_nothing_is_sent(self, writer: Writer, database: Database) -> None:
        letter = await writer.begins("holding")
        refused = await writer.sends(letter)
        assert refused.status_code == 422
        assert "What only you can say: it is always asked for: nothing is known" in words(refused.text)
        await writer.saves(letter, **{"to_email": "jo", "given-own_words": "We wait."})
        refused = await writer.sends(letter)
        assert "Enter one mail address" in words(refused.text)
        assert mails(database) == []

    async def test_an_extension_by_post_counts_from_the_day_it_was_posted(self, writer: Writer) -> None:
        letter = await writer.begins("extension", "post")
        await writer.saves(letter, to="15", code="complex", reason="Two agencies have to answer.")
        opened = words((await writer.client.get(letter)).text)
        assert "We will answer you by 8 August 2022" in opened
        assert "by 1 August 2022. I am sorry" in opened
        early = await writer.sends(letter, **day("sent_on", "2022-07-15"))
        assert (early.status_code, "enter that day or a later one" in words(early.text)) == (422, True)
        later = await writer.sends(letter, **day("sent_on", "2022-08-15"))
        assert "today, or a day before it" in words(later.text)
        assert (await writer.sends(letter, **day("sent_on", "2022-07-27"))).status_code == 303
        record = await writer.record()
        assert "Extended 27 July 2022, to 15 working days in all" in record
        assert "Two agencies have to answer." in record

    async def test_a_letter_whose_step_is_refused_is_not_sent_and_the_draft_is_kept(self, desk: Desk, writer: Writer) -> None:
        late = Writer(
            writer.client, (await desk.receive(**statutory(reference="L-1", received_on="2022-05-03")))["complaint_id"]
        )
        await late.adds()
        letter = await late.begins("extension")
        await late.saves(letter, to="20", code="complex", reason="Two agencies have to answer.")
        assert "though: The limit of stage 1 passed on 2022-05-17" in words((await late.client.get(letter)).text)
        refused = await late.sends(letter)
        assert refused.status_code == 409
        assert "comes too late to move it" in words(refused.text)
        assert (await late.client.get(letter)).status_code == 200
        assert "Being written" in await late.record()

    async def test_somebody_who_changed_the_complaint_meanwhile_is_told_of(self, desk: Desk, writer: Writer) -> None:
        letter = await writer.begins("response-stage-1-statutory")
        await writer.saves(letter, **FINDINGS)
        page = hidden((await writer.client.get(f"{letter}/send")).text)
        await desk.step(writer.ident, 1, "suspension", suspended_on="2022-07-28", code="court")
        refused = await writer.client.post(f"{letter}/send", data=page)
        assert refused.status_code == 412
        assert "Somebody changed the complaint since you looked at the letter" in words(refused.text)
        assert (await writer.client.post(f"{letter}/send", data=hidden(refused.text))).status_code == 303

    async def test_a_letter_belongs_to_a_step_that_was_recorded_before_it(self, desk: Desk, writer: Writer) -> None:
        await desk.answered(writer.ident, on="2022-07-27")
        letter = await writer.begins("response-stage-1-statutory", "post")
        opened = words((await writer.client.get(letter)).text)
        assert "Stage 1 was answered on 27 July 2022: the letter belongs to that" in opened
        assert "What we found: Upheld" in opened
        assert (await writer.sends(letter, **day("sent_on", "2022-07-27"))).status_code == 303
        assert "belongs to a step that was recorded" in await writer.record()

    async def test_an_acknowledgement_starts_the_clock_that_counts_from_it(self, desk: Desk, writer: Writer) -> None:
        body = statutory(reference="COR-1", procedure="corporate", received_on="2022-07-25")
        other = Writer(writer.client, (await desk.receive(**body))["complaint_id"])
        await other.adds(**day("from", "2022-07-25"))
        letter = await other.begins("acknowledgement")
        assert "We will answer you by 12 August 2022" in words((await other.client.get(letter)).text)
        assert (await other.sends(letter)).status_code == 303
        assert "Acknowledged 29 July 2022" in await other.record()

    async def test_a_closing_letter_confirms_a_withdrawal(self, desk: Desk, writer: Writer) -> None:
        await desk.step(writer.ident, 1, "ending", ended_on="2022-07-27", ending="withdrawn", reason="By telephone.")
        letter = await writer.begins("closing-withdrawn")
        assert "withdrawn on 27 July 2022" in words((await writer.client.get(letter)).text)
        assert (await writer.sends(letter)).status_code == 303
        record = await writer.record()
        assert "Confirmed in writing 29 July 2022" in record
        assert "confirmed the withdrawal" in record


class TestDrafts:
    async def test_the_later_of_two_who_save_at_once_is_told_and_sees_both(self, writer: Writer) -> None:
        letter = await writer.begins("holding")
        page = typed((await writer.client.get(letter)).text)
        assert (await writer.client.post(letter, data={**page, "subject": "First"})).status_code == 303
        later = await writer.client.post(letter, data={**page, "subject": "Second"})
        assert later.status_code == 412
        assert "Somebody else was faster" in later.text
        assert "<strong>First</strong>" in later.text
        assert 'value="Second"' in later.text
        assert (await writer.client.post(letter, data=typed(later.text))).status_code == 303
        assert 'value="Second"' in (await writer.client.get(letter)).text

    async def test_text_that_cannot_be_read_is_kept_and_said(self, writer: Writer) -> None:
        letter = await writer.begins("holding")
        assert (await writer.saves(letter, body="One\n\n{complaynant}")).status_code == 303
        page = await writer.client.get(letter)
        assert "line 3: there is no field {complaynant}; did you mean {complainant}?" in words(page.text)
        refused = await writer.sends(letter)
        assert (refused.status_code, "line 3" in refused.text) == (422, True)

    async def test_what_is_too_long_stays_on_the_page(self, writer: Writer) -> None:
        letter = await writer.begins("holding")
        answer = await writer.saves(letter, body="a" * 20_001)
        assert answer.status_code == 422
        assert "At most 20,000 characters" in answer.text
        assert "a" * 20_001 in answer.text

    async def test_a_draft_is_sealed_printed_as_one_and_deleted(self, writer: Writer, database: Database) -> None:
        letter = await writer.begins()
        await writer.saves(letter, subject="About {reference}", body="Only for **Jo**.")
        ((row,),) = fetch(database.url("admin"), "select row_to_json(d)::text from complaints.letter_draft d")
        assert "Jo" not in row
        printed = Printed((await writer.client.get(f"{letter}/pdf")).content)
        assert printed.title == "About SEND-22-001"
        assert "Draft, not sent" in printed.text
        token = hidden((await writer.client.get(letter)).text)
        assert (await writer.client.post(f"{letter}/delete", data=token)).status_code == 303
        assert (await writer.client.get(letter)).status_code == 404

    async def test_beginning_twice_begins_once(self, writer: Writer) -> None:
        page = (await writer.client.get(f"{writer.at}/new")).text
        sent = {**hidden(page), "template": "holding", "to": "somebody-else", "way": "post"}
        for _ in range(2):
            assert (await writer.client.post(f"{writer.at}/new", data=sent)).status_code == 303
        assert (await writer.record()).count("last saved") == 1

    async def test_the_letters_that_fit_come_first_and_what_is_missing_is_said(self, writer: Writer) -> None:
        page = (await writer.client.get(f"{writer.at}/new")).text
        fit, _, others = page.partition("Letters for other stages and moments")
        offered = re.findall(r'name="template" type="radio" value="([a-z0-9-]+)"', fit)
        assert offered == [
            *("acknowledgement", "acknowledgement-child", "extension", "extension-child", "holding"),
            *("response-stage-1-statutory", "response-child", "none"),
        ]
        assert 'value="response-stage-3-statutory"' in others
        answer = await writer.client.post(f"{writer.at}/new", data=hidden(page))
        assert answer.status_code == 422
        assert {"Choose a letter", "Choose how it goes"} <= set(re.findall(r"Choose [a-z ]+", answer.text))


class TestElsewhere:
    async def records(self, writer: Writer, kind: str, fields: dict[str, str], file: bytes = b"") -> Any:
        page = await writer.client.get(f"{writer.at}/elsewhere?kind={kind}&stage=1")
        assert page.status_code == 200, words(page.text)
        sent = {**hidden(page.text), "way": "post", **fields}
        files = {"file": ("letter.pdf", file, "application/pdf")}
        return await writer.client.post(f"{writer.at}/elsewhere/upload", data=sent, files=files)

    async def test_its_step_is_taken_on_the_day_it_was_sent_and_its_file_is_kept_sealed(
        self, writer: Writer, database: Database
    ) -> None:
        sent = {**FINDINGS, **day("sent_on", "2022-07-26"), "to_name": "Jo Hill"}
        answer = await self.records(writer, "response", sent, b"%PDF-1.7 made elsewhere")
        assert answer.status_code == 303, words(answer.text)
        record = await writer.record()
        assert "Response sent 26 July 2022" in record
        assert "Response Stage 1, made elsewhere 26 July 2022 by post stopped the clock" in record
        ((ident, file),) = fetch(database.url("admin"), "select id::text, file from complaints.letter")
        assert b"elsewhere" not in file
        assert (await writer.client.get(f"{writer.at}/{ident}/pdf")).content == b"%PDF-1.7 made elsewhere"
        page = words((await writer.client.get(f"{writer.at}/{ident}")).text)
        assert "Sent 26 July 2022, by post" in page
        assert page.count("Alex Morgan") >= 2, "that it was opened is shown"

    async def test_a_file_of_several_megabytes_is_kept(self, writer: Writer) -> None:
        file = b"%PDF-1.7 " + b"x" * 3_000_000
        answer = await self.records(writer, "other", day("sent_on", "2022-07-26"), file)
        assert answer.status_code == 303, words(answer.text)

    async def test_what_is_no_pdf_and_what_is_missing_is_said(self, writer: Writer) -> None:
        answer = await self.records(writer, "other", day("sent_on", "2022-07-26"), b"MZ")
        assert (answer.status_code, "Choose a PDF of at most 4 MB" in answer.text) == (422, True)
        answer = await self.records(writer, "response", day("sent_on", "2022-07-26"))
        assert (answer.status_code, "Finding: choose one" in words(answer.text)) == (422, True)

    async def test_the_same_form_sent_twice_records_it_once(self, writer: Writer) -> None:
        page = hidden((await writer.client.get(f"{writer.at}/elsewhere?kind=other&stage=1")).text)
        for _ in range(2):
            files = {"file": ("", b"", "application/octet-stream")}
            sent = {**page, "way": "handed-over", **day("sent_on", "2022-07-26")}
            assert (await writer.client.post(f"{writer.at}/elsewhere/upload", data=sent, files=files)).status_code == 303
        assert (await writer.record()).count("Other letter Stage 1, made elsewhere") == 1

    async def test_a_token_is_needed(self, writer: Writer) -> None:
        answer = await writer.client.post(
            f"{writer.at}/elsewhere/upload", data={"csrf": "x"}, files={"file": ("a.pdf", b"%PDF-")}
        )
        assert answer.status_code == 403


class TestApi:
    async def test_it_tells_codes_and_days_and_no_words(self, writer: Writer, desk: Desk) -> None:
        letter = await writer.begins("holding")
        await writer.saves(letter, **{"given-own_words": "We wait for the school."})
        await writer.sends(letter)
        answer = await desk.client.get(f"/complaints/v1/complaints/{writer.ident}/letters")
        (item,) = answer.json()["items"]
        assert item == {
            "letter_id": letter.rpartition("/")[2], "stage": 1, "kind": "holding", "template": "holding", "language": "en",
            "way": "email", "sent_on": "2022-07-29", "elsewhere": False, "did": None, "delivery": "waiting", "repeats": None,
        }  # fmt: skip


class TestReaders:
    async def test_who_only_reads_sees_the_list_and_finds_no_way_to_words(
        self, writer: Writer, app: FastAPI, keys: Keys
    ) -> None:
        letter = await writer.begins("holding")
        await writer.saves(letter, **{"given-own_words": "We wait."})
        await writer.sends(letter)
        async with PageClient(AsPerson(app, keys, person("senior-reader"))) as reader:
            page = await reader.get(f"/complaints/{writer.ident}")
            assert "Where your complaint stands Stage 1 29 July 2022 by e-mail" in words(page.text)
            assert "/letters/" not in page.text
            assert (await reader.get(letter)).status_code == 403

    async def test_a_letter_is_not_found_under_another_complaint(self, writer: Writer, desk: Desk) -> None:
        letter = await writer.begins("holding")
        other = (await desk.receive(reference="X-1"))["complaint_id"]
        strange = letter.replace(writer.ident, other)
        assert (await writer.client.get(strange)).status_code == 404
