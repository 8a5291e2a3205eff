"""Mails as officers paste them."""

from datetime import date

import pytest

from complaints.domain.pasted_mail import Pasted, read_mail

SOURCE = """From: "Jo Hill" <jo.hill@example.org>
To: complaints@council.example
Date: Thu, 12 May 2022 23:31:00 +0000
Subject: =?utf-8?q?My_social_worker=E2=80=99s_visits?=
Content-Type: text/plain; charset="utf-8"

She never comes when she says.

Jo"""
OUTLOOK = """From: Jo Hill <jo.hill@example.org>
Sent: 12 May 2022 10:31
To: Complaints <complaints@council.example>
Subject: My social worker's visits

She never comes when she says."""
PARTS = """From: jo.hill@example.org
Date: Thu, 12 May 2022 10:31:00 +0100
Subject: Visits
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="x"

--x
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

She never comes =E2=80=93 never.
--x
Content-Type: text/html

<p>She never comes</p>
--x--
"""


class TestPastedMail:
    def test_a_source_gives_sender_day_and_subject(self) -> None:
        found = read_mail(SOURCE)
        assert (found.name, found.address, found.on) == ("Jo Hill", "jo.hill@example.org", date(2022, 5, 13))
        assert found.subject == "My social worker’s visits"
        assert found.body == "She never comes when she says.\n\nJo"

    def test_a_copy_from_outlook_does(self) -> None:
        found = read_mail(OUTLOOK)
        assert (found.name, found.address, found.on) == ("Jo Hill", "jo.hill@example.org", date(2022, 5, 12))
        assert found.narrative == "My social worker's visits\n\nShe never comes when she says."

    def test_the_plain_part_is_read(self) -> None:
        assert read_mail(PARTS).body == "She never comes – never."

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "She never comes.",
            "Note: she never comes",
            "From me to you: hello",
            "Subject: x",
            "From:",
            "From: \nDate: soon\n\nx",
            "\ud800: x",
        ],
    )
    def test_what_is_no_mail_is_text_and_nothing_is_lost(self, text: str) -> None:
        found = read_mail(text)
        assert isinstance(found, Pasted)
        assert found.address == ""
        assert not text.startswith("She") or found.narrative == text

    def test_the_representation_shows_nothing_of_it(self) -> None:
        assert "Jo" not in repr(read_mail(SOURCE))
