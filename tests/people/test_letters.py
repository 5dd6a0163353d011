"""E-mail leaves by a worker: what the mail server does not take today it gets later, and nobody waits for it."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from lms.audit import work
from lms.people import services
from lms.people.letters import ATTEMPTS_AT_MOST, post_due, wait_after
from lms.people.models import Letter, Role, User
from tests.factories import people as make

pytestmark = pytest.mark.django_db
NOW = make.LONG_AGO
NEWS: dict[str, Any] = {
    "code": "course.returned",
    "title": "课程“安全\n睡眠”被退回",
    "body": "请补充巡视间隔",
    "url": "/cms/",
    "now": NOW,
}
State = Letter.State


def reachable(address: str = "zhouruoning@example.org") -> User:
    user = make.practitioner()
    User.objects.filter(pk=user.pk).update(email=address)
    return User.objects.get(pk=user.pk)


def test_a_letter_says_what_the_message_says_and_leaves_once() -> None:
    services.tell(user=reachable(), mail=True, **NEWS)
    assert not mail.outbox
    assert post_due(now=NOW) == 1
    assert post_due(now=NOW + timedelta(days=1)) == 0
    (letter,) = mail.outbox
    assert letter.to == ["zhouruoning@example.org"]
    assert letter.subject == "课程“安全 睡眠”被退回"
    assert "请补充巡视间隔" in letter.body
    assert "http://127.0.0.1:8000/cms/" in letter.body
    row = Letter.objects.get()
    assert (row.state, row.attempts, row.sent_at) == (State.SENT, 1, NOW)


def test_who_left_no_address_or_did_not_ask_for_mail_gets_none() -> None:
    services.tell(user=make.practitioner(), mail=True, **NEWS)
    services.tell(user=reachable(), **NEWS)
    assert not Letter.objects.exists()


def test_told_twice_is_mailed_once() -> None:
    user = reachable()
    for _ in range(2):
        services.tell_users(users=[user.pk], dedupe_key="release:1", mail=True, **NEWS)
    assert Letter.objects.count() == 1


def test_a_thousand_are_told_in_four_queries(django_assert_max_num_queries: Any) -> None:
    users = [reachable(f"user{number}@example.org").pk for number in range(5)]
    with django_assert_max_num_queries(4):
        assert services.tell_users(users=users, mail=True, **NEWS) == 5
    assert Letter.objects.count() == 5


def test_members_are_mailed_too() -> None:
    institution = make.institution()
    User.objects.filter(pk=make.manager_of(institution).pk).update(email="manager@example.org")
    roles = [Role.INSTITUTION_MANAGER]
    services.tell_members(organisation=institution, roles=roles, mail=True, **NEWS)
    assert post_due(now=NOW) == 1


@pytest.mark.parametrize("failure", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected()])
def test_a_mail_server_that_is_away_loses_nothing(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    for _ in range(2):
        services.tell(user=reachable(f"user{_}@example.org"), mail=True, **NEWS)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", _raising(failure))
        assert post_due(now=NOW) == 0
    # It stopped at the first: nobody is there.
    assert sorted(Letter.objects.values_list("attempts", flat=True)) == [0, 1]
    later = NOW + wait_after(1)
    assert post_due(now=later) == 2
    assert not Letter.objects.exclude(state=State.SENT).exists()


def test_an_address_the_server_refuses_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    services.tell(user=reachable("nobody@example.org"), mail=True, **NEWS)
    with monkeypatch.context() as broken:
        refused = smtplib.SMTPRecipientsRefused({"nobody@example.org": (550, b"unknown")})
        broken.setattr(EmailBackend, "send_messages", _raising(refused))
        post_due(now=NOW)
    row = Letter.objects.get()
    assert (row.state, row.last_error) == (State.GIVEN_UP, "SMTPRecipientsRefused")


def test_it_is_given_up_some_day(monkeypatch: pytest.MonkeyPatch) -> None:
    services.tell(user=reachable(), mail=True, **NEWS)
    Letter.objects.update(attempts=ATTEMPTS_AT_MOST - 1)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", _raising(TimeoutError()))
        post_due(now=NOW)
    assert Letter.objects.get().state == State.GIVEN_UP


def test_a_worker_that_died_lets_the_letter_go() -> None:
    services.tell(user=reachable(), mail=True, **NEWS)
    Letter.objects.update(taken_until=NOW + timedelta(seconds=45))
    assert post_due(now=NOW) == 0
    assert post_due(now=NOW + timedelta(seconds=46)) == 1


def test_an_account_that_was_closed_is_not_written_to() -> None:
    user = reachable()
    services.tell(user=user, mail=True, **NEWS)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert post_due(now=NOW) == 0
    assert (Letter.objects.get().state, mail.outbox) == (State.GIVEN_UP, [])


def _raising(error: Exception) -> Any:
    def send(*args: object) -> int:
        raise error

    return send


def test_an_address_no_mail_can_be_sent_to_keeps_nobody_elses_letter() -> None:
    services.tell(user=reachable("x@" + "é" * 62 + ".com"), mail=True, **NEWS)
    services.tell(user=reachable("liangzhiyuan@example.org"), mail=True, **NEWS)
    assert post_due(now=NOW) == 1
    assert sorted(Letter.objects.values_list("state", flat=True)) == sorted([State.GIVEN_UP, State.SENT])


def test_a_letter_is_held_from_when_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server took half a minute over the one before; nobody else may take up this one meanwhile."""
    clock, held = [0.0], []
    real = EmailBackend.send_messages

    def slow(self: EmailBackend, messages: Any) -> int:
        clock[0] += 30
        held.append(Letter.objects.exclude(taken_until=None).get().taken_until)
        return real(self, messages)

    for number in range(2):
        services.tell(user=reachable(f"reader{number}@example.org"), mail=True, **NEWS)
    monkeypatch.setattr(work, "monotonic", lambda: clock[0])
    monkeypatch.setattr(EmailBackend, "send_messages", slow)
    assert post_due(now=NOW) == 2
    assert held[1] - held[0] == timedelta(seconds=30)
