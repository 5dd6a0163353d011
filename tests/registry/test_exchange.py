"""The list between regions: signed, sealed, trusted by two officers, taken in once, and annulled with its decision."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from lms.documents import keyrings
from lms.people.models import Role
from lms.registry import services
from lms.registry.models import BanCase, Intake, Peer
from lms.registry.services import exchange, intake_work, peers
from lms.registry.services.intake import progress_of
from lms.rules.refusals import Conflict, Invalid, NotAllowed, Refusal
from tests.factories import people, registry

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
NOW = registry.ENTERED


class Neighbour:
    """Another installation: a key of its own, and what it sends."""

    def __init__(self, settings: Any, path: Path) -> None:
        self.settings, self.path = settings, path
        path.write_bytes(
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """As if the code ran there."""
        ours = self.settings.REGISTRY_KEY_FILE
        self.settings.REGISTRY_KEY_FILE = str(self.path)
        try:
            yield
        finally:
            self.settings.REGISTRY_KEY_FILE = ours

    def card(self) -> bytes:
        with self.at_home():
            return peers.card_file()

    def sends(self, *entries: dict[str, Any], to: Any = None) -> bytes:
        """A file for us (or ``to`` a card), signed by it."""
        receiver = to or peers.own_card()
        with self.at_home():
            keys = peers.own_ring()
            sealed = keyrings.seal(
                json.dumps(entries, default=str).encode(), to=receiver.seal_key, about=exchange.ABOUT
            )
            said = {"from": keys.kid, "to": receiver.kid, "version": 7, "sealed": sealed}
            return json.dumps(
                {"format": "ban-exchange/1", "jws": keyrings.sign(said, by=keys, typ=exchange.TYP)}
            ).encode()


@pytest.fixture
def neighbour(settings: Any, tmp_path: Path) -> Neighbour:
    return Neighbour(settings, tmp_path / "neighbour.pem")


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "act": "entered",
        "authority": "北京市卫生健康委员会",
        "case_number": "京卫禁字〔2026〕1号",
        "decided_on": "2026-02-03",
        "facts_on": "2026-01-04",
        "facts_category": "abuse",
        "legal_basis": "《未成年人保护法》第六十二条",
        "region_code": "110000",
        "name": "王小明",
        "birth_date": None,
        "document_type": "resident_id",
        "document_number": people.resident_number(),
        "role": "perpetrator",
        "kind": "lifetime",
        "from_date": "2026-02-03",
        "until": None,
        **changes,
    }


def file(content: bytes) -> Any:
    return ContentFile(content, name="exchange.json")


def trusted(neighbour: Neighbour) -> Peer:
    administrator = people.acting(people.officer(Role.ADMINISTRATOR))
    peer = peers.propose_peer(file=file(neighbour.card()), actor=administrator, now=NOW)
    second = people.acting(registry.confirming())
    return peers.trust_peer(peer=peer, fingerprint=peer.fingerprint, actor=second, now=NOW)


def take(content: bytes, **more: Any) -> services.IntakeReport:
    return exchange.take_file(file=file(content), actor=people.acting(registry.registrar()), now=NOW, **more)


def confirmed(content: bytes) -> Intake:
    intake = take(content).intake
    assert intake
    services.confirm_intake(intake=intake, actor=people.acting(registry.confirming()), now=NOW)
    while intake_work.work_on(intake_id=intake.pk, now=NOW):
        pass
    intake.refresh_from_db()
    return intake


def refused(content: bytes) -> str:
    with pytest.raises(Refusal) as answer:
        take(content)
    return answer.value.code


def test_a_ban_from_one_region_acts_in_another(neighbour: Neighbour) -> None:
    trusted(neighbour)
    number = people.resident_number()
    person = people.person(name="王小明", document_number=number)
    content = neighbour.sends(entry(document_number=number), entry(case_number="京卫禁字〔2026〕2号", name="赵二"))
    assert number not in content.decode()
    intake = confirmed(content)
    assert intake.state == "finished"
    assert services.is_barred(person, TODAY) is not None
    case = BanCase.objects.get(number="京卫禁字〔2026〕1号")
    assert (case.region_code, case.documents.get().document_id) == ("110000", intake.document_id)
    assert services.verify_registry() == []


def test_taken_in_again_it_changes_nothing(neighbour: Neighbour) -> None:
    trusted(neighbour)
    content = neighbour.sends(entry())
    one = entry(document_number=people.resident_number())
    content = neighbour.sends(one)
    confirmed(content)
    version = services.current_list_version().number
    assert refused(content) in {"handed_in", "nobody_new"}
    assert refused(neighbour.sends(one)) == "nobody_new"
    report = take(neighbour.sends(one), dry_run=True)
    assert [row.name for row in report.listed] == ["王小明"]
    assert services.current_list_version().number == version


def test_annulments_travel_too(neighbour: Neighbour) -> None:
    trusted(neighbour)
    number = people.resident_number()
    person = people.person(name="王小明", document_number=number)
    one = entry(document_number=number)
    confirmed(neighbour.sends(one))
    intake = confirmed(neighbour.sends({**one, "act": "annulled"}))
    assert progress_of(intake)["annulled"] == 1
    assert services.is_barred(person, TODAY) is None
    annulled = BanCase.objects.get().states.get(state="annulled")
    assert annulled.document_id == intake.document_id
    assert refused(neighbour.sends({**one, "act": "annulled"})) == "nobody_new"
    assert services.verify_registry() == []


def test_entered_and_annulled_in_one_file(neighbour: Neighbour) -> None:
    trusted(neighbour)
    one = entry()
    intake = confirmed(neighbour.sends(one, {**one, "act": "annulled"}))
    assert (progress_of(intake)["taken"], progress_of(intake)["annulled"]) == (1, 1)
    assert services.current_list_version().entries == 0
    assert services.verify_registry() == []


def test_an_annulment_of_what_never_came_is_told(neighbour: Neighbour) -> None:
    trusted(neighbour)
    intake = confirmed(neighbour.sends(entry(act="annulled"), entry(case_number="京卫禁字〔2026〕3号")))
    assert intake.rows.get(outcome="failed").code == "decision_unknown"


def test_an_unknown_key_a_changed_file_and_another_receiver_are_refused(neighbour: Neighbour) -> None:
    content = neighbour.sends(entry())
    assert refused(content) == "key_unknown"
    peer = trusted(neighbour)
    told = json.loads(content)
    header, payload, signature = told["jws"].split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    said["version"] = 8
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    assert refused(json.dumps({**told, "jws": f"{header}.{forged}.{signature}"}).encode()) == "file_changed"
    with neighbour.at_home():
        theirs = peers.own_card()
    assert refused(neighbour.sends(entry(), to=theirs)) == "other_receiver"
    assert refused(b"{}") == "not_exchange"
    assert refused(b"\xff\x00") == "not_exchange"
    peers.withdraw_peer(peer=peer, actor=people.acting(registry.confirming()), now=NOW)
    assert refused(content) == "key_unknown"
    assert not Intake.objects.exists()


def test_entries_that_can_not_be_are_named(neighbour: Neighbour) -> None:
    trusted(neighbour)
    report = take(
        neighbour.sends(entry(), entry(document_number="123"), entry(role="friend"), entry(document_type="x"))
    )
    assert [(error.row, error.column) for error in report.errors] == [
        (2, "document_number"),
        (3, "role"),
        (4, "document_type"),
    ]
    assert report.intake is None


def test_what_is_sent_is_what_the_list_says(neighbour: Neighbour) -> None:
    peer = trusted(neighbour)
    number = people.resident_number()
    first = registry.case_in_force(
        unknown=[{"name": "王小明", "document_type": "resident_id", "document_number": number}]
    )
    registry.case_in_force(people.person(), region=people.BEIJING)
    version = services.current_list_version().number
    registry.annulled(first)
    officer = people.acting(registry.registrar())

    def sent(since: int) -> list[dict[str, Any]]:
        content = exchange.export_to(peer=peer, since=since, actor=officer, now=NOW)
        assert number not in content.decode()
        assert "王小明" not in content.decode()
        ours = peers.own_ring()
        with neighbour.at_home():
            said = keyrings.opened(json.loads(content)["jws"], keys=ours.published, typ=exchange.TYP)
            entries = keyrings.unseal(said["sealed"], keys=peers.own_ring(), about=exchange.ABOUT)
            found: list[dict[str, Any]] = json.loads(entries)
            return found

    everything = sent(0)
    assert [(one["act"], one["document_number"]) for one in everything] == [("entered", number), ("annulled", number)]
    assert [one["act"] for one in sent(version)] == ["annulled"]
    with pytest.raises(Conflict) as nothing:
        sent(services.current_list_version().number)
    assert nothing.value.code == "nothing_new"
    with pytest.raises(Refusal):
        sent(99)


def test_what_came_from_elsewhere_is_not_sent_on(neighbour: Neighbour) -> None:
    peer = trusted(neighbour)
    confirmed(neighbour.sends(entry(region_code="310000")))
    with pytest.raises(Conflict) as nothing:
        exchange.export_to(peer=peer, since=0, actor=people.acting(registry.registrar()), now=NOW)
    assert nothing.value.code == "nothing_new"


def test_trust_takes_two_officers_and_the_fingerprint(neighbour: Neighbour) -> None:
    administrator = people.acting(people.officer(Role.ADMINISTRATOR))
    with pytest.raises(NotAllowed):
        peers.propose_peer(file=file(neighbour.card()), actor=people.acting(registry.registrar()), now=NOW)
    peer = peers.propose_peer(file=file(neighbour.card()), actor=administrator, now=NOW)
    assert refused(neighbour.sends(entry())) == "key_unknown"
    with pytest.raises(NotAllowed) as same:
        peers.trust_peer(peer=peer, fingerprint=peer.fingerprint, actor=administrator, now=NOW)
    assert same.value.code == "same_officer"
    second = people.acting(people.officer(Role.ADMINISTRATOR))
    with pytest.raises(Conflict):
        peers.trust_peer(peer=peer, fingerprint="0" * 64, actor=second, now=NOW)
    peers.trust_peer(peer=peer, fingerprint=peer.fingerprint, actor=second, now=NOW)
    with pytest.raises(Conflict):
        peers.trust_peer(peer=peer, fingerprint=peer.fingerprint, actor=second, now=NOW)
    with pytest.raises(Conflict) as known:
        peers.propose_peer(file=file(neighbour.card()), actor=administrator, now=NOW)
    assert known.value.code == "peer_known"
    with pytest.raises(Conflict):
        peers.propose_peer(file=file(peers.card_file()), actor=administrator, now=NOW)


def test_a_card_that_was_changed_is_none(neighbour: Neighbour) -> None:
    administrator = people.acting(people.officer(Role.ADMINISTRATOR))
    token = json.loads(neighbour.card())["card"]
    header, payload, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    said["seal"]["x"] = peers.own_card().seal_key["x"]
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    for content in (
        json.dumps({"card": f"{header}.{forged}.{signature}"}).encode(),
        b"{}",
        b"[1]",
        b"\xff",
        b'{"card":1}',
    ):
        with pytest.raises(Invalid) as answer:
            peers.propose_peer(file=file(content), actor=administrator, now=NOW)
        assert answer.value.code == "card_unreadable"


def test_production_without_a_key_exchanges_nothing(settings: Any) -> None:
    settings.LOCAL = False
    client = Client()
    client.force_login(registry.registrar())
    assert "REGISTRY_KEY_FILE" in client.get(reverse("registry:peers")).content.decode()
    assert client.get(reverse("registry:exchange_card")).status_code == 409


def test_on_the_pages(neighbour: Neighbour) -> None:
    administrator, first, second = Client(), Client(), Client()
    administrator.force_login(people.officer(Role.ADMINISTRATOR))
    first.force_login(registry.registrar())
    second.force_login(registry.confirming())
    home = reverse("registry:peers")
    assert administrator.post(home, {"file": file(b"{}")}).status_code == 422
    administrator.post(home, {"file": file(neighbour.card())})
    peer = Peer.objects.get()
    address = reverse("registry:peer", args=[peer.pk])
    assert "列为可信" not in first.get(address).content.decode()
    assert "列为可信" in second.get(address).content.decode()
    assert second.post(address, {"fingerprint": peer.fingerprint}).status_code == 422
    second.post(address, {"fingerprint": peer.fingerprint, "compared": "on"})
    registry.banned()
    export = reverse("registry:export_file", args=[peer.pk])
    assert first.post(export, {"since": "0"}).headers["Content-Type"] == "application/json"
    assert first.post(export, {"since": "99"}).status_code == 302
    content = neighbour.sends(entry())
    page = first.post(reverse("registry:take_file"), {"file": file(content), "dry_run": "on"}).content.decode()
    assert "1 行可列入" in page
    answer = first.post(reverse("registry:take_file"), {"file": file(content)})
    assert answer.headers["Location"] == reverse("registry:intake", args=[Intake.objects.get().pk])
    second.post(reverse("registry:withdraw_peer", args=[peer.pk]))
    assert first.post(reverse("registry:take_file"), {"file": file(content)}).status_code == 422


def test_nobody_lifts_what_another_authority_decided(neighbour: Neighbour) -> None:
    """Not a decision of ours, nor one that came from a third region."""
    trusted(neighbour)
    number = people.resident_number()
    person = people.person(name="王小明", document_number=number)
    ours = registry.case_in_force(person)
    intake = confirmed(
        neighbour.sends(
            entry(),
            entry(act="annulled", authority=ours.authority, case_number=ours.number, document_number=number),
        )
    )
    assert intake.rows.get(outcome="failed").code == "not_theirs"
    assert services.is_barred(person, TODAY) is not None


def test_a_third_region_lifts_nothing_of_a_neighbours(neighbour: Neighbour, settings: Any, tmp_path: Path) -> None:
    trusted(neighbour)
    third = Neighbour(settings, tmp_path / "third.pem")
    with registry_name(settings, "third.example"):
        card = third.card()
    administrator = people.acting(people.officer(Role.ADMINISTRATOR))
    peer = peers.propose_peer(file=file(card), actor=administrator, now=NOW)
    peers.trust_peer(peer=peer, fingerprint=peer.fingerprint, actor=people.acting(registry.confirming()), now=NOW)
    one = entry()
    confirmed(neighbour.sends(one))
    intake = confirmed(third.sends({**one, "act": "annulled"}))
    assert intake.rows.get().code == "not_theirs"
    assert services.current_list_version().entries == 1


@contextmanager
def registry_name(settings: Any, host: str) -> Iterator[None]:
    ours, settings.PUBLIC_BASE_URL = settings.PUBLIC_BASE_URL, f"https://{host}"
    yield
    settings.PUBLIC_BASE_URL = ours


def test_an_officer_named_in_a_list_takes_no_part_in_it(neighbour: Neighbour) -> None:
    trusted(neighbour)
    number = people.resident_number()
    someone = people.person(name="王小明", document_number=number)
    intake = take(neighbour.sends(entry(document_number=number), entry(case_number="京卫禁字〔2026〕2号"))).intake
    assert intake
    second = registry.confirming()
    second.person = someone
    second.save()
    services.confirm_intake(intake=intake, actor=people.acting(second), now=NOW)
    while intake_work.work_on(intake_id=intake.pk, now=NOW):
        pass
    assert intake.rows.get(outcome="failed").code == "own_case"
    assert intake.rows.filter(outcome="taken").count() == 1
