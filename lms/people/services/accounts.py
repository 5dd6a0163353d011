"""Accounts: who may sign in, under which user name, phone number or e-mail address."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Membership, Person, Role, User
from lms.people.services import persons
from lms.rules import names
from lms.rules.identity import IdentityNumber
from lms.rules.names import NameMatch
from lms.rules.refusals import Conflict, Invalid, NotAllowed

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{3,29}")
_PHONE = re.compile(r"\+?[0-9]{6,15}")


def tidy_username(written: str) -> str:
    """Lower case, beginning with a letter: no user name can be mistaken for somebody's phone number or address."""
    username = written.strip().lower()
    if not _USERNAME.fullmatch(username):
        sentence = _("用户名为 4 至 30 个字符：以字母开头，可用字母、数字、点、横线和下划线。")
        raise Invalid("username_shape", sentence, field="username")
    return username


def tidy_phone(written: str) -> str:
    """Digits, with a leading + for numbers from outside the mainland. Empty stays empty."""
    phone = re.sub(r"[\s\-()（）]+", "", written)
    phone = phone.removeprefix("+86")
    if phone and not _PHONE.fullmatch(phone):
        raise Invalid("phone_shape", _("请填写手机号，只用数字；境外号码以 + 和国家代码开头。"), field="phone")
    return phone


def draft_account(*, username: str, phone: str, password: str, person: Person | None = None, name: str = "") -> User:
    """A user not yet written; ``insert_account`` writes it inside the caller's verb."""
    user = User(username=tidy_username(username), phone=tidy_phone(phone) or None, person=person, first_name=name)
    user.set_password(password)
    return user


def insert_account(user: User) -> None:
    """Refuses ``username_taken`` and ``phone_taken``, also of two at once."""
    _refuse_taken(user)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        _refuse_taken(user)
        raise


def register_practitioner(
    *,
    name: str,
    document_type: str,
    document_number: str,
    region_code: str,
    username: str,
    phone: str,
    password: str,
    now: datetime,
) -> User:
    """A practitioner registers themselves: person, account and role at once.

    Somebody an employer has registered before takes over that record, if name and document agree and it has no
    account yet. Refuses ``document_held`` otherwise, with one sentence for every cause.
    """
    number = persons.read_number(document_type, document_number, timezone.localdate(now))
    tidy_name, region = names.validate(name), persons.known_region(region_code)
    with transaction.atomic():
        known = _unclaimed(number, tidy_name)
        person = known or Person(
            name=tidy_name,
            sex=persons.agreed_sex(number, ""),
            birth_date=number.birth_date,
            phone=tidy_phone(phone),
            region_code=region,
            created_at=now,
        )
        user = draft_account(username=username, phone=phone, password=password, person=person)
        actor = Actor(kind="user", label=user.username, id=user.pk, person_id=person.pk, role=Role.PRACTITIONER)
        if known is None:
            persons.enter(person, number, actor=actor, now=now)
        insert_account(user)
        Membership.objects.create(user=user, role=Role.PRACTITIONER, from_at=now)
        record(verb="practitioner.registered", actor=actor, now=now, subject=user, person_id=person.pk)
    return user


def update_contact(*, user: User, phone: str, email: str, actor: Actor, now: datetime) -> User:
    """Change one's own phone number and e-mail address (both may be used to sign in, so both are one person's only)."""
    if not actor.is_system and actor.id != user.pk:
        raise NotAllowed("role_required", _("只能更改自己的联系方式。"))
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        before = {"phone": user.phone or "", "email": user.email}
        after = {"phone": tidy_phone(phone), "email": email.strip().lower()}
        changed = [field for field in before if before[field] != after[field]]
        if not changed:
            return user
        user.phone, user.email = after["phone"] or None, after["email"]
        _refuse_taken(user)
        try:
            with transaction.atomic():
                user.save(update_fields=["phone", "email"])
        except IntegrityError:
            _refuse_taken(user)
            raise
        if user.person_id:
            Person.objects.filter(pk=user.person_id).update(phone=user.phone or "")
        record(
            verb="account.contact_changed",
            actor=actor,
            now=now,
            subject=user,
            person_id=user.person_id,
            changes={"fields": changed},
        )
    return user


def _unclaimed(number: IdentityNumber, name: str) -> Person | None:
    """The record this document already leads to, if it waits for its owner; None when the document is new."""
    person = persons.holder(number)
    if person is None:
        return None
    if User.objects.filter(person=person).exists() or names.compare(person.name, name) < NameMatch.VARIANT:
        raise persons.document_held()
    return person


def _refuse_taken(user: User) -> None:
    others = User.objects.exclude(pk=user.pk)
    if others.filter(username__iexact=user.username).exists():
        raise Conflict("username_taken", _("这个用户名已被使用，请换一个。"), field="username")
    if user.phone and others.filter(phone=user.phone).exists():
        raise Conflict("phone_taken", _("这个手机号已用于另一个账号。"), field="phone")
    if user.email and others.filter(email__iexact=user.email).exists():
        raise Conflict("email_taken", _("这个电子邮箱已用于另一个账号。"), field="email")
