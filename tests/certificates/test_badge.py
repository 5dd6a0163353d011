"""Open Badges as other people's software meets them: from the public addresses alone, by hands that signed none of it.

``openvc`` verifies the proof inside the JSON, with keys, dates and the signed status list. Tokens are read by
``openbadgeslib``, since ``openvc`` knows them only in the form of the model's first version.
"""

import base64
import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from openvc.did.base import DidResolverRegistry
from openvc.did.did_web import DidWebResolver
from openvc.errors import OpenvcError
from openvc.resolvers import default_status_list_resolver
from openvc.status import CredentialRevoked
from openvc.verify import VerificationPolicy, VerificationResult, verify_credential

from certificates.models import Certificate, StatusSlot
from certificates.services import reinstate_certificate, revoke_certificate, supersede_certificate
from certificates.services.credentials import slot_of
from courses.learning.models import Enrolment
from lms.audit.models import AuditEvent
from lms.people.models import Person
from tests.factories import people, registry
from tests.factories.certificates import SYSTEM, annual_certificate, course_certificate, holder

pytestmark = pytest.mark.django_db
BASE = "https://lms.example.org"
JWT = {"accept": "application/vc+jwt"}
JSON = {"accept": "application/vc"}
STRICT = VerificationPolicy(
    expected_types=["VerifiableCredential", "OpenBadgeCredential"], require_status_issuer_binding=True
)


@pytest.fixture(autouse=True)
def _public(settings: Any) -> None:
    cache.clear()
    settings.PUBLIC_BASE_URL = BASE


def issued(name: str = "欧阳秋月", **ago: int) -> Certificate:
    return course_certificate(holder(name=name), now=timezone.now() - timedelta(**ago))


def badge(certificate: Certificate) -> dict[str, Any]:
    told: dict[str, Any] = Client().get(f"/credentials/{certificate.token}.json").json()
    return told


def token_of(certificate: Certificate) -> str:
    return Client().get(f"/credentials/{certificate.token}.json", headers=JWT).content.decode()


def as_token(url: str) -> bytes:
    """The same, by a reader that takes lists as tokens only."""
    return fetched(url, JWT if "/status-lists/" in url else None)


def fetched(url: str, headers: dict[str, str] | None = None) -> bytes:
    """What stands at a public address of ours."""
    assert url.startswith(f"{BASE}/")
    response = Client().get(urlsplit(url).path, headers=headers or {})
    assert response.status_code == 200
    return bytes(response.content)


def verified(credential: Any) -> VerificationResult:
    """By the other implementation, from public addresses alone."""
    keys = DidResolverRegistry([DidWebResolver(lambda url: json.loads(fetched(url)))])
    lists = default_status_list_resolver(resolver=keys, fetch=lambda url: fetched(url).decode())
    return verify_credential(credential, policy=STRICT, resolver=keys, resolve_status_list=lists)


def revoke(certificate: Certificate, code: str = "error") -> None:
    revoke_certificate(
        certificate=certificate, code=code, reason="重复", authority="x", actor=SYSTEM, now=timezone.now()
    )


def test_a_good_one() -> None:
    certificate = issued(days=2)
    result = verified(badge(certificate))
    assert result.format == "data-integrity:eddsa-jcs-2022"
    assert result.issuer == f"did:web:lms.example.org:issuers:{certificate.issuer_id}"
    assert result.status is not None
    assert not result.status.revoked
    assert result.credential["credentialSubject"]["achievement"]["name"] == certificate.title


def test_the_same_as_a_token() -> None:
    certificate = annual_certificate(now=timezone.now())
    reader = OB3Verifier.for_issuer_did(badge(certificate)["issuer"]["id"], download=as_token)
    token = token_of(certificate)
    read = reader.verify(token)
    assert [result.value for result in read.results] == ["72 学时", "40 学时"]
    reader.check_status(read, download=as_token, verify_list=True)
    reader.check_status(read, download=fetched)
    revoke(certificate)
    for download, thorough in ((as_token, True), (fetched, False)):
        with pytest.raises(OB3VerificationError, match="revocation"):
            reader.check_status(read, download=download, verify_list=thorough)
    head, body, signature = token.split(".")
    with pytest.raises(OB3VerificationError):
        reader.verify(f"{head}.{body}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}")


