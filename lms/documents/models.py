"""One ``ArchivedDocument`` is one file exactly as it was issued or received: its bytes never change.

The SHA-256 is taken when the bytes are stored; whoever shows the file can prove that these are the bytes.
One ``SigningCertificate`` is the public half of one key that has signed papers here, kept when the key is replaced.
"""

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel


def archive_storage() -> Storage:
    """Storage that is never served by address."""
    return storages["archive"]


class ArchivedDocument(AppendOnlyModel):
    kind = models.CharField(_("种类"), max_length=32)  # certificate, receipt, ban-decision, claim-workbook, proof …
    file_name = models.CharField(_("文件名"), max_length=150)
    content_type = models.CharField(max_length=100)
    file = models.FileField(storage=archive_storage, max_length=200)
    size = models.PositiveBigIntegerField(_("字节数"))
    sha256 = models.CharField(max_length=64, db_index=True)
    signed = models.BooleanField(_("已签名"), default=False)
    created_at = models.DateTimeField(_("存档时间"))

    class Meta:
        verbose_name = _("存档文件")
        verbose_name_plural = _("存档文件")

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"


class SigningCertificate(AppendOnlyModel):
    """The public half of a key that signs or has signed papers here. It stays ours when the key is replaced."""

    sha256 = models.CharField(_("指纹"), max_length=64, unique=True)
    subject = models.CharField(_("签名者"), max_length=300)
    pem = models.TextField()
    valid_from = models.DateTimeField(_("生效时间"))
    valid_until = models.DateTimeField(_("失效时间"))
    created_at = models.DateTimeField(_("启用时间"))

    class Meta:
        verbose_name = _("签名证书")
        verbose_name_plural = _("签名证书")

    def __str__(self) -> str:
        return f"{self.subject} {self.sha256[:12]}"


class Unprinted(UUIDModel):
    """A paper that could not be made, and when it is tried again. Mutable: it is work, not history.

    ``subject_id`` is the key of what the paper is about. Sweeps pass it over until then: it holds up no other.
    """

    kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=100)  # the kind of failure; what it says may hold what it is about
    first_at = models.DateTimeField()
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("未能生成的文件")
        verbose_name_plural = _("未能生成的文件")
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="one_row_an_unprinted_paper")]
        indexes = [models.Index(fields=["kind", "next_at"], name="unprinted_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.attempts}"
