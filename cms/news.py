"""Who is told what of a course's way through review, in the same commit as the step itself; by e-mail too."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.access import WRITING_ROLES
from lms.people.models import Organisation, OrganisationKind, Role
from lms.people.services.messages import tell, tell_members
from lms.rules.regions import covers


def waiting_at_college(page: Any, now: datetime) -> None:
    """The college's publishers."""
    _tell_college(
        page,
        now,
        code="course.to_forward",
        title=_("课程“%(title)s”等待您复核"),
        roles=[Role.COLLEGE_PUBLISHER],
        url=reverse("cms:review", args=[page.pk]),
    )


def waiting_at_bureau(page: Any, now: datetime) -> None:
    """Every human-resources bureau whose region covers the college."""
    _tell_bureaus(page, now, code="course.submitted", title=_("课程“%(title)s”等待审批"), body=page.college.name)


def forwarded(page: Any, now: datetime, *, comment: str) -> None:
    _tell_college(page, now, code="course.forwarded", title=_("课程“%(title)s”已由院校转交主管部门"), body=comment)


def returned(page: Any, now: datetime, *, comment: str) -> None:
    """The college, whoever sent it back."""
    _tell_college(page, now, code="course.returned", title=_("课程“%(title)s”被退回，请按意见修改"), body=comment)


def approved(page: Any, now: datetime, *, comment: str) -> None:
    _tell_college(page, now, code="course.approved", title=_("课程“%(title)s”已批准并发布"), body=comment)


def scheduled(page: Any, at: datetime, now: datetime) -> None:
    body = _("将于 %(at)s 发布；发布前可以撤回。") % {"at": _moment(at)}
    _tell_college(page, now, code="course.scheduled", title=_("课程“%(title)s”已批准，等待定时发布"), body=body)


def recalled(page: Any, now: datetime, *, at_college: bool) -> None:
    """Those it was waiting for need not look any more."""
    title = _("课程“%(title)s”已被院校撤回")
    if at_college:
        _tell_college(page, now, code="course.recalled", title=title, roles=[Role.COLLEGE_PUBLISHER])
    else:
        _tell_bureaus(page, now, code="course.recalled", title=title, body=page.college.name, url="")


def schedule_refused(page: Any, row: Any, now: datetime) -> None:
    """The college, and who approved: what held on the day of approval does not hold any more."""
    title = _("课程“%(title)s”没有按时发布")
    body = _("%(problem)s 请修改后重新提交。") % {"problem": row.problem}
    _tell_college(page, now, code="course.schedule_refused", title=title, body=body)
    if row.approver:
        shown = title % {"title": page.title}
        tell(user=row.approver, code="course.schedule_refused", title=shown, body=row.problem, mail=True, now=now)


def expired(page: Any, now: datetime) -> None:
    body = _("不再接受报名；已报名的学员可以学完。")
    _tell_college(page, now, code="course.expired", title=_("课程“%(title)s”到了计划的下架时间，已经下架"), body=body)


def _tell_college(
    page: Any,
    now: datetime,
    *,
    code: str,
    title: str,
    body: str = "",
    roles: Iterable[str] = WRITING_ROLES,
    url: str = "",
) -> None:
    tell_members(
        organisation=page.college,
        roles=roles,
        code=code,
        title=title % {"title": page.title},
        body=body,
        url=url or reverse("cms:workbench"),
        mail=True,
        now=now,
    )


def _tell_bureaus(page: Any, now: datetime, *, code: str, title: str, body: str, url: str | None = None) -> None:
    bureaus = Organisation.objects.admitted().filter(kind=OrganisationKind.HR_BUREAU)
    for bureau in bureaus:
        if covers(bureau.region_code, page.college.region_code):
            tell_members(
                organisation=bureau,
                roles=[Role.BUREAU_APPROVER],
                code=code,
                title=title % {"title": page.title},
                body=body,
                url=reverse("cms:approval", args=[page.pk]) if url is None else url,
                mail=True,
                now=now,
            )


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
