"""Two worlds side by side: ours, where one object of every kind lies, and the neighbours', who may know nothing of it.

Colleges, institutions and practitioners next door are of the same city; officers next door are of another one. Names
and numbers in :data:`SECRETS` belong to our world alone, so that one of them on a neighbour's page is a leak.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image

from certificates.models import Certificate
from certificates.services import revoke_certificate
from certificates.services.credentials import slot_of
from certificates.services.recalls import propose_recall
from certificates.services.scopes import Scope
from certificates.services.shares import share_certificate
from cms.services import add_video, approve
from courses.learning.views.packages import address_of
from lms.audit.actors import Actor
from lms.hiring import services as hiring_services
from lms.hiring.models import BanAlert, Check, LookUpAlert, WebhookEndpoint
from lms.people import services as people_services
from lms.people import vault
from lms.people.models import Employment, Organisation, Role, User
from lms.people.services.proofs import attach_proofs
from lms.policy.services import pack_in_force
from lms.registry.services import propose_annulment
from tests.factories import (
    assessment,
    batches,
    catalogue,
    certificate_types,
    certificates,
    classroom,
    cms,
    hiring,
    learning,
    outside,
    people,
    policy,
    registry,
    reviews,
    rosters,
    subsidies,
)

LEARNER, COLLEGE, INSTITUTION, NUMBER = "欧阳隐月", "隐山职业学院", "隐园托育中心", "沪隐字〔2026〕7号"
APPLICANT, BANK, VENUE, DRAFT = "隐泉托育中心", "隐山题库", "隐山实训楼", "隐山未发布课程"
SECRETS = (LEARNER, COLLEGE, INSTITUTION, NUMBER, APPLICANT, BANK, VENUE, DRAFT)

PRACTITIONER = {Role.PRACTITIONER}
WRITERS = {Role.COLLEGE_AUTHOR, Role.COLLEGE_PUBLISHER}
COLLEGE_ROLES = {*WRITERS, Role.COLLEGE_TEACHER}
INSTITUTION_ROLES = {Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER}
PAYERS = {Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER}
REGISTRARS = {Role.REGISTRAR, Role.CONFIRMING_REGISTRAR}
OFFICERS = {*PAYERS, *REGISTRARS, Role.ADMINISTRATOR}
STAFF = {*COLLEGE_ROLES, *INSTITUTION_ROLES, *OFFICERS}
EVERYONE = {*PRACTITIONER, *STAFF}


@dataclass
class World:
    """Who can knock (``ours`` and ``theirs`` by role) and what lies behind the doors (``things`` by name)."""

    ours: dict[str, Client] = field(default_factory=dict)
    theirs: dict[str, Client] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError:
            raise AttributeError(name) from None


def _signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


def _staff(region: str, college: Organisation, institution: Organisation) -> dict[str, User]:
    of: dict[str, User] = {role: people.member(college, role) for role in sorted(COLLEGE_ROLES)}
    of |= {role: people.member(institution, role) for role in sorted(INSTITUTION_ROLES)}
    return of | {role: people.officer(role, region) for role in sorted(OFFICERS)}


def build() -> World:
    """Everything through the verbs, so that every law was kept on the way."""
    policy.packs_loaded()
    world = World()
    college, institution = people.college(name=COLLEGE), people.institution(name=INSTITUTION)
    learner = people.practitioner(name=LEARNER)
    staff = _staff(people.SHANGHAI, college, institution)
    neighbours = _staff(people.BEIJING, people.college(), people.institution())
    world.ours = {role: _signed_in(user) for role, user in staff.items()}
    world.theirs = {role: _signed_in(user) for role, user in neighbours.items()}
    world.ours[Role.PRACTITIONER] = _signed_in(learner)
    world.theirs[Role.PRACTITIONER] = _signed_in(people.practitioner())
    world.things = {"college": college, "institution": institution, "learner": learner, "person": learner.person}
    world.things["staff"] = staff
    people.employed(institution=institution, person=learner.person)
    for fill in (_people, _learning, _programmes, _papers, _hours, _hiring, _bans, _rosters, _money, _authoring):
        fill(world)
    return world


def _people(world: World) -> None:
    now, system = timezone.now(), people.system()
    applicant = people.applicant(name=APPLICANT)
    actor = Actor(kind="user", label="applicant", id=people.manager_of(applicant).pk)
    attach_proofs(organisation=applicant, files=[registry.decision_file("执照.pdf")], actor=actor, now=now)
    people_services.tell(user=world.learner, code="test", title=LEARNER, now=now)
    people_services.create_api_key(organisation=world.institution, scope="hiring-checks", actor=system, now=now)
    world.things |= {
        "applicant": applicant,
        "proof": applicant.proofs.get(),
        "message": world.learner.inbox.first(),
        "key": world.institution.api_keys.get(),
        "colleague": world.staff[Role.INSTITUTION_CHECKER].memberships.get(),
        "qualification": people_services.record_qualification(
            person=people.employed(institution=world.institution).person,
            kind="baoyushi",
            level="四级",
            number="BYS-1",
            issued_on=date(2024, 1, 5),
            issuer="上海市职业技能鉴定中心",
            valid_to=None,
            actor=system,
            now=now,
        ),
        "membership": world.learner.memberships.get(),
    }


def _learning(world: World) -> None:
    now, person = timezone.now(), world.person
    questions = assessment.paper(3, assessment.bank(world.college, BANK))
    lessons = [
        catalogue.reading(45),
        catalogue.video(60) | {"poster": "releases/cover.png"},
        catalogue.quiz(questions),
        catalogue.classroom_day(180),
    ]
    for name in ("cover.png", "picture.png", "sample.mp4"):
        storages["default"].save(f"releases/{name}", ContentFile(b"picture"))
    release = catalogue.released_course(
        college=world.college, lessons=lessons, delivery="blended", title="安全睡眠", cover="releases/cover.png"
    )
    enrolment = learning.enrolled(person, release, now=now)
    reading, video, quiz, day = release.lessons.order_by("position")
    catalogue.rendition(video)
    session = classroom.session(day, starts_at=now + timedelta(days=1), venue=VENUE, now=now)
    classroom.booked(session, person, enrolment.pk, now)
    attempt = assessment.sitting(
        person=person,
        lesson=quiz,
        enrolment_id=enrolment.pk,
        pack=pack_in_force(person.region_code, now.date()),
        now=now,
    )
    world.things |= {
        "bank": questions[0].question.bank,
        "question": questions[0].question,
        "release": release,
        "course": release.course,
        "new_release": catalogue.released_course(college=world.college, title="另一门课"),
        "first": 1,
        "stale_code": "ABC234",
        "enrolment": enrolment,
        "reading": reading,
        "video": video,
        "playlist": "master.m3u8",
        "quiz": quiz,
        "day": day,
        "session": session,
        "attempt": attempt,
        "lease": learning.leased(enrolment, reading, now=now),
        "flag": reviews.flagged(enrolment, now=now),
    }


def _programmes(world: World) -> None:
    """One being put together, one handed in, one on offer; and a course required of everybody."""
    courses = [
        catalogue.released_course(college=world.college, title="全年技能", class_hours=72),
        catalogue.released_course(college=world.college, title="全年师德", class_hours=40, category="ethics"),
    ]
    world.things |= {
        "draft_programme": catalogue.programme(courses, title=DRAFT),
        "submitted_programme": catalogue.submitted_programme(courses, title="待批计划"),
        "programme": catalogue.offered_programme(courses, title="全年计划"),
        "assignment": learning.assigned(world.institution, world.release, now=timezone.now()),
    }


def _papers(world: World) -> None:
    certificate = certificates.annual_certificate(world.person)
    entry = world.person.hour_entries.order_by("number").first()
    place = slot_of(certificate=certificate, now=timezone.now())
    world.things |= {"certificate_issuer": certificate.issuer_id, "status_list": place.list.number}
    world.things |= {"certificate": certificate, "certificate_token": certificate.token, "entry": entry}
    ordered = batches.worked(batches.running(world.staff[Role.BUREAU_APPROVER]))
    world.things |= {"issue_batch": ordered, "annual_type": ordered.type, "volume": 1}
    kind = certificate_types.post_type(world.college, world.release, title="岗位证书")
    seal = certificate_types.picture(world.college)
    certificate_types.published(kind, world.college, seal=seal)
    world.things |= {"certificate_type": kind, "template_picture": seal}
    _taken_back(world, certificate)


def _hours(world: World) -> None:
    now = timezone.now()
    lines = [outside.line(world.person, on=timezone.localdate(now))]
    world.things["outside_batch"] = outside.examined(world.institution, lines, now=now)
    world.things["leave"] = outside.leave(world.person, world.institution, now=now)


def _taken_back(world: World, shared: Certificate) -> None:
    """A link to one certificate, one that was revoked with its decision, and one that is proposed to be recalled."""
    now = timezone.now()
    share = share_certificate(certificate=shared, fields=["name"], days=7, actor=people.acting(world.learner), now=now)
    revoked, _recalled = (
        certificates.course_certificate(
            world.person, catalogue.released_course(college=world.college, title=DRAFT), now=now
        )
        for _ in range(2)
    )
    facts: dict[str, Any] = {"code": "fraud", "authority": COLLEGE, "reason": NUMBER, "now": now}
    revoke_certificate(certificate=revoked, actor=people.system(), document=registry.decision_file("决定.pdf"), **facts)
    recall = propose_recall(
        issuer=world.college,
        scope=Scope(issued_from=timezone.localdate(now)),
        document=registry.decision_file("决定.pdf"),
        actor=people.acting(world.staff[Role.COLLEGE_PUBLISHER]),
        **facts,
    )
    world.things |= {
        "share": share,
        "share_token": share.token,
        "revoked_certificate": revoked,
        "revocation_number": 2,
        "recall": recall,
    }


def _hiring(world: World) -> None:
    now, manager = timezone.now(), people.acting(world.staff[Role.INSTITUTION_MANAGER])
    check = hiring.checked(world.institution, world.person, now=now)
    hiring_services.make_receipt(check=check, now=now)
    file = registry.decision_file("名单.csv", "姓名,证件类型,证件号码\n".encode() + _line(world))
    report = hiring_services.create_batch(
        institution=world.institution, file=file, purpose="annual_review", consent=True, actor=manager, now=now
    )
    done = hiring_services.create_batch(
        institution=world.institution,
        file=registry.decision_file("全体.csv", "姓名,证件类型,证件号码\n".encode() + _line(world)),
        purpose="annual_review",
        consent=True,
        actor=manager,
        now=now,
    ).batch
    assert done
    hiring_services.work_on(batch_id=done.pk, now=now)
    other = hiring.checked(world.institution, world.person, now=now)
    said = {"ground": "no_consent", "statement": "没有人问过我", "actor": people.acting(world.person.user), "now": now}
    dispute = hiring_services.dispute_check(checked=other, **said)
    look_up = LookUpAlert.objects.create(
        institution=world.institution, pattern="burst", day=timezone.localdate(now), count=9, total=9, at=now
    )
    world.things |= {"finished_batch": done, "batch_token": done.receipt.token, "dispute": dispute, "look_up": look_up}
    employment: Employment = people.employed(institution=world.institution)
    world.things |= {"check": check, "receipt_token": check.receipt_token, "our_region": people.SHANGHAI}
    world.things |= {"batch": report.batch, "employment": employment}


def _line(world: World) -> bytes:
    identity = hiring.identity_of(world.person)
    return f"{identity['name']},居民身份证,{identity['document_number']}\n".encode()


def _bans(world: World) -> None:
    """A case at each place of its way, with a perpetrator whose employer still has to confirm."""
    employment = people.employed(institution=world.institution)
    registrar = world.staff[Role.REGISTRAR]
    common: dict[str, Any] = {"officer": registrar, "now": datetime.now(tz=timezone.get_current_timezone())}
    draft = registry.drafted_case(number=NUMBER, **common)
    subject = registry.subject_of(draft, people.person(name=LEARNER), now=common["now"])
    submitted = registry.submitted_case(people.person(), **common)
    in_force = registry.case_in_force(employment.person, **common)
    lifting = registry.case_in_force(people.person(), **common)
    propose_annulment(
        case=lifting,
        overturning_file=registry.decision_file("判决书.pdf"),
        reason="判决撤销原决定",
        actor=people.acting(registrar),
        now=common["now"] + timedelta(minutes=10),
    )
    twin = {"name": "王隐明", "document_type": "resident_id"}
    twin["document_number"] = people.resident_number(born=date(1990, 5, 1))
    registry.case_in_force(unknown=[twin], **common)
    asked = {"name": "王隐明", "document_type": "passport", "document_number": "E87654321"}
    review = hiring.checked(world.institution, **asked, date_of_birth=date(1990, 5, 1), now=timezone.now())
    world.things |= {
        "case": draft,
        "subject": subject,
        "document": draft.documents.get().document_id,
        "submitted_case": submitted,
        "case_in_force": in_force,
        "listed_subject": in_force.subjects.get(),
        "list_version": 1,
        "peer": registry.peer(now=common["now"]),
        "intake": registry.handed_in(officer=registrar, now=common["now"]),
        "lifting": lifting,
        "alert": BanAlert.objects.get(employment=employment),
        "review": review,
    }
    _reviewing(world, review, {**asked, "document_number": "E87654322"})


def _reviewing(world: World, review: Check, asked: dict[str, Any]) -> None:
    """A paper handed in for one possible match, and the next one asked for; another match is decided."""
    now, registrar = timezone.now(), people.acting(world.staff[Role.REGISTRAR])
    manager = people.acting(world.staff[Role.INSTITUTION_MANAGER])
    wanted = hiring_services.ask_for_document(checked=review, what="旧护照", actor=registrar, now=now)
    handed = hiring_services.hand_in_document(request=wanted, file=registry.decision_file(), actor=manager, now=now)
    hiring_services.ask_for_document(checked=review, what="更名证明", actor=registrar, now=now)
    decided = hiring.checked(world.institution, **asked, date_of_birth=date(1990, 5, 1), now=now)
    hiring_services.decide_review(checked=decided, outcome="clear", reason=NUMBER, actor=registrar, now=now)
    world.things |= {"handed": handed.document_id, "decided_review": decided}


def _rosters(world: World) -> None:
    """A staff list on its way, and the address of the institution's own software."""
    now = timezone.now()
    report = rosters.loaded(world.institution, [rosters.row_of(people.person(name=LEARNER))])
    sealed = vault.seal("whsec_secret")
    endpoint = WebhookEndpoint.objects.create(
        organisation=world.institution,
        url=f"https://alerts.example/{NUMBER}",
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        created_by="manager",
        created_at=now,
    )
    world.things |= {"roster_load": report.load, "webhook": endpoint}


