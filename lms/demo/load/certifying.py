"""Certificates that colleges give in their own name: for a programme, for a post with a sheet of its own, for teachers.

They are set up before anybody learns, so that whoever passes the last course of the post is certified on that day, on the
sheet that was the newest then.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from certificates.models import Accent, CertificateType, Rule, TemplatePicture
from certificates.services.designs import first_design, publish_template
from certificates.services.pictures import add_picture
from certificates.services.type_editing import Wanted, create_type
from lms.demo.calendar import at
from lms.demo.load.world import World
from lms.people.models import Post, Role

OPEN_UNIVERSITY, VOCATIONAL, BASE = "kaifang-daxue", "zhiye-xueyuan", "shixun-jidi"
PAPER = "#FFFFFF"
LEAF = 640  # pixels of the logo's height


def plan(world: World) -> None:
    moment = at(world.opens, 10) + timedelta(days=12)
    world.agenda.add(moment, partial(_programme, world))
    world.agenda.add(moment + timedelta(hours=1), partial(_post, world))
    world.agenda.add(moment + timedelta(hours=4), partial(_trainers, world))


def _programme(world: World, now: datetime) -> None:
    create_type(
        rule=Rule.PROGRAMME,
        issuer=world.bodies[VOCATIONAL],
        title="在岗培训计划结业证书",
        title_en="Certificate of Programme Completion",
        serial_prefix="PRG",
        validity_months=None,
        wanted=Wanted(),
        automatic=True,
        actor=world.member(VOCATIONAL, Role.COLLEGE_PUBLISHER),
        now=now,
    )


def _post(world: World, now: datetime) -> None:
    """Two courses of practice, taken at this college within two years; a second version of the sheet corrects the first."""
    college, publisher = world.bodies[OPEN_UNIVERSITY], world.member(OPEN_UNIVERSITY, Role.COLLEGE_PUBLISHER)
    courses = ("comprehensive-care-practice", "emergency-care-practice")
    kind = create_type(
        rule=Rule.POST,
        issuer=college,
        title="保育人员岗位培训合格证书",
        title_en="Certificate of Post Training for Caregivers",
        serial_prefix="PST",
        validity_months=24,
        wanted=Wanted(
            post=Post.CAREGIVER,
            courses=tuple(world.releases[slug].course_id for slug in courses),
            within_months=24,
        ),
        automatic=True,
        actor=publisher,
        now=now,
    )
    file = ContentFile(_logo(), name="logo.png")
    logo = add_picture(issuer=college, name="校徽", file=file, actor=publisher, now=now)
    for number, note in enumerate(("首版", "页脚补印补办办法")):
        moment = now + timedelta(minutes=20 + 35 * number)
        _publish(world, kind=kind, logo=logo, after=number, note=note, now=moment)


def _publish(
    world: World, *, kind: CertificateType, logo: TemplatePicture, after: int, note: str, now: datetime
) -> None:
    design = first_design(kind)
    foot = {"foot": "遗失请凭身份证件到发证单位补办", "foot_en": "If lost, apply to the issuer for another copy"}
    publish_template(
        type=kind,
        issuer=world.bodies[OPEN_UNIVERSITY],
        design=replace(design, accent=Accent.INDIGO, logo=logo, texts={**design.texts, **(foot if after else {})}),
        after=after,
        note=note,
        actor=world.member(OPEN_UNIVERSITY, Role.COLLEGE_PUBLISHER),
        now=now,
    )


def _trainers(world: World, now: datetime) -> None:
    courses = ("choking-first-aid", "own-mental-health")
    create_type(
        rule=Rule.TRAINERS,
        issuer=world.bodies[BASE],
        title="托育培训师资合格证书",
        title_en="Certificate for Trainers of Childcare Practitioners",
        serial_prefix="TOT",
        validity_months=36,
        wanted=Wanted(courses=tuple(world.releases[slug].course_id for slug in courses)),
        automatic=True,
        actor=world.member(BASE, Role.COLLEGE_PUBLISHER),
        now=now,
    )


def _logo() -> bytes:
    """Two leaves on a disc: the same bytes each time they are drawn."""
    picture = Image.new("RGBA", (LEAF, LEAF), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((8, 8, LEAF - 8, LEAF - 8), fill="#2F4B7C")
    for turn in (35, -35):
        leaf = Image.new("RGBA", (LEAF, LEAF), (0, 0, 0, 0))
        shape = ImageDraw.Draw(leaf)
        shape.ellipse((LEAF * 0.39, LEAF * 0.16, LEAF * 0.61, LEAF * 0.62), fill=PAPER)
        shape.line((LEAF / 2, LEAF * 0.3, LEAF / 2, LEAF * 0.84), fill=PAPER, width=14)
        picture.alpha_composite(leaf.rotate(turn, resample=Image.Resampling.BICUBIC, center=(LEAF / 2, LEAF * 0.8)))
    output = io.BytesIO()
    picture.resize((LEAF // 2, LEAF // 2), Image.Resampling.LANCZOS).save(output, "PNG", optimize=True)
    return output.getvalue()
