"""The demonstration as a whole: loaded once it holds in every book and on every page, loaded twice it is the same, killed
it never was.
"""

from __future__ import annotations

import io
from collections import Counter

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from certificates.models import BatchState, Certificate, CertificateType, IssueBatch, TemplateVersion
from cms.models import BureauApprovalTask, CollegeReviewTask, CoursePage
from courses.catalogue.models import Course, Programme, Release
from courses.catalogue.programmes import regions_of, releases_of, worth_of
from courses.learning.models import AnomalyFlag, Assignment, Enrolment
from courses.learning.required import obligations
from lms.demo.accounts import PASSWORD, accounts, code_of
from lms.demo.calendar import training_ends
from lms.demo.content import load_terms
from lms.demo.load import story
from lms.hiring.models import (
    BanAlert,
    Check,
    CheckBatch,
    CheckDispute,
    LookUpAlert,
    Recheck,
    RosterLoad,
    WebhookDelivery,
)
from lms.hiring.services import progress_of
from lms.ledger.models import HourEntry, Leave, OutsideBatch
from lms.ledger.services import standings
from lms.ledger.services.outside import counts_of
from lms.people.models import Message, Organisation, Person, User
from lms.registry.models import BanCase
from lms.registry.services import verify_registry
from lms.subsidies.models import Claim, ClaimState
from lms.subsidies.services import totals
from tests.demo.workbenches import WHO, wrong_with
from tests.factories import people

pytestmark = pytest.mark.django_db

# Class-hours of skills and ethics at the end of the year of training, by name; others have none in Shanghai.
STANDING = {
    "许静宜": (73, 40),
    "王芳": (73, 40),
    "欧阳若兰": (72, 40),
    "沈玉珍": (72, 40),
    "司马清扬": (72, 40),
    "李娜": (72, 40),
    "赵敏": (72, 40),
    "朱颖": (73, 40),
    "何雨桐": (73, 40),
    "周若宁": (69, 25),
    "刘䶮": (65, 24),
    "阿依古丽·买买提": (65, 25),
    "杨柳": (64, 24),
    "陳嘉欣": (49, 0),
    "孙建国": (49, 0),
    "陈𬍛": (1, 0),
    "黄小米": (1, 0),
    "田小川": (0, 0),
}
# Lines by verdict: pay, query, refuse, blocked.
CLAIMS = {
    ClaimState.PAID: (15, 0, 0, 0),
    ClaimState.APPROVED: (11, 0, 0, 2),
    ClaimState.REJECTED: (0, 0, 9, 0),
    ClaimState.RETURNED: (4, 0, 4, 0),
    ClaimState.AUDITED: (4, 0, 1, 0),
    ClaimState.SUBMITTED: (4, 3, 0, 1),
    ClaimState.DRAFT: (11, 0, 0, 2),
}
ENROLMENTS = {"passed": 127, "enrolled": 10, "in_progress": 7, "failed": 1, "withdrawn": 1, "stopped": 1, "voided": 1}


def _rows() -> dict[str, int]:
    models = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label: model._default_manager.count() for model in models}


def _run(command: str, *args: str) -> str:
    out = io.StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


@pytest.mark.timeout(900)
def test_the_demonstration(subtests: pytest.Subtests) -> None:
    """One test, so that the demonstration is loaded once however many processes share the suite."""
    _run("demo_data")
    for check in (
        _counts,
        _certificates_of_colleges,
        _year_of_shanghai,
        _claims_in_every_state,
        _bans,
        _questions_in_three_outcomes,
        _lists_asked_about_at_once,
        _look_ups_watched_and_disputed,
        _messages_to_an_institutions_own_software,
        _courses_on_three_desks,
        _terms_in_the_releases,
        _programmes_at_every_step,
        _required_courses,
        _leave_confirmed_and_proposed,
        _hours_from_elsewhere,
        _a_name_no_face_can_print,
        _books,
        _nothing_lies_in_the_future,
        _everybody_can_sign_in,
        _loaded_again_it_is_the_same,
        _every_page_of_every_workbench,
    ):
        with subtests.test(check.__name__):
            check()


def _counts() -> None:
    kinds = Counter(Organisation.objects.admitted().values_list("kind", flat=True))
    assert kinds == {"college": 2, "training_base": 1, "institution": 10, "health_bureau": 5, "hr_bureau": 5}
    assert Person.objects.count() == 60
    assert Course.objects.count() == 12
    assert Counter(Enrolment.objects.values_list("state", flat=True)) == ENROLMENTS
    by_type = Counter(Certificate.objects.values_list("type__key", flat=True))
    assert by_type.pop("course") == 126
    assert by_type.pop("annual-310000") == 9
    assert by_type.total() == 14
    assert set(AnomalyFlag.objects.values_list("code", flat=True)) == {"identical_spacing"}
    states = Counter(flag.state for flag in AnomalyFlag.objects.with_state())
    assert states["appealed"] == 1
    assert states["open"] >= 1