def _money(world: World) -> None:
    world.things["claim"] = subsidies.submitted(LEARNER, college=world.college)
    world.things["draft_claim"] = subsidies.assembled(LEARNER, college=world.college)


def _authoring(world: World) -> None:
    now, writer = timezone.now(), world.staff[Role.COLLEGE_PUBLISHER]
    approved = cms.submitted_course(writer, title=DRAFT)
    approve(page=approved, actor=people.acting(world.staff[Role.BUREAU_APPROVER]), now=now)
    media = add_video(
        college=world.college,
        title=DRAFT,
        file=cms.a_video_file(2),
        captions="WEBVTT\n\n00:00.000 --> 00:01.000\n仰卧入睡\n",
        actor=people.acting(writer),
        now=now,
    )
    hand_out = Document(title=DRAFT, collection_id=media.collection_id)
    hand_out.file.save("hand-out.pdf", registry.decision_file())
    picture = Image(title=DRAFT, collection_id=media.collection_id)
    picture.file.save("hidden-picture.png", cms.a_picture())
    package = cms.a_package(writer, title=DRAFT)
    interactive = catalogue.released_course(college=world.college, lessons=[catalogue.package(folder=package.folder)])
    learning.enrolled(world.person, interactive, now=now)
    world.things |= {
        "package": package,
        "package_lesson": interactive.lessons.get(),
        "package_entry": package.entry,
        "package_word": address_of(package.folder, package.entry).split("/")[-2],
        "term": cms.a_term(writer, DRAFT),
        "text": cms.a_text(writer, DRAFT),
        "approved_page": approved,
        "draft_page": cms.drafted_course(writer, title=DRAFT),
        "submitted_page": cms.submitted_course(writer, title=DRAFT),
        "handed_in_page": cms.handed_in_course(world.staff[Role.COLLEGE_PUBLISHER], title=DRAFT),
        "media": media,
        "media_name": media.file.name,
        "hand_out": hand_out,
        "picture": picture,
    }


Address = Callable[[World], dict[str, Any]]
