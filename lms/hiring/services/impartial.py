"""Nobody decides about themselves (回避): a registrar whom a check concerns leaves it to another one."""

from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.hiring.models import Check
from lms.people.models import IdentityDocument
from lms.rules.refusals import NotAllowed


def require_impartial(checked: Check, actor: Actor) -> None:
    """Refuse ``own_check``: the officer holds the number that was asked about, or is somebody it might mean."""
    if actor.person_id is None:
        return
    holds = IdentityDocument.objects.filter(person=actor.person_id, blind_index=checked.blind_index)
    meant = checked.candidates.filter(subject__person=actor.person_id)
    if checked.person_id == actor.person_id or holds.exists() or meant.exists():
        raise NotAllowed("own_check", _("核查涉及本人，应当回避，请由其他工作人员办理。"))
