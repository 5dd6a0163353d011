"""Where other people's software looks up what became of an Open Badge: one bit in a numbered list.

One ``StatusList`` is a list of bits that one issuer signs; one ``StatusSlot`` is the place in it of one credential. The
bits themselves are kept nowhere: they are worked out when the list is asked for, from the same states and the same
registry of bans as every other answer. What may never happen: two credentials on one place, a place that is given
twice, or places in the order of issue, from which neighbours could be guessed.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificates import Certificate
from lms.audit.append_only import AppendOnlyModel
from lms.people.models import Organisation

# The least a list may have, so that one place hides among many (W3C Bitstring Status List v1.0, 6.1).
LIST_SIZE = 131_072
# Half full is full: a place drawn at random is then free after two tries on the average.
PLACES_GIVEN = LIST_SIZE // 2


class StatusList(AppendOnlyModel):
    number = models.PositiveIntegerField(unique=True)  # stands in the address
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("状态列表")
        verbose_name_plural = _("状态列表")

    def __str__(self) -> str:
        return f"#{self.number}"


class StatusSlot(AppendOnlyModel):
    """The place of one credential. A certificate that was given back after a revocation gets the next ``number``."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField(default=1)
    list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="slots")
    index = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("状态位")
        verbose_name_plural = _("状态位")
        constraints = [
            models.UniqueConstraint(fields=["list", "index"], name="one_credential_a_place"),
            models.UniqueConstraint(fields=["certificate", "number"], name="one_place_a_credential"),
            models.CheckConstraint(condition=models.Q(index__lt=LIST_SIZE), name="place_within_the_list"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.index}"
