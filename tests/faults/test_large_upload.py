"""Two gigabytes over a real connection: answered before they are sent, and nothing of them is kept."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from lms.audit.models import AuditEvent
from lms.documents.models import ArchivedDocument
from lms.people.models import Organisation, Person, User
from tests.faults import processes

TWO_GIGABYTES = 2 * 1024**3
KEPT = (ArchivedDocument, AuditEvent, Organisation, Person, Session, User)


def files(*folders: Path) -> set[Path]:
    """All files but those the process lays down for itself as it starts: its keys, and what its press reads."""
    found = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if path.parent.name != "keys" and not path.parent.name.startswith("weasyprint-")}


@pytest.mark.django_db(transaction=True)
def test_answered_while_the_sender_has_hardly_begun(tmp_path: Path) -> None:
    passing = tmp_path / "passing"  # where a body that is read would wait for its end
    passing.mkdir()
    given = processes.environment(tmp_path) | {"TMPDIR": str(passing)}
    stores = (passing, Path(given["VAR_DIR"]), settings.MEDIA_ROOT, settings.MEDIA_ROOT.with_name("archive"))
    before = files(*stores)
    rows = {model: model.objects.count() for model in KEPT}
    with processes.web(given, tmp_path / "web.log") as address:
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port), timeout=30) as sender:
            head = f"POST /register/ HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {TWO_GIGABYTES}\r\n"
            sender.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x".encode())
            told = b""
            while said := sender.recv(65536):
                told += said
        assert files(*stores) == before
    assert told.startswith(b"HTTP/1.1 413 ")
    assert "上传的内容太大".encode() in told
    assert {model: model.objects.count() for model in KEPT} == rows
