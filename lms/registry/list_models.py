"""How the list proves itself: an append-only log of what entered it and what was annulled, under a Merkle tree.

``ListLeaf`` is one line of the log, ``ListNode`` the hash of one whole subtree (RFC 9162; level 0 are the lines
themselves), ``ListVersion`` the signed root over the first ``size`` lines. A line holds no personal data: it commits
to the entry by a digest over, among other things, the keyed digest of the number.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.audit.append_only import AppendOnlyModel


class ListAct(models.TextChoices):
    ENTERED = "entered", pgettext_lazy("ban", "列入")
    ANNULLED = "annulled", pgettext_lazy("ban", "撤销")
    # A dated ban that began, or ended, on a day of its own. It stays an entry of the list; only annulled it is none.
    BEGAN = "began", pgettext_lazy("ban", "开始")
    ENDED = "ended", pgettext_lazy("ban", "届满")


class ListVersion(AppendOnlyModel):
    """Each change of what acts makes a new version. ``signature`` is the JWS that says all of it; empty where no key was."""

    number = models.PositiveBigIntegerField(unique=True)
    hash = models.CharField(max_length=64)  # of what is signed, which holds the hash of the version before
    entries = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField(default=0)  # lines of the log
    root = models.CharField(max_length=64, default="")
    signature = models.TextField(default="")
    state = models.OneToOneField("registry.BanState", on_delete=models.PROTECT, null=True, related_name="list_version")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("名单版本")
        verbose_name_plural = _("名单版本")

    def __str__(self) -> str:
        return f"#{self.number} {self.hash[:12]}"


class ListLeaf(AppendOnlyModel):
    """A subject entered the list or was annulled, by ``state``; or its ban, in force by ``state``, began or ended.

    ``position`` counts from 1 without a gap.
    """

    position = models.PositiveBigIntegerField(unique=True)
    act = models.CharField(max_length=8, choices=ListAct.choices)
    subject = models.ForeignKey("registry.BanSubject", on_delete=models.PROTECT, related_name="leaves")
    state = models.ForeignKey("registry.BanState", on_delete=models.PROTECT, related_name="leaves")

    class Meta:
        verbose_name = _("名单日志行")
        verbose_name_plural = _("名单日志")
        constraints = [models.UniqueConstraint(fields=["subject", "act"], name="entered_once_annulled_once")]

    def __str__(self) -> str:
        return f"{self.position} {self.act}"


class ListNode(AppendOnlyModel):
    """The hash over the ``2 ** level`` lines that begin at line ``place * 2 ** level + 1``."""

    level = models.PositiveSmallIntegerField()
    place = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("名单树节点")
        verbose_name_plural = _("名单树")
        constraints = [models.UniqueConstraint(fields=["level", "place"], name="one_hash_a_subtree")]

    def __str__(self) -> str:
        return f"{self.level}:{self.place}"
