"""Dated bans begin and end on days of their own: a court may bar somebody from the end of a sentence on.

Whether a ban acts is worked out from its dates whenever anybody asks; nothing here makes it true. What has to happen once
happens here: the list gets a version, and when a ban begins the rooms above withdraw what a barred person may not have and
tell employers, exactly as when a case comes into force. What is due is what has no line in the log yet, so a day that was
missed is made up for, and a worker that was killed leaves nothing half done.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import About, record_many
from lms.people.services import tell_person
from lms.registry import signals
from lms.registry.models import BanCase, BanKind, BanState, BanSubject, CaseState, ListAct, ListLeaf
from lms.registry.querysets import BanSubjectQuerySet
from lms.registry.services import versions
from lms.registry.services.listing import barred_ids
from lms.registry.services.subjects import settle

JOB = Actor.system("ban-days")
AT_ONCE = 50  # subjects in one transaction


def turn_bans(*, now: datetime) -> int:
    """Let every ban begin whose first day has come, and end whose last day is over (Asia/Shanghai). Returns how many.

    A ban that was missed until it was over begins and ends in the list; the rooms above hear nothing of it any more.
    """
    today, turned = timezone.localdate(now), 0
    while to_begin(today).exists() or to_end(today).exists():
        some = _turn_some(today, now)
        if not some:
            break
        turned += some
    return turned


def to_begin(on: date) -> BanSubjectQuerySet:
    """Bans of cases in force that were to begin later, have begun by ``on``, and of which the list does not say so."""
    entered = ListLeaf.objects.filter(subject=OuterRef("pk"), act=ListAct.ENTERED)
    later = entered.filter(state__at__date__lt=OuterRef("from_date"))
    return _dated(ListAct.BEGAN).filter(Exists(later), from_date__lte=on)


def to_end(on: date) -> BanSubjectQuerySet:
    """Dated bans of cases in force that are over on ``on``, and of which the list does not say so."""
    return _dated(ListAct.ENDED).filter(until__lt=on)


def _dated(act: str) -> BanSubjectQuerySet:
    told = ListLeaf.objects.filter(subject=OuterRef("pk"), act=act)
    found: BanSubjectQuerySet = BanSubject.objects.listed().filter(~Exists(told), kind=BanKind.DATED)
    return found.select_related("person", "case").order_by("case_id", "pk")


@transaction.atomic
def _turn_some(today: date, now: datetime) -> int:
    """Some of what is due, in one version. The list is held before it is asked: of two workers one finds nothing left."""
    versions.hold_list()
    begun = settle(list(to_begin(today)[:AT_ONCE]))
    ended = list(to_end(today)[:AT_ONCE])
    cases = {subject.case_id for subject in (*begun, *ended)}
    states = {row.case_id: row for row in BanState.objects.filter(case__in=cases, state=CaseState.IN_FORCE)}
    acts = [(ListAct.BEGAN, subject) for subject in begun] + [(ListAct.ENDED, subject) for subject in ended]
    if acts:
        versions.append_lines([(act, subject, states[subject.case_id]) for act, subject in acts], now=now)
    record_many(verb="ban_subject.began", actor=JOB, now=now, about=_about(begun))
    record_many(verb="ban_subject.ended", actor=JOB, now=now, about=_about(ended))
    for case, subjects in _by_case([subject for subject in begun if subject.would_act(today)]):
        signals.ban_in_force.send(BanCase, state=states[case.pk], case=case, subjects=subjects, actor=JOB, now=now)
    acted = [one for one in ended if one.until and one.until >= timezone.localdate(states[one.case_id].at)]
    _tell_who_is_free(acted, today, now)
    return len(acts)


def _about(subjects: Sequence[BanSubject]) -> list[About]:
    return [
        About(subject, subject.person_id, {"from": subject.from_date, "until": subject.until}) for subject in subjects
    ]


def _by_case(subjects: Sequence[BanSubject]) -> Iterator[tuple[BanCase, list[BanSubject]]]:
    for _key, some in groupby(subjects, key=lambda subject: subject.case_id):
        of_case = list(some)
        yield of_case[0].case, of_case


def _tell_who_is_free(ended: Sequence[BanSubject], today: date, now: datetime) -> None:
    """What a ban took does not come back when it ends: it was right while it lasted."""
    free = {subject.person_id for subject in ended if subject.person_id}
    free -= barred_ids([key for key in free if key], today)
    for subject in ended:
        if subject.person is not None and subject.person_id in free:
            tell_person(
                person=subject.person,
                code="ban.ended",
                title=_("您的限期禁入已届满：%(number)s") % {"number": subject.case.number},
                body=_("从今天起可以重新报名学习、考取证书并应聘。因该决定撤销的证书不再恢复。"),
                url=reverse("people:inbox"),
                dedupe_key=f"ended:{subject.pk}",
                mail=True,
                now=now,
            )
