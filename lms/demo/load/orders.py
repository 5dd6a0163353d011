"""Certificates ordered for many: a college certifies those who finished its two courses for newcomers.

Whoever has passed one of them only is told what is missing; the order is finished, its papers are ready to be printed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from certificates.models import Rule
from certificates.services import plan_batch, start_batch
from certificates.services.batches import work_on
from certificates.services.choosing import Selection
from certificates.services.type_editing import Wanted, create_type
from lms.demo.load.world import World
from lms.people.models import Post, Role

COLLEGE = "kaifang-daxue"
COURSES = ("safe-sleep", "mandatory-reporting")


def plan(world: World) -> None:
    world.agenda.add(world.now - timedelta(days=2, hours=3), partial(_order, world))


def _order(world: World, now: datetime) -> None:
    publisher = world.member(COLLEGE, Role.COLLEGE_PUBLISHER)
    kind = create_type(
        rule=Rule.POST,
        issuer=world.bodies[COLLEGE],
        title="新入职保育人员安全培训合格证书",
        title_en="Certificate of Safety Training for New Caregivers",
        serial_prefix="NEW",
        validity_months=None,
        wanted=Wanted(post=Post.CAREGIVER, courses=tuple(world.releases[course].course_id for course in COURSES)),
        automatic=False,
        actor=publisher,
        now=now,
    )
    drafted = now + timedelta(minutes=8)
    batch = plan_batch(type=kind, selection=Selection(), actor=publisher, now=drafted)
    started = drafted + timedelta(minutes=3)
    start_batch(batch=batch, actor=publisher, now=started)
    while work_on(batch_id=batch.pk, now=started):
        pass
