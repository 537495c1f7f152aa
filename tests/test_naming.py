"""What a file's name says, without what says nothing."""

from __future__ import annotations

import pytest

from localsearch.naming import spoken_name


@pytest.mark.parametrize(
    ("shown", "member", "name"),
    [
        ("/home/anna/clients/Acme/lease_2019-final.pdf", "", "Acme lease 2019 final"),
        ("/pdfs/ADOBE_2017_10K.pdf", "", "ADOBE 2017 10K"),
        ("/hr/AnnualReport.docx", "", "hr Annual Report"),
        ("/hr/hr.md", "", "hr"),
        ("/x/archive.zip", "minutes/may.docx", "minutes may"),
        ("/mail/inbox.mbox", "message 12", "mail"),
        ("/scans/IMG_7034.jpg", "", ""),
        ("/docs/a81f3e29c.txt", "", ""),
        ("/docs/README.md", "", ""),
        ("/", "", ""),
    ],
)
def test_spoken_name(shown: str, member: str, name: str) -> None:
    assert spoken_name(shown, member) == name