def _certificates_of_colleges() -> None:
    """For a programme, two posts and teachers; those of the one post on the newest sheet, the second, of the other by order."""
    made = CertificateType.objects.made_by_staff()
    assert Counter(made.values_list("rule", flat=True)) == {"programme": 1, "post": 2, "trainers": 1}
    held = Certificate.objects.filter(type__in=made)
    assert Counter(held.values_list("type__rule", "template__number")) == {("post", 2): 13, ("post", None): 1}
    order = IssueBatch.objects.get()
    assert order.state == BatchState.FINISHED
    assert Counter(order.rows.values_list("outcome", flat=True)) == {"issued": 1, "refused": 17}
    assert TemplateVersion.objects.filter(logo__isnull=False).count() == 2


def _year_of_shanghai() -> None:
    day = training_ends(timezone.localdate())
    names = dict(Person.objects.filter(region_code__startswith="31").values_list("pk", "name"))
    verdicts = standings(names, day.year, day)
    found = {
        names[key]: tuple(int(line.earned_class_hours) for line in verdict.lines) for key, verdict in verdicts.items()
    }
    assert found == STANDING
    assert sum(verdict.met for verdict in verdicts.values()) == 9


def _claims_in_every_state() -> None:
    found = {}
    for claim in Claim.objects.all():
        counted = totals(claim)
        found[claim.state] = tuple(counted[verdict][0] for verdict in ("pay", "query", "refuse", "blocked"))
    assert found == CLAIMS


def _bans() -> None:
    states = Counter(case.states.order_by("-number")[0].state for case in BanCase.objects.all())
    assert states == {"in_force": 2, "submitted": 1, "draft": 1, "annulment_proposed": 1}
    banned = Certificate.objects.filter(person__name__in=["何雨桐", "杨柳"])
    assert banned.exists()
    assert not banned.valid_on(timezone.localdate()).exists()
    assert (BanAlert.objects.count(), BanAlert.objects.open().count()) == (2, 1)


def _questions_in_three_outcomes() -> None:
    assert Counter(Check.objects.values_list("outcome", flat=True)) == {"clear": 34, "review": 4, "barred": 2}


def _lists_asked_about_at_once() -> None:
    """Parents who help out, with one answer nobody hoped for; a staff list of which two start; a yearly re-check."""
    parents = CheckBatch.objects.get(purpose="volunteer")
    told = progress_of(parents)
    assert (told.total, told.clear, told.barred, told.errors) == (9, 6, 1, 2)
    assert parents.receipt.workbook.size > 0
    load = RosterLoad.objects.get()
    assert load.finished_at is not None
    assert load.rows.filter(employment__isnull=False).count() == 2
    assert set(load.rows.exclude(error_code="").values_list("error_code", flat=True)) == {
        "employed_already",
        "certificate_required",
        "post_unknown",
    }
    recheck = Recheck.objects.get()
    assert (recheck.persons, recheck.batch.receipt.clear) == (5, 5)


def _look_ups_watched_and_disputed() -> None:
    """One of each waits for the bureau, one of each was answered."""
    alerts = LookUpAlert.objects.order_by("day").values_list("pattern", "decision__verdict")
    assert list(alerts) == [("guessed_names", "explained"), ("same_person", None)]
    disputes = CheckDispute.objects.order_by("at").values_list("ground", "answer__upheld")
    assert list(disputes) == [("no_consent", True), ("no_consent", None)]


def _messages_to_an_institutions_own_software() -> None:
    """A trial and an alert that arrived, and one that is tried again."""
    found = WebhookDelivery.objects.order_by("kind", "state").values_list("kind", "state")
    assert list(found) == [("ban.alert", "pending"), ("ban.alert", "sent"), ("ping", "sent")]
    assert WebhookDelivery.objects.get(state="pending").next_attempt_at > timezone.now()


def _courses_on_three_desks() -> None:
    """At the college's publisher, at the bureau's approver, back at the author."""
    desks = {}
    for page in CoursePage.objects.all():
        state = page.current_workflow_state
        if state is not None:
            desks[page.slug] = (type(state.current_task_state.task.specific), state.status)
    assert desks == {
        "professional-boundaries": (CollegeReviewTask, "in_progress"),
        "safe-sleep": (BureauApprovalTask, "in_progress"),
        "responsive-feeding": (BureauApprovalTask, "needs_changes"),
    }


def _terms_in_the_releases() -> None:
    kept = {entry["term"] for release in Release.objects.all() for entry in release.glossary}
    assert kept == {term.term for term in load_terms()}
    sleep = Release.objects.get(course__slug="safe-sleep")
    assert [entry["term"] for entry in sleep.glossary if entry["term"] in {"仰卧", "襁褓", "有效氯"}] == [
        "仰卧",
        "襁褓",
    ]


