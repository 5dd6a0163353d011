"""Who looks people up is looked at too: a strange pattern on the bureau's desk, one explained, a dispute answered; and
an institution whose own software hears of alerts, when it is up.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from lms.demo.calendar import at
from lms.demo.load.screening import BANNED, HER_EMPLOYER, HER_INSTITUTION, SHANGHAI, ask_about, asking
from lms.demo.load.world import World
from lms.demo.numbers import resident_number
from lms.hiring.models import LookUpAlert, WebhookDelivery, WebhookEndpoint
from lms.hiring.services import answer_dispute, check_person, decide_alert, dispute_check, look_ups
from lms.hiring.services.deliveries import FIRST_WAIT
from lms.hiring.services.webhooks import ping
from lms.people import vault
from lms.people.models import Role

# Nobody can own it, so nothing of the demonstration ever arrives anywhere.
ADDRESS = "https://hr.hemiao.example/hooks/tuoyu"
WATCHED, DISPUTING = "lina", "zhaomin"
HOURS = ((9, 10), (11, 40), (14, 5), (16, 30), (18, 20))
# One applicant's number, and three readings of a name written by hand.
READINGS = ("郝晓虹", "郝小红", "郝晓红")
APPLICANT_NUMBER = resident_number(home="330204", born=date(1994, 2, 17), sex="F", sequence=380)
RETRIED = 11  # the next attempt is some hours away


def plan(world: World) -> None:
    agenda, today = world.agenda, world.today
    agenda.add(at(world.day(0.6), 9), partial(_connect, world))
    agenda.add(at(today - timedelta(days=21), 10), partial(_three_readings, world))
    agenda.add(at(today - timedelta(days=17), 15), partial(_answered, world))
    agenda.add(at(today - timedelta(days=2), 8), partial(_one_person_again_and_again, world))
    agenda.add(world.now - timedelta(hours=6), partial(_deliveries, world))


def _watched(now: datetime) -> LookUpAlert:
    (alert,) = look_ups.watch(now=now)
    return alert


def _one_person_again_and_again(world: World, now: datetime) -> None:
    """Somebody who works elsewhere is looked up five times in a day; the bureau has not asked why yet."""
    for hour, minute in HOURS:
        when = at(now.date(), hour, minute)
        world.agenda.add(when, partial(ask_about, world, HER_INSTITUTION, WATCHED, "hiring"))
    world.agenda.add(at(now.date(), 19), _watched)


def _three_readings(world: World, now: datetime) -> None:
    for name, minutes in zip(READINGS, (0, 3, 7), strict=True):
        check_person(
            **asking(world, "sh-chunya"),
            name=name,
            document_type="resident_id",
            document_number=APPLICANT_NUMBER,
            purpose="hiring",
            now=now + timedelta(minutes=minutes),
        )
    decide_alert(
        alert=_watched(now + timedelta(minutes=30)),
        verdict="explained",
        reason="已电话核实：应聘登记表字迹不清，录入时三次更正姓名，有本人签字的同意书",
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now + timedelta(hours=5),
    )


def _answered(world: World, now: datetime) -> None:
    """Looked up without having agreed: she is right, and the institution is told."""
    check = ask_about(world, "sh-chunya", DISPUTING, "transfer", now)
    dispute = dispute_check(
        checked=check,
        ground="no_consent",
        statement="我没有打算调动，也没有签过同意书，请问是谁提供了我的证件号码？",
        actor=world.actor(DISPUTING),
        now=now + timedelta(days=1),
    )
    answer_dispute(
        dispute=dispute,
        upheld=True,
        reason="经核实，该机构未能提供您的同意书。已责令其整改，并提醒今后核查前取得书面同意",
        actor=world.officer(Role.REGISTRAR, SHANGHAI),
        now=now + timedelta(days=3),
    )


def _connect(world: World, now: datetime) -> None:
    """The address is written down here: the verb asks the name service for it, and a demonstration needs no network."""
    manager = world.actor(HER_EMPLOYER, Role.INSTITUTION_MANAGER)
    sealed = vault.seal("whsec_ZGVtb25zdHJhdGlvbi1vbmx5LW5vdC1hLXNlY3JldC0=")
    endpoint = WebhookEndpoint.objects.create(
        organisation=world.bodies[HER_INSTITUTION],
        url=ADDRESS,
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        created_by=manager.label,
        created_at=now,
    )
    tried = ping(endpoint=endpoint, actor=manager, now=now + timedelta(minutes=2))
    _sent(tried, now + timedelta(minutes=2, seconds=1))


def _deliveries(world: World, now: datetime) -> None:
    """The alert about the perpetrator has arrived; the one about her manager meets a receiver that is down."""
    rows = WebhookDelivery.objects.filter(
        endpoint__organisation=world.bodies[HER_INSTITUTION], kind=WebhookDelivery.Kind.ALERT
    )
    hers = rows.get(alert__employment__person=world.person(BANNED))
    _sent(hers, hers.created_at + timedelta(seconds=2))
    rows.exclude(pk=hers.pk).update(
        attempts=RETRIED, last_error="HTTP 503", next_attempt_at=hers.created_at + FIRST_WAIT * (2 ** (RETRIED + 1) - 1)
    )


def _sent(delivery: WebhookDelivery, at_time: datetime) -> None:
    one = WebhookDelivery.objects.filter(pk=delivery.pk)
    one.update(state=WebhookDelivery.State.SENT, attempts=1, sent_at=at_time)