def test_it_says_no_more_than_the_page() -> None:
    certificate = annual_certificate(holder(name="欧阳秋月"), now=timezone.now())
    text = json.dumps(badge(certificate), ensure_ascii=False)
    assert "欧阳**" in text
    for secret in ("欧阳秋月", str(certificate.person_id), certificate.facts["document"]["masked"]):
        assert secret not in text
    assert f"{BASE}/verify/{certificate.token}/" in text


def test_the_same_whoever_asks() -> None:
    certificate = issued()
    address = f"/credentials/{certificate.token}.json"
    first = Client().get(address, headers={"accept-language": "en"}).content
    assert Client().get(address, headers={"accept-language": "zh-hans"}).content == first
    assert StatusSlot.objects.count() == 1
    assert AuditEvent.objects.filter(verb="certificate.credential_made").count() == 1


@pytest.mark.parametrize(
    "path", [("name",), ("issuer", "name"), ("credentialStatus", "statusListIndex"), ("validFrom",)]
)
def test_a_changed_one_is_found_out(path: tuple[str, ...]) -> None:
    told = badge(issued())
    *way, last = path
    place = told
    for name in way:
        place = place[name]
    place[last] = "2020-01-01T00:00:00Z" if last == "validFrom" else "7"
    with pytest.raises(OpenvcError):
        verified(told)


def test_an_expired_one() -> None:
    certificate = issued(days=365 * 3)
    with pytest.raises(OpenvcError, match=r"(?i)expired"):
        verified(badge(certificate))


def test_a_revoked_one_is_still_given_and_says_so() -> None:
    certificate, neighbour = issued(days=2), issued("王芳", days=2)
    before = badge(certificate)
    verified(before)
    revoke(certificate, "fraud")
    assert badge(certificate) == before
    with pytest.raises(CredentialRevoked):
        verified(before)
    verified(badge(neighbour))


def test_one_first_asked_for_after_it_was_revoked() -> None:
    other, certificate = issued("王芳"), issued()
    verified(badge(other))
    revoke(certificate)
    with pytest.raises(CredentialRevoked):
        verified(badge(certificate))


def test_a_superseded_one() -> None:
    old = issued(days=3)
    told = badge(old)
    Person.objects.filter(pk=old.person_id).update(name="欧阳秋玥")
    old.person.refresh_from_db()
    new = supersede_certificate(certificate=old, reason="更正", actor=SYSTEM, now=timezone.now())
    with pytest.raises(CredentialRevoked):
        verified(told)
    verified(badge(new))


