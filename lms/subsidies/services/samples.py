"""Drawing lines for a close look. The seed is the machine's, so nobody chooses whom to look at, and it is recorded."""

import secrets
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Role
from lms.rules import sampling
from lms.rules.refusals import Invalid
from lms.subsidies.models import Claim, Sample
from lms.subsidies.services.decisions import IN_AUDIT
from lms.subsidies.services.steps import locked, require_state, require_user


@transaction.atomic
def draw_sample(*, claim: Claim, share: Decimal, actor: Actor, now: datetime, seed: str = "") -> Sample:
    """Draw a share (0 < share ≤ 1) of the current lines, rounded up. Once an assembly: again gives the same sample.

    ``seed`` is drawn by the machine; to give one is for re-drawing an old sample in a test or a rehearsal.
    """
    officer = require_user(actor, Role.BUREAU_AUDITOR)
    if not 0 < share <= 1:
        raise Invalid("share_out_of_range", _("抽样比例须大于 0、不超过 100%%。"), field="share")
    held = locked(claim, actor)
    require_state(held, IN_AUDIT)
    existing = held.samples.filter(assembly=held.assembly).first()
    if existing:
        return existing
    seed = seed or secrets.token_hex(16)
    ids = [str(pk) for pk in held.lines.current().values_list("pk", flat=True)]
    drawn = list(sampling.sample(ids, seed, share))
    row = Sample.objects.create(
        claim=held, assembly=held.assembly, seed=seed, share=share, line_ids=drawn, drawn_by_id=officer, at=now
    )
    changes = {"seed": seed, "share": share, "lines": len(drawn), "of": len(ids)}
    record(verb="claim.sampled", actor=actor, now=now, subject=held, changes=changes)
    return row


def drawn_again(sample: Sample) -> bool:
    """Whether the recorded seed draws the recorded lines."""
    lines = sample.claim.lines.filter(assembly=sample.assembly).values_list("pk", flat=True)
    again = sampling.sample((str(pk) for pk in lines), sample.seed, sample.share)
    return bool(list(again) == sample.line_ids)
