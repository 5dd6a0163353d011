"""One ``Person`` is one human being. Identity numbers are never kept in the clear.

A number is encrypted (AES-GCM, versioned key) and found by its keyed blind index. One valid document belongs to one
person: the database holds it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.people.querysets import PersonQuerySet


class Sex(models.TextChoices):
    FEMALE = "F", _("女")
    MALE = "M", _("男")


class DocumentTypeChoices(models.TextChoices):
    """Mirror of ``lms.rules.identity.DocumentType`` with the names people see."""

    RESIDENT_ID = "resident_id", _("居民身份证")
    PASSPORT = "passport", _("护照")
    HK_MACAU_PERMIT = "hk_macau_permit", _("港澳居民来往内地通行证")
    TAIWAN_PERMIT = "taiwan_permit", _("台湾居民来往大陆通行证")
    HK_MACAU_TAIWAN_RESIDENCE = "hk_macau_taiwan_residence", _("港澳台居民居住证")
    FOREIGN_PERMANENT_RESIDENCE = "foreign_permanent_residence", _("外国人永久居留身份证")


class Person(UUIDModel):
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    phone = models.CharField(_("手机号"), max_length=20, blank=True)
    # GB/T 2260 code of the place whose policy governs this person's yearly hours.
    region_code = models.CharField(_("所在地区"), max_length=6, db_index=True)
    created_at = models.DateTimeField(_("登记时间"))

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")
        indexes = [models.Index(fields=["name", "birth_date"], name="person_name_birth")]

    def __str__(self) -> str:
        return self.name


class PreviousName(UUIDModel):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="previous_names")
    name = models.CharField(_("曾用名"), max_length=100, db_index=True)
    until = models.DateField(_("使用至"), null=True, blank=True)

    class Meta:
        verbose_name = _("曾用名")
        verbose_name_plural = _("曾用名")

    def __str__(self) -> str:
        return self.name


class IdentityDocument(UUIDModel):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    type = models.CharField(_("证件类型"), max_length=32, choices=DocumentTypeChoices.choices)
    ciphertext = models.TextField()
    key_version = models.PositiveSmallIntegerField()
    blind_index = models.CharField(max_length=64, db_index=True)
    masked = models.CharField(_("证件号"), max_length=32)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("身份证件")
        verbose_name_plural = _("身份证件")
        constraints = [
            models.UniqueConstraint(
                fields=["blind_index"], condition=models.Q(valid_to=None), name="one_valid_document_one_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.masked}"
