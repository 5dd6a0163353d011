"""A registrar who can't tell asks for a paper; the institution hands it in, once, and nobody else reads it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from lms.hiring import services
from lms.hiring.models import Check, DocumentRequest
from lms.people.models import Message
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from tests.factories import hiring, matches, people, registry
from tests.factories.documents import archived_files
from tests.factories.registry import decision_file

LATER = hiring.ASKED + timedelta(hours=5)


def asked(check: Check, what: str = "旧护照首页") -> DocumentRequest:
    officer = people.acting(registry.registrar())
    return services.ask_for_document(checked=check, what=what, actor=officer, now=LATER)


def handed(request: DocumentRequest, **more: object) -> object:
    actor = people.acting(people.manager_of(request.checked.institution))
    terms = {"file": decision_file(), "actor": actor, "now": LATER, **more}
    return services.hand_in_document(request=request, **terms)  # type: ignore[arg-type]


def test_asked_and_handed_in_both_hear_it() -> None:
    check = matches.possible()
    request = asked(check)
    manager = people.manager_of(check.institution)
    assert "旧护照首页" in Message.objects.get(user=manager, code="check.document_asked").body
    assert services.open_request(check) == request
    handed(request)
    assert services.open_request(check) is None
    assert Message.objects.filter(code="check.document_handed_in").exists()
    assert asked(check, "更名证明").number == 2


@pytest.mark.parametrize("twice", ["ask", "hand"])
def test_once(twice: str) -> None:
    request = asked(matches.possible())
    if twice == "ask":
        with pytest.raises(Conflict) as refused:
            asked(request.checked)
        assert refused.value.code == "asked_already"
    else:
        handed(request)
        with pytest.raises(Conflict) as refused:
            handed(request)
        assert refused.value.code == "handed_already"


def test_of_a_paper_that_came_second_no_file_is_left() -> None:
    request = asked(matches.possible())
    before = archived_files("review-document")
    handed(request)
    with pytest.raises(Conflict):
        handed(request, file=decision_file("photo.pdf"))
    assert len(archived_files("review-document") - before) == 1


def test_who_may_not() -> None:
    check = matches.possible()
    for actor, refusal in (
        (people.acting(people.manager_of(check.institution)), NotAllowed),
        (people.acting(registry.registrar(people.BEIJING)), NotFound),
    ):
        with pytest.raises(refusal):
            services.ask_for_document(checked=check, what="护照", actor=actor, now=LATER)
    with pytest.raises(Invalid):
        asked(check, " ")
    request = asked(check)
    with pytest.raises(NotFound):
        handed(request, actor=people.acting(people.manager_of(people.institution())))


def test_not_after_the_decision() -> None:
    check = matches.possible()
    request = asked(check)
    officer = people.acting(registry.registrar())
    services.decide_review(checked=check, outcome="clear", reason="不同人", actor=officer, now=LATER)
    assert services.open_request(check) is None
    for late in (lambda: handed(request), lambda: asked(check)):
        with pytest.raises(Refusal) as refused:
            late()
        assert refused.value.code == "decided_already"


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_the_way_through_the_pages() -> None:
    check = matches.possible()
    officer, employer = signed_in(registry.registrar()), signed_in(people.manager_of(check.institution))
    page = officer.get(reverse("hiring:review", args=[check.pk])).content.decode()
    assert reverse("hiring:ask_document", args=[check.pk]) in page
    officer.post(reverse("hiring:ask_document", args=[check.pk]), {"what": "旧护照首页"})
    hand_in = reverse("hiring:hand_in", args=[check.pk])
    assert hand_in in employer.get(reverse("hiring:check", args=[check.pk])).content.decode()
    assert "旧护照首页" in employer.get(hand_in).content.decode()
    assert employer.post(hand_in, {"file": decision_file(), "note": "原件已核对"}).status_code == 302
    paper = DocumentRequest.objects.get().answer.document
    address = reverse("hiring:handed", args=[check.pk, paper.pk])
    assert address in officer.get(reverse("hiring:review", args=[check.pk])).content.decode()
    assert officer.get(address).content.startswith(b"%PDF-")
    assert employer.get(address).status_code == 200
    assert signed_in(people.manager_of(people.institution())).get(address).status_code == 404
    assert signed_in(registry.registrar(people.BEIJING)).get(address).status_code == 404
    assert employer.get(hand_in).status_code == 302


def test_a_second_registrar_revokes_on_the_page() -> None:
    check = matches.possible()
    first = registry.registrar()
    services.decide_review(checked=check, outcome="clear", reason="不同人", actor=people.acting(first), now=LATER)
    revoke = reverse("hiring:revoke_decision", args=[check.pk])
    assert revoke not in signed_in(first).get(reverse("hiring:review", args=[check.pk])).content.decode()
    second = signed_in(registry.confirming())
    assert revoke in second.get(reverse("hiring:review", args=[check.pk])).content.decode()
    assert second.post(revoke, {"reason": "照片系他人"}).status_code == 302
    page = second.get(reverse("hiring:review", args=[check.pk])).content.decode()
    assert "照片系他人" in page
    employer = signed_in(people.manager_of(check.institution))
    assert "重新核查" in employer.get(reverse("hiring:check", args=[check.pk])).content.decode()
