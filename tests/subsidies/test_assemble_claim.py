"""A claim is assembled from evidence: who is on it, what is frozen, and that it can't be doubled."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction

from certificates.models import Certificate
from certificates.services import revoke_certificate
from courses.learning.models import Enrolment, EnrolmentStateName
from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.rules import serials
from lms.rules.chain import digest
from lms.rules.refusals import Refusal
from lms.subsidies.models import Claim, ClaimLine
from lms.subsidies.services import assemble_claim, evidence, preview_claim, reassemble_claim
from tests.factories import learning, people
from tests.factories import subsidies as words
from tests.factories.subsidies import LATER, NOON, assembled, scheme, short_course, trained, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return people.college()


@pytest.fixture
def boss(school):
    return people.acting(words.publisher(school))


def test_lines_freeze_the_evidence(school, boss):
    release = short_course(school, title="窒息急救")
    person, _other = trained(release, "林小满", "安秋月")
    claim = assemble_claim(scheme=scheme(), college=school, release=release, actor=boss, now=LATER)
    assert (claim.state, claim.assembly, claim.lines.count()) == ("draft", 1, 2)
    assert serials.valid(claim.number)
    line = claim.lines.get(person=person)
    facts = line.facts
    assert line.facts_hash == digest(facts)
    assert (facts["name"], facts["course"], facts["class_hours"]) == ("林小满", "窒息急救", "1.0")
    assert facts["document"] == person.documents.get().masked
    assert [entry["minutes"] for entry in facts["entries"]] == [45]
    assert facts["entries"][0]["holds"] is True
    assert facts["heartbeats"]["count"] == 2
    assert facts["certificate"]["serial"] == Certificate.objects.get(person=person).serial
    assert line.amount_fen == 60_000
    assert verdicts(claim) == {"林小满": "pay", "安秋月": "pay"}
    assert AuditEvent.objects.filter(verb="claim.assembled", subject_id=claim.pk).count() == 1


def test_no_identity_number_in_the_facts(school, boss):
    release = short_course(school)
    number = people.resident_number()
    someone = people.person(document_number=number)
    words.packs_loaded()
    learning.passed(someone, release, now=NOON)
    claim = assemble_claim(scheme=scheme(), college=school, release=release, actor=boss, now=LATER)
    assert number not in str(claim.lines.get().facts)


def test_again_is_the_same_draft_with_the_same_lines(school, boss):
    claim = assembled("林小满", college=school)
    again = assemble_claim(scheme=claim.scheme, college=school, release=claim.release, actor=boss, now=LATER)
    assert (again.pk, again.assembly) == (claim.pk, 1)
    assert ClaimLine.objects.count() == 1
    assert claim.lines.get().verdicts.count() == 1
    assert claim.steps.count() == 1


def test_a_newcomer_makes_a_new_set_and_leaves_the_old_one(school, boss):
    claim = assembled("林小满", college=school)
    trained(claim.release, "安秋月")
    again = reassemble_claim(claim=claim, actor=boss, now=LATER)
    assert again.assembly == 2
    assert list(again.lines.current().values_list("facts__name", flat=True)) == ["安秋月", "林小满"]
    assert claim.lines.filter(assembly=1).count() == 1


def test_a_line_can_not_be_changed():
    line = assembled().lines.get()
    line.amount_fen = 1
    with pytest.raises(RewriteRefused):
        line.save()


def test_only_who_passed_and_holds_the_certificate(school, boss):
    release = short_course(school)
    words.packs_loaded()
    learning.enrolled(people.person(), release, now=NOON)
    person, revoked = trained(release, "林小满", "安秋月")
    revoke_certificate(
        certificate=Certificate.objects.get(person=revoked),
        code="error",
        reason="签发有误",
        authority="",
        actor=people.system(),
        now=LATER,
    )
    under = scheme()
    preview = preview_claim(scheme=under, release=release)
    assert (preview.lines, preview.amount_fen, preview.without_certificate, preview.claimed_before) == (1, 60_000, 1, 0)
    claim = assemble_claim(scheme=under, college=school, release=release, actor=boss, now=LATER)
    assert [line.person_id for line in claim.lines.all()] == [person.pk]


def test_without_the_certificate_where_the_scheme_asks_none(school, boss):
    release = short_course(school)
    trained(release, "林小满")
    under = scheme(requires_certificate=False)
    revoke_certificate(
        certificate=Certificate.objects.get(),
        code="error",
        reason="签发有误",
        authority="",
        actor=people.system(),
        now=LATER,
    )
    assert preview_claim(scheme=under, release=release).without_certificate == 0
    claim = assemble_claim(scheme=under, college=school, release=release, actor=boss, now=LATER)
    assert verdicts(claim) == {"林小满": "pay"}


def test_nobody_passed(school, boss):
    with pytest.raises(Refusal) as no:
        assemble_claim(scheme=scheme(), college=school, release=short_course(school), actor=boss, now=LATER)
    assert no.value.code == "nobody_to_claim"
    assert not Claim.objects.exists()


@pytest.mark.parametrize("on", [date(2026, 6, 14), date(2026, 7, 2)])
def test_outside_the_window(school, boss, on):
    release = short_course(school)
    trained(release, "林小满")
    under = scheme(opens_on=date(2026, 6, 15), closes_on=date(2026, 7, 1))
    now = datetime.fromisoformat(f"{on}T12:00:00+08:00")
    with pytest.raises(Refusal) as no:
        assemble_claim(scheme=under, college=school, release=release, actor=boss, now=now)
    assert no.value.code == "scheme_closed"


def test_the_last_minute_of_the_window_counts_in_shanghai(school, boss):
    release = short_course(school)
    trained(release, "林小满")
    under = scheme()
    last = datetime.fromisoformat("2026-12-31T23:59:59+08:00")
    claim = assemble_claim(scheme=under, college=school, release=release, actor=boss, now=last)
    assert claim.number.split("-")[1] == "2026"
    midnight = last + timedelta(seconds=1)
    with pytest.raises(Refusal):
        assemble_claim(scheme=under, college=school, release=release, actor=boss, now=midnight)


def test_a_scheme_of_another_region_is_not_found(school, boss):
    release = short_course(school)
    trained(release, "林小满")
    with pytest.raises(Refusal) as no:
        assemble_claim(scheme=scheme(region=people.BEIJING), college=school, release=release, actor=boss, now=LATER)
    assert (no.value.code, no.value.status) == ("scheme_unknown", 404)


def test_a_course_of_another_college_is_not_found(school, boss):
    release = short_course(people.college())
    trained(release, "林小满")
    with pytest.raises(Refusal) as no:
        assemble_claim(scheme=scheme(), college=school, release=release, actor=boss, now=LATER)
    assert (no.value.code, no.value.status) == ("release_unknown", 404)


@pytest.mark.parametrize("role", ["bureau_auditor", "bureau_approver", "registrar"])
def test_an_officer_does_not_claim(school, role):
    release = short_course(school)
    trained(release, "林小满")
    with pytest.raises(Refusal) as no:
        assemble_claim(
            scheme=scheme(), college=school, release=release, actor=people.acting(people.officer(role)), now=LATER
        )
    assert no.value.code == "role_required"


def test_another_college_can_not_touch_the_draft():
    claim = assembled("林小满")
    stranger = people.acting(words.publisher(people.college()))
    with pytest.raises(Refusal) as no:
        reassemble_claim(claim=claim, actor=stranger, now=LATER)
    assert no.value.status == 404


def test_claimed_before_is_left_out_for_the_same_occupation_and_level(school, boss):
    first = words.submitted("林小满", college=school)
    person = first.lines.get().person
    second = short_course(school)
    learning.passed(person, second, now=NOON + timedelta(days=1))
    trained(second, "安秋月")
    same, other = scheme(), scheme(level="中级")
    assert preview_claim(scheme=same, release=second).claimed_before == 1
    claim = assemble_claim(scheme=same, college=school, release=second, actor=boss, now=LATER)
    assert list(verdicts(claim)) == ["安秋月"]
    elsewhere = assemble_claim(scheme=other, college=school, release=second, actor=boss, now=LATER)
    assert set(verdicts(elsewhere)) == {"安秋月", "林小满"}


def test_someone_of_another_city_is_refused_not_hidden(school, boss):
    release = short_course(school)
    trained(release, "林小满", region=people.BEIJING)
    claim = assemble_claim(scheme=scheme(), college=school, release=release, actor=boss, now=LATER)
    line = claim.lines.with_verdict().get()
    assert (line.verdict, [one["code"] for one in line.verdict_findings]) == ("refuse", ["ineligible_status"])


def test_one_phone_for_two_is_queried(school, boss):
    release = short_course(school)
    words.packs_loaded()
    for name in ("林小满", "安秋月"):
        enrolment = learning.enrolled(people.person(name=name), release, now=NOON)
        player = learning.Player(learning.leased(enrolment, device="the same phone"))
        player.play(60, every=30)
        assert enrolment.states.filter(state=EnrolmentStateName.PASSED).exists()
    claim = assemble_claim(scheme=scheme(), college=school, release=release, actor=boss, now=LATER)
    assert verdicts(claim) == {"林小满": "query", "安秋月": "query"}
    finding = claim.lines.with_verdict().first().verdict_findings[0]
    assert (finding["code"], finding["params"]) == ("shared_device", {"others": 1})


def test_a_rare_name(school, boss):
    release = short_course(school)
    trained(release, "𠮷田·买买提")  # a name that no font may have, so perhaps without a certificate
    claim = assemble_claim(
        scheme=scheme(requires_certificate=False), college=school, release=release, actor=boss, now=LATER
    )
    assert claim.lines.get().facts["name"] == "𠮷田·买买提"


def test_killed_half_way_leaves_nothing(school, boss, monkeypatch):
    release = short_course(school)
    trained(release, "林小满")
    under = scheme()

    def killed(*_args, **_more):
        raise SystemExit

    monkeypatch.setattr("lms.subsidies.services.assembly.judge_again", killed)
    with pytest.raises(SystemExit), transaction.atomic():
        assemble_claim(scheme=under, college=school, release=release, actor=boss, now=LATER)
    assert not Claim.objects.exists()
    assert not ClaimLine.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_draft(school, boss):
    release = short_course(school)
    trained(release, "林小满")
    under = scheme()
    made, wrong = [], []
    ready = threading.Barrier(2)

    def press():
        try:
            ready.wait()
            made.append(assemble_claim(scheme=under, college=school, release=release, actor=boss, now=LATER).pk)
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(set(made)) == 1
    assert (Claim.objects.count(), ClaimLine.objects.count()) == (1, 1)


def test_reading_many_takes_no_more_questions_than_reading_few(school, boss, django_assert_max_num_queries):
    release = short_course(school)
    trained(release, "王一", "王二", "王三", "王四")
    enrolments = list(Enrolment.objects.select_related("person", "release"))
    # However many people: twelve for what is told of them, nine to prove their hour entries again.
    with django_assert_max_num_queries(21):
        evidence.read(enrolments)