def test_a_barred_holders_although_no_word_of_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry is asked, not the states: what a lost signal left standing is no good all the same."""
    monkeypatch.setattr("certificates.receivers.revoke_for_ban", lambda **_: 0)
    certificate = issued(days=3)
    told = badge(certificate)
    verified(told)
    registry.case_in_force(certificate.person, now=timezone.now() - timedelta(days=1))
    assert certificate.states.count() == 1
    with pytest.raises(CredentialRevoked):
        verified(told)


def test_what_is_given_back_is_a_new_credential_and_the_old_one_stays_revoked() -> None:
    certificate = issued(days=3)
    old = badge(certificate)
    revoke(certificate)
    reinstate_certificate(
        certificate=certificate, reason="复核", authority="x", actor=SYSTEM, now=timezone.now() + timedelta(seconds=1)
    )
    new = badge(certificate)
    assert new["id"] == old["id"]
    assert new["credentialStatus"]["statusListIndex"] != old["credentialStatus"]["statusListIndex"]
    verified(new)
    with pytest.raises(CredentialRevoked):
        verified(old)


def test_places_are_drawn_and_lists_belong_to_one_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([5, 5, 9, 9])
    monkeypatch.setattr("certificates.services.credentials.secrets.randbelow", lambda _size: next(drawn))
    first, second, elsewhere = issued(), issued("王芳"), annual_certificate(now=timezone.now())
    now = timezone.now()
    one, two, three = (slot_of(certificate=row, now=now) for row in (first, second, elsewhere))
    places = [(slot.list.number, slot.index) for slot in (one, two, three)]
    assert len(set(places)) == 3
    assert slot_of(certificate=first, now=now) == one
    for slot in (one, two, three):
        assert slot.list.issuer_id == slot.certificate.issuer_id


def test_a_full_list_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    first = issued()
    slot_of(certificate=first, now=timezone.now())
    monkeypatch.setattr("certificates.services.credentials.PLACES_GIVEN", 1)
    release = Enrolment.objects.get(pk=first.enrolment_id).release
    second = course_certificate(holder(name="王芳"), release)
    assert second.issuer_id == first.issuer_id
    assert slot_of(certificate=second, now=timezone.now()).list.number == 2


def test_the_list_is_as_long_as_the_standard_asks() -> None:
    certificate = issued()
    told = badge(certificate)
    revoke(certificate)
    url = told["credentialStatus"]["statusListCredential"]
    response = Client().get(urlsplit(url).path, headers=JSON)
    assert response["Content-Type"] == "application/vc"
    subject = json.loads(response.content)["credentialSubject"]
    bits = gzip.decompress(base64.urlsafe_b64decode(subject["encodedList"][1:] + "=="))
    index = int(told["credentialStatus"]["statusListIndex"])
    assert len(bits) * 8 == 131_072
    assert sum(byte.bit_count() for byte in bits) == 1
    assert bits[index // 8] >> (7 - index % 8) & 1
    assert subject["ttl"] == 300_000
    assert response["Cache-Control"] == "public, max-age=300"


def test_what_is_unknown_tells_nothing() -> None:
    for path in (
        f"/credentials/{'x' * 43}.json",
        "/credentials/x.json",
        "/status-lists/1",
        "/status-lists/99999999999999999999",
        f"/issuers/{holder().pk}/did.json",
    ):
        response = Client().get(path)
        assert response.status_code == 404, path
        assert response["Content-Type"] == "application/problem+json", path
    assert Client().get("/credentials/%00.json").status_code == 404


def test_an_institution_that_issues_nothing_is_no_issuer() -> None:
    assert Client().get(f"/issuers/{people.institution().pk}").status_code == 404


def test_few_queries() -> None:
    certificate = issued()
    told = badge(certificate)
    for url, most in ((told["id"], 5), (told["credentialStatus"]["statusListCredential"], 8)):
        with CaptureQueriesContext(connection) as queries:
            fetched(url)
        assert len(queries) <= most


def test_a_new_key_leaves_what_the_old_one_signed_good(settings: Any, tmp_path: Path) -> None:
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    certificate = issued()
    settings.BADGE_KEY_FILE = str(_written(tmp_path / "old.pem", old))
    told = badge(certificate)
    settings.BADGE_KEY_FILE = str(_written(tmp_path / "both.pem", new, old.public_key()))
    assert badge(certificate)["proof"]["verificationMethod"] != told["proof"]["verificationMethod"]
    verified(told)
    verified(badge(certificate))
    settings.BADGE_KEY_FILE = str(_written(tmp_path / "new.pem", new))
    with pytest.raises(OpenvcError):
        verified(told)


def test_production_without_a_key_makes_none(settings: Any) -> None:
    certificate = issued()
    settings.LOCAL = False
    assert Client().get(f"/credentials/{certificate.token}.json").json()["code"] == "no_badges"


def test_limits_say_when(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = issued()
    monkeypatch.setattr("rest_framework.throttling.ScopedRateThrottle.THROTTLE_RATES", {"credentials": "3/min"})
    answers = [Client().get(f"/credentials/{certificate.token}.json") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def _written(path: Path, *keys: Any) -> Path:
    pem = serialization.Encoding.PEM
    path.write_bytes(
        b"".join(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            if isinstance(key, Ed25519PrivateKey)
            else key.public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
            for key in keys
        )
    )
    return path
