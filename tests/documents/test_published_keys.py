"""The public halves of the keys that sign: anyone may have them, the old ones too."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from django.test import Client

from lms.audit.actors import Actor
from lms.documents import signing
from tests.factories.authority import Authority, key_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]
ADDRESS = "/signing-certificates.pem"
NOW = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)


def test_before_the_first_paper_there_are_none(client: Client) -> None:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.content) == (200, b"")


def test_old_and_new_ones_are_published_the_newest_first(
    client: Client, authority: Authority, settings: object, tmp_path: Path
) -> None:
    holders = [authority.signer("旧密钥"), authority.signer("新密钥")]
    for year, holder in enumerate(holders):
        settings.SIGNING_KEY_FILE = str(key_file(holder, tmp_path))  # type: ignore[attr-defined]
        signing.keep_certificate(now=NOW + dt.timedelta(days=365 * year), actor=Actor.system("test-keys"))
    answer = client.get(ADDRESS)
    assert x509.load_pem_x509_certificates(answer.content) == [each.certificate for each in reversed(holders)]
    assert b"PRIVATE" not in answer.content
    assert client.post(ADDRESS).status_code == 405
