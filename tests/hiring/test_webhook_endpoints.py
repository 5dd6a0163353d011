"""A manager enters, tries and stops the addresses of the institution's own software; nobody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.hiring.models import WebhookDelivery, WebhookEndpoint
from lms.hiring.services import webhooks
from lms.people.models import Organisation
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import people, registry

URL = "http://127.0.0.1:18080/alerts"
NOW = registry.ENTERED


@pytest.fixture
def institution(settings: Any) -> Organisation:
    settings.DEBUG = True  # this machine is an address
    return people.institution()


def added(institution: Organisation, url: str = URL, **more: Any) -> WebhookEndpoint:
    actor = people.acting(people.manager_of(institution))
    return webhooks.add_endpoint(organisation=institution, url=url, **{"actor": actor, "now": NOW, **more})[0]


def test_the_secret_is_kept_encrypted(institution: Organisation) -> None:
    actor = people.acting(people.manager_of(institution))
    endpoint, secret = webhooks.add_endpoint(organisation=institution, url=URL, actor=actor, now=NOW)
    assert secret.startswith("whsec_")
    assert secret not in endpoint.ciphertext
    told = AuditEvent.objects.get(verb="webhook.added")
    assert secret not in str(told.changes)


def test_once_and_not_too_many(institution: Organisation) -> None:
    endpoint = added(institution)
    with pytest.raises(Invalid) as refused:
        added(institution)
    assert refused.value.code == "endpoint_known"
    for number in range(webhooks.MOST_ENDPOINTS - 1):
        added(institution, f"{URL}/{number}")
    with pytest.raises(Conflict) as full:
        added(institution, f"{URL}/more")
    assert full.value.code == "too_many_endpoints"
    actor = people.acting(people.manager_of(institution))
    for _twice in range(2):
        webhooks.disable_endpoint(endpoint=endpoint, actor=actor, now=NOW)
    assert AuditEvent.objects.filter(verb="webhook.disabled").count() == 1
    added(institution)
    with pytest.raises(Conflict):
        webhooks.ping(endpoint=endpoint, actor=actor, now=NOW)


def test_nobody_else(institution: Organisation) -> None:
    endpoint = added(institution)
    stranger = people.acting(people.manager_of(people.institution()))
    checker = people.acting(people.member(institution, "institution_checker"))
    for actor, refusal in ((stranger, NotFound), (checker, NotAllowed)):
        for verb in (webhooks.ping, webhooks.disable_endpoint):
            with pytest.raises(refusal):
                verb(endpoint=endpoint, actor=actor, now=NOW)
        with pytest.raises(refusal):
            added(institution, URL + "/2", actor=actor)


def test_stopped_what_was_on_its_way_is_given_up(institution: Organisation) -> None:
    endpoint, actor = added(institution), people.acting(people.manager_of(institution))
    delivery = webhooks.ping(endpoint=endpoint, actor=actor, now=NOW)
    with pytest.raises(Conflict) as refused:
        webhooks.resend(delivery=delivery, actor=actor, now=NOW)
    assert refused.value.code == "on_its_way"
    webhooks.disable_endpoint(endpoint=endpoint, actor=actor, now=NOW)
    delivery.refresh_from_db()
    assert delivery.state == WebhookDelivery.State.GIVEN_UP


def test_the_pages(institution: Organisation, settings: Any) -> None:
    client, stranger = Client(), Client()
    client.force_login(people.manager_of(institution))
    stranger.force_login(people.manager_of(people.institution()))
    page = client.post(reverse("hiring:webhooks"), {"url": URL})
    assert page.status_code == 201
    assert "whsec_" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert client.post(reverse("hiring:webhooks"), {"url": URL}).status_code == 422
    endpoint = WebhookEndpoint.objects.get()
    address, act = reverse("hiring:webhook", args=[endpoint.pk]), reverse("hiring:webhook_act", args=[endpoint.pk])
    listed = client.get(reverse("hiring:webhooks")).content.decode()
    assert address in listed
    assert "whsec_" not in listed + client.get(address).content.decode()
    assert reverse("hiring:webhooks") in client.get(reverse("hiring:alerts")).content.decode()
    client.post(act, {"act": "ping"})
    delivery = WebhookDelivery.objects.get()
    assert str(delivery.pk) in client.get(address).content.decode()
    assert client.get(address, {"format": "xlsx"}).content.startswith(b"PK")
    for method in (stranger.get, stranger.post):
        assert method(address).status_code == 404
    assert stranger.post(act, {"act": "disable"}).status_code == 404
    client.post(act, {"act": "resend", "delivery": str(delivery.pk)})
    client.post(act, {"act": "disable"})
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is not None
