"""Registrars have the policy's working days; what is overdue is told once, also to the bureau above."""

from datetime import date, timedelta

from django.utils import timezone

from lms.hiring import services
from lms.hiring.models import Review
from lms.hiring.services import clock
from lms.people.models import Message
from tests.factories import hiring, matches, people, policy, registry
from tests.factories.registry import decision_file


def day_of(review: Review) -> date:
    return timezone.localdate(review.due_at)


def test_the_policys_working_days() -> None:
    check = matches.possible()  # a Tuesday
    assert policy.shanghai_pack().hiring.review_working_days == 3
    assert day_of(check.review) == date(2026, 3, 13)
    friday = matches.asked(now=hiring.ASKED + timedelta(days=3), passport="E11112222")
    assert day_of(friday.review) == date(2026, 3, 18)


def test_overdue_is_told_once() -> None:
    check, officer = matches.possible(), registry.registrar()
    due = check.review.due_at
    assert clock.escalate(now=due) == 0
    assert clock.escalate(now=due + timedelta(seconds=2)) == 1
    assert clock.escalate(now=due + timedelta(days=2)) == 0
    told = Message.objects.filter(user=officer, code="check.review_overdue")
    assert [message.urgent for message in told] == [True]


def test_the_bureau_above_hears_it_too() -> None:
    district, city = registry.registrar(people.PUDONG), registry.registrar()
    check = matches.possible()
    clock.escalate(now=check.review.due_at + timedelta(seconds=2))
    for officer in (district, city):
        assert Message.objects.filter(user=officer, code="check.review_overdue").count() == 1


def test_decided_nothing_is_overdue() -> None:
    check = matches.possible()
    services.decide_review(
        checked=check, outcome="clear", reason="不同人", actor=people.acting(registry.registrar()), now=hiring.ASKED
    )
    assert clock.escalate(now=check.review.due_at + timedelta(days=9)) == 0


def test_the_clock_stands_while_a_document_is_owed() -> None:
    check = matches.possible()
    due = check.review.due_at
    request = services.ask_for_document(
        checked=check, what="旧护照", actor=people.acting(registry.registrar()), now=hiring.ASKED + timedelta(days=1)
    )
    assert clock.escalate(now=due + timedelta(days=3)) == 0
    services.hand_in_document(
        request=request,
        file=decision_file(),
        actor=people.acting(people.manager_of(check.institution)),
        now=hiring.ASKED + timedelta(days=7),  # the Tuesday after
    )
    review = Review.objects.get(checked=check)
    assert review.waiting_since is None
    assert day_of(review) == date(2026, 3, 19)  # two working days were left
