"""One ``Certificate`` is a fact certified once for a person and a period. States are appended; nothing is deleted.

Whether it is valid is computed when read: from its dates, its states and the registry of bans. What may never happen:
two certificates for one type, person and period (a corrected one supersedes the other as its next edition), or one
that is valid although its holder is barred.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.templates import TemplateVersion
from certificates.models.types import CertificateType
from certificates.querysets import CertificateQuerySet
from lms.audit.append_only import AppendOnlyModel
from lms.documents.models import ArchivedDocument
from lms.people.models import Organisation, Person


class Certificate(AppendOnlyModel):
    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="certificates")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    # What it is for: "2026" (annual) or the enrolment's id (course). One certificate per type, person and period.
    period = models.CharField(max_length=40)
    # 1 as first issued; a certificate reissued on a corrected name is the next edition.
    edition = models.PositiveSmallIntegerField(default=1)
    serial = models.CharField(_("编号"), max_length=32, unique=True)
    token = models.CharField(max_length=43, unique=True)  # unguessable, behind the QR
    holder_name = models.CharField(_("持证人"), max_length=100)
    title = models.CharField(max_length=200)
    issuer_name = models.CharField(_("发证单位"), max_length=200)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=6, db_index=True)
    enrolment_id = models.UUIDField(null=True, db_index=True)
    # The look it was issued with, whatever is published later; empty = the product's own sheet.
    template = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, null=True, related_name="certificates")
    facts = models.JSONField()  # class-hours by category, course title, year … frozen at issue
    issued_at = models.DateTimeField(_("发证时间"))
    valid_until = models.DateField(_("有效期至"), null=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("证书")
        verbose_name_plural = _("证书")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(fields=["type", "person", "period", "edition"], name="issued_once"),
        ]
        indexes = [
            models.Index(fields=["issuer", "-issued_at"], name="certificate_by_issuer"),
            models.Index(fields=["valid_until"], name="certificate_by_last_day"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.serial}"


class CertificateDocument(AppendOnlyModel):
    """The PDF of a certificate as archived. Its absence is work to be done. The highest number counts; all verify."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveSmallIntegerField(default=1)
    document = models.OneToOneField(ArchivedDocument, on_delete=models.PROTECT, related_name="certificate_document")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("证书文件")
        verbose_name_plural = _("证书文件")
        constraints = [models.UniqueConstraint(fields=["certificate", "number"], name="one_certificate_file_a_number")]

    def __str__(self) -> str:
        return f"{self.certificate_id} #{self.number}"
