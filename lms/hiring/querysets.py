"""Words for asking about checks and alerts."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from lms.audit.actors import Actor
from lms.people.querysets import in_region
from lms.registry.querysets import REGISTRAR_ROLES

if TYPE_CHECKING:
    from lms.hiring.models import BanAlert, BatchUpload, Check, CheckBatch, CheckDispute, LookUpAlert  # noqa: F401


# Rules of a check that was answered by what registrars had said before.
SAME, DIFFERENT = "registrar_same", "registrar_different"
REMEMBERED = (SAME, DIFFERENT)


def _withdrawn(at: str) -> Exists:
    """A word that answered the check was taken back since."""
    from lms.hiring.models import RememberedAnswer

    taken_back = RememberedAnswer.objects.filter(pair__decision__revocation__isnull=False)
    return Exists(taken_back.filter(checked=OuterRef(f"{at}pk")))


def _annulled() -> Exists:
    from lms.registry.models import BanState

    return Exists(BanState.objects.filter(case_id=OuterRef("state__case_id"), state="annulled"))


def _ended() -> Exists:
    from lms.registry.models import ListAct, ListLeaf

    return Exists(ListLeaf.objects.filter(subject_id=OuterRef("subject_id"), act=ListAct.ENDED))


class CheckQuerySet(models.QuerySet["Check"]):
    def visible_to(self, actor: Actor) -> "CheckQuerySet":
        """Only for the organisation that asked; officers of its region; the person looked up."""
        if actor.is_system:
            return self
        own = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=[])
        if actor.role in REGISTRAR_ROLES:
            return self.filter(own | in_region("institution__region_code", actor.region_code))
        if actor.role in {"institution_checker", "institution_manager", "api_key"}:
            return self.filter(own | Q(institution_id=actor.organisation_id))
        return self.filter(own)

    def saying(self, outcome: str, at: str = "") -> Q:
        """Checks whose ``effective_outcome`` it is; ``at`` is the way to them from another noun (``checked__``)."""
        remembered = Q(**{f"{at}rule__in": REMEMBERED})
        withdrawn = remembered & Q(_withdrawn(at))
        decided = Q(**{f"{at}outcome": "review", f"{at}decision__isnull": False, f"{at}decision__revocation": None})
        decided &= ~remembered
        later = Q(**{f"{at}decision__outcome": "barred", f"{at}decision__at__gt": F(f"{at}dispute__answer__at")})
        corrected = Q(**{f"{at}dispute__answer__outcome": "clear"}) & ~(decided & later)
        said = Q(**{f"{at}outcome": outcome}) & ~withdrawn & ~decided
        said |= decided & Q(**{f"{at}decision__outcome": outcome})
        if outcome == "review":
            said |= withdrawn
        return (said | corrected) if outcome == "clear" else (said & ~corrected)


class BatchQuerySet(models.QuerySet["CheckBatch"]):
    def visible_to(self, actor: Actor) -> "BatchQuerySet":
        """Only for the organisation that asked."""
        if actor.is_system:
            return self
        if actor.role not in {"institution_checker", "institution_manager", "api_key"}:
            return self.none()
        return self.filter(institution_id=actor.organisation_id)

    def unfinished(self) -> "BatchQuerySet":
        return self.filter(finished_at=None)


class BatchUploadQuerySet(models.QuerySet["BatchUpload"]):
    def visible_to(self, actor: Actor) -> "BatchUploadQuerySet":
        """As the batch it becomes."""
        if actor.is_system:
            return self
        if actor.role not in {"institution_checker", "institution_manager", "api_key"}:
            return self.none()
        return self.filter(institution_id=actor.organisation_id)

    def waiting(self) -> "BatchUploadQuerySet":
        """Those a worker has to read."""
        return self.filter(finished_at=None)

    def telling(self) -> "BatchUploadQuerySet":
        """Those that are no batch: being read, refused, or read without asking about anybody."""
        return self.filter(Q(finished_at=None) | Q(dry_run=True) | ~Q(error_code=""))


class AlertQuerySet(models.QuerySet["BanAlert"]):
    def acting(self) -> "AlertQuerySet":
        """Alerts of bans that were not annulled since."""
        return self.filter(~_annulled())

    def with_annulled(self) -> "AlertQuerySet":
        """Adds ``annulled``: the ban behind the alert was annulled since."""
        return self.annotate(annulled=_annulled())

    def open(self) -> "AlertQuerySet":
        """Alerts that still ask for something: not confirmed, and of a ban that was not annulled since and is not over."""
        return self.acting().filter(~_ended(), confirmation=None)

    def visible_to(self, actor: Actor) -> "AlertQuerySet":
        if actor.is_system:
            return self
        if actor.role in REGISTRAR_ROLES:
            return self.filter(in_region("institution__region_code", actor.region_code))
        if actor.role in {"institution_checker", "institution_manager"}:
            return self.filter(institution_id=actor.organisation_id)
        return self.none()


class DisputeQuerySet(models.QuerySet["CheckDispute"]):
    def open(self) -> "DisputeQuerySet":
        return self.filter(answer=None)

    def visible_to(self, actor: Actor) -> "DisputeQuerySet":
        """Registrars of the region of whoever asked; the person; not the institution, which hears the answer."""
        if actor.is_system:
            return self
        own = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=[])
        if actor.role in REGISTRAR_ROLES:
            return self.filter(own | in_region("checked__institution__region_code", actor.region_code))
        return self.filter(own)


class LookUpAlertQuerySet(models.QuerySet["LookUpAlert"]):
    def open(self) -> "LookUpAlertQuerySet":
        return self.filter(decision=None)

    def visible_to(self, actor: Actor) -> "LookUpAlertQuerySet":
        """Only registrars of the region: whoever is watched is not told how."""
        if actor.is_system:
            return self
        if actor.role in REGISTRAR_ROLES:
            return self.filter(in_region("institution__region_code", actor.region_code))
        return self.none()