def _programmes_at_every_step() -> None:
    found = {programme.title: programme for programme in Programme.objects.select_related("college")}
    assert {title: programme.state for title, programme in found.items()} == {
        "南京市保育人员年度在岗培训计划": "offered",
        "新入职保育人员线上起步计划": "submitted",
        "上海市保育人员年度在岗培训计划": "draft",
    }
    draft = found["上海市保育人员年度在岗培训计划"]
    releases = releases_of(list(draft.items.values_list("course_id", flat=True)))
    worth = worth_of(releases, regions_of(draft), draft.year)
    assert [(row.required, row.offered, row.short) for row in worth] == [(72, 65, True), (40, 26, True)]


def _required_courses() -> None:
    """Everybody, and those who care for children; somebody is done with the second, nobody with the first."""
    rows = obligations(list(Assignment.objects.order_by("post")), timezone.localdate())
    assert Counter((row.assignment.post, row.state) for row in rows) == {("", "due"): 7, ("caregiver", "due"): 5}
    assert Message.objects.filter(code="assignment").count() == 12


def _leave_confirmed_and_proposed() -> None:
    states = {leave.person.name: (leave.kind, leave.state) for leave in Leave.objects.with_state()}
    assert states == {"陈𬍛": ("maternity", "confirmed"), "沈玉珍": ("sick", "proposed")}
    person, day = Person.objects.get(name="陈𬍛"), training_ends(timezone.localdate())
    lines = standings([person.pk], day.year, day)[person.pk].lines
    assert [line.required_minutes for line in lines] == [42 * 45, 1050]


def _hours_from_elsewhere() -> None:
    own, sheet = OutsideBatch.objects.order_by("created_at")
    assert (own.person.name, own.settled_at is not None) == ("周若宁", True)
    assert HourEntry.objects.filter(person=own.person, evidence_kind="outside_hours").count() == 1
    counted = counts_of(sheet)
    assert (sheet.total, counted["waiting"], counted["errors"], counted["credited"]) == (4, 3, 1, 0)


def _a_name_no_face_can_print() -> None:
    """He passed a course all the same, and is told what to do about the certificate."""
    person = Person.objects.get(name="王\U0003134a")
    assert Enrolment.objects.filter(person=person, state="passed").exists()
    assert not Certificate.objects.filter(person=person).exists()
    assert Message.objects.filter(user__person=person, code="certificate_waits").count() == 1


def _books() -> None:
    assert "no drift" in _run("reconcile_hours")
    _run("verify_audit_log")
    assert verify_registry() == []


def _nothing_lies_in_the_future() -> None:
    event = apps.get_model("audit", "AuditEvent")
    assert event.objects.filter(at__gt=timezone.now()).count() == 0


def _everybody_can_sign_in() -> None:
    users = User.objects.in_bulk([one.username for one in accounts()], field_name="username")
    assert len(users) == len(accounts()) == 100
    for one in accounts():
        assert users[one.username].check_password(PASSWORD)
        if one.needs_code:
            factor = Authenticator.objects.get(user=users[one.username], type=Authenticator.Type.TOTP)
            assert TOTP(factor).validate_code(code_of(one.username))
    told = _run("demo_accounts", "--all")
    assert all(one.username in told for one in accounts())


def _loaded_again_it_is_the_same() -> None:
    before = _rows()
    _run("demo_data")
    _run("demo_data", "--once")
    assert _rows() == before


def _every_page_of_every_workbench() -> None:
    cache.clear()
    wrong = [f"{role} {line}" for role, name in WHO for line in wrong_with(role, name)]
    assert not wrong, "\n".join(wrong)


def test_an_installation_in_use_is_left_alone() -> None:
    people.institution()
    before = _rows()
    _run("demo_data", "--once")
    assert _rows() == before


def test_killed_half_way_it_never_was(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _rows()

    def killed(_world: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(story.staffing, "engage", killed)
    with pytest.raises(KeyboardInterrupt):
        _run("demo_data")
    after = _rows()
    assert not story.is_loaded()
    assert {name: count for name, count in after.items() if count != before[name]} == {}


@pytest.mark.parametrize("command", [("demo_data",), ("demo_accounts",), ("demo_accounts", "--code", "fangshouzheng")])
def test_passwords_that_everybody_knows_stay_on_ones_own_machine(
    settings: LazySettings, command: tuple[str, ...]
) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError):
        _run(*command)
    assert not Organisation.objects.exists()


def test_without_the_demonstration_nobody_is_listed() -> None:
    assert "demo_data" in _run("demo_accounts")


def test_the_code_of_somebody_unknown_or_without_one_is_refused() -> None:
    for username in ("nobody", "wangfang"):
        with pytest.raises(CommandError):
            _run("demo_accounts", "--code", username)
    assert _run("demo_accounts", "--code", "fangshouzheng").strip().isdigit()
