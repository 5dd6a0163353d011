"""Accounts, roles over time, API keys and the inbox. A user may be a person, a member of organisations, or both."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import UUIDModel
from lms.audit.keys import new_id
from lms.people.models.organisations import Organisation
from lms.people.models.persons import Person
from lms.people.querysets import MembershipQuerySet


class Role(models.TextChoices):
    PRACTITIONER = "practitioner", _("从业人员")
    COLLEGE_AUTHOR = "college_author", _("课程作者")
    COLLEGE_TEACHER = "college_teacher", _("授课教师")
    COLLEGE_PUBLISHER = "college_publisher", _("院校发布人")
    INSTITUTION_CHECKER = "institution_checker", _("机构核查员")
    INSTITUTION_MANAGER = "institution_manager", _("机构负责人")
    BUREAU_AUDITOR = "bureau_auditor", _("审计员")
    BUREAU_APPROVER = "bureau_approver", _("审批员")
    REGISTRAR = "registrar", _("禁入登记员")
    CONFIRMING_REGISTRAR = "confirming_registrar", _("禁入复核员")
    ADMINISTRATOR = "administrator", _("平台管理员")


class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="user")
    phone = models.CharField(_("手机号"), max_length=20, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        # Either may be typed at sign-in, in any case: each leads to one account or to none.
        constraints = [
            models.UniqueConstraint(Lower("username"), name="one_account_a_username"),
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="one_account_an_email"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        """The real name of the person behind the account, where known."""
        return self.person.name if self.person else super().get_full_name()

    @property
    def display_name(self) -> str:
        """The real name where known, else the user name."""
        return self.get_full_name() or self.username


class Membership(UUIDModel):
    """A user's role for an organisation, from when to when. The practitioner's role needs no organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(_("角色"), max_length=32, choices=Role.choices)
    from_at = models.DateTimeField(_("自"))
    to_at = models.DateTimeField(_("至"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("角色")
        verbose_name_plural = _("角色")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], condition=models.Q(to_at=None), name="one_open_role_at_a_body"
            ),
            # SQLite can't say "nulls are alike", so the role without an organisation has its own constraint.
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(to_at=None, organisation=None),
                name="one_open_role_of_ones_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class ApiScope(models.TextChoices):
    """What a key may be used for; one key, one scope."""

    HIRING_CHECKS = "hiring-checks", _("从业核查")
    STANDING = "standing", _("学时查询")
    XAPI = "xapi", _("学习记录")


class ApiKey(UUIDModel):
    """A key of an organisation for one scope. Only its SHA-256 is kept; keys are random, so a fast hash serves."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_keys")
    scope = models.CharField(_("用途"), max_length=32, choices=ApiScope.choices)
    prefix = models.CharField(_("前缀"), max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    created_by = models.CharField(_("创建者"), max_length=150)
    created_at = models.DateTimeField(_("创建时间"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")

    def __str__(self) -> str:
        return f"{self.prefix}…"


class Message(UUIDModel):
    """One message in a user's inbox: what happened, why, what next."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="inbox")
    code = models.CharField(max_length=64)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("内容"), blank=True)
    url = models.CharField(max_length=300, blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True)
    # Two workers that tell the same news tell it once.
    dedupe_key = models.CharField(max_length=120, null=True, blank=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "dedupe_key"], name="one_message_a_news")]
        indexes = [models.Index(fields=["user", "read_at"], name="message_unread")]

    def __str__(self) -> str:
        return self.title


class Letter(UUIDModel):
    """One message that also goes out by e-mail. Mutable: it is work, not history; the address is read when it leaves."""

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        SENT = "sent", _("已发送")
        GIVEN_UP = "given_up", _("无法送达")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="letter")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=100, blank=True)  # the kind of failure; never an address

    class Meta:
        verbose_name = _("邮件")
        verbose_name_plural = _("邮件")
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="letter_due")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"
