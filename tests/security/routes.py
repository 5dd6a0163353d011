"""Every door of the product: who may open it, and what of ours lies behind it.

``may`` names the roles of our own world that get an answer; everybody else of ours, and everybody next door, does not.
A door without an object (``lists``) opens for the same roles next door too, and shows them nothing of ours. What is
``public`` needs no account. What answers ``machines`` wants a key instead of a session.
"""

from dataclasses import dataclass, field
from typing import Any

from lms.people.models import Role
from tests.security.world import (
    COLLEGE_ROLES,
    EVERYONE,
    INSTITUTION_ROLES,
    OFFICERS,
    PAYERS,
    PRACTITIONER,
    REGISTRARS,
    STAFF,
    WRITERS,
    Address,
    World,
)

MANAGING = {Role.INSTITUTION_MANAGER, Role.COLLEGE_PUBLISHER}
VERIFYING = {Role.INSTITUTION_MANAGER, *OFFICERS}


@dataclass(frozen=True)
class Row:
    """One door. ``kind``: object, list, public, account or machine."""

    may: frozenset[Any]
    kind: str
    address: Address
    post: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    json: bool = False
    query: str = ""


def of(
    *may: Any, post: bool = False, json: bool = False, data: dict[str, Any] | None = None, query: str = "", **names: str
) -> Row:
    """A door with something of ours behind it: ``names`` say which thing stands for which part of the address."""

    def address(world: World) -> dict[str, Any]:
        return {part: _key(getattr(world, thing)) for part, thing in names.items()}

    return Row(frozenset(may), "object", address, post, data or {}, json, query)


def _key(thing: Any) -> Any:
    return getattr(thing, "pk", thing)


def lists(*may: Any, post: bool = False, data: dict[str, Any] | None = None, **kwargs: Any) -> Row:
    """A door to whatever is one's own."""
    return Row(frozenset(may), "list", lambda _world: kwargs, post, data or {})


def shared(*may: Any, post: bool = False, **names: str) -> Row:
    """A door with something everybody knows of behind it; what it gives is one's own."""
    return Row(frozenset(may), "list", of(**names).address, post)


def everywhere(*may: Any, post: bool = False, **names: str) -> Row:
    """A door to something of the installation's own: it opens for the same roles next door, and is nobody's secret."""
    return Row(frozenset(may), "list", of(**names).address, post)


def public(post: bool = False, **names: str) -> Row:
    return Row(frozenset(EVERYONE), "public", of(**names).address, post)


def account(**kwargs: Any) -> Row:
    """allauth's: one's own account, or the way in; nothing of anybody's is behind it."""
    return Row(frozenset(EVERYONE), "account", lambda _world: kwargs)


def machine(post: bool = False, **names: str) -> Row:
    return Row(frozenset(), "machine", of(**names).address, post)


PEOPLE = {
    "welcome": public(),
    "home": lists(*EVERYONE),
    "people:register": public(),
    "people:apply": public(),
    "people:application": lists(*STAFF),
    "people:admissions": lists(*OFFICERS),
    "people:admission": of(*REGISTRARS, Role.ADMINISTRATOR, pk="applicant"),
    "people:proof": of(*REGISTRARS, Role.ADMINISTRATOR, pk="applicant", proof_pk="proof"),
    "people:profile": lists(*EVERYONE),
    "people:contact": lists(*EVERYONE),
    "people:add_qualification": lists(*PRACTITIONER),
    "people:lookups": lists(*PRACTITIONER),
    "people:inbox": lists(*EVERYONE),
    "people:read_all": lists(*EVERYONE, post=True),
    "people:read": of(*PRACTITIONER, post=True, pk="message"),
    "people:organisation": lists(*STAFF),
    "people:add_member": lists(*MANAGING),
    "people:end_member": of(Role.INSTITUTION_MANAGER, pk="colleague"),
    "people:create_key": lists(Role.INSTITUTION_MANAGER, post=True, data={"scope": "hiring-checks"}),
    "people:keys": lists(Role.ADMINISTRATOR),
    "people:revoke_key": of(Role.INSTITUTION_MANAGER, Role.ADMINISTRATOR, post=True, pk="key"),
    "people:qualifications": lists(*VERIFYING),
    "people:verify_qualification": of(*VERIFYING, post=True, pk="qualification"),
    "people:roles": lists(*EVERYONE),
    "people:switch_role": of(*PRACTITIONER, post=True, pk="membership"),
    "set_language": public(post=True),
    "healthz": public(),
    "readyz": public(),
    "metrics": public(),
}

ACCOUNTS = {
    name: account()
    for name in (
        *("account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate"),
        *("account_email", "account_email_verification_sent", "account_change_password", "account_set_password"),
        *("account_reset_password", "account_confirm_login_code", "account_reset_password_from_key_done"),
        *("account_reset_password_done", "mfa_index", "mfa_authenticate", "mfa_reauthenticate"),
        *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
        *("mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"),
    )
} | {
    "account_confirm_email": account(key="nobody"),
    "mfa_edit_webauthn": account(pk=1),
    "mfa_remove_webauthn": account(pk=1),
    "account_reset_password_from_key": account(uidb36="1", key="nobody"),
}

_BEAT = {"sequence": 1, "nonce": "forged", "played": [[0, 1000]], "visible": True, "position_ms": 1000}
_ANSWER = {"challenge": "00000000-0000-0000-0000-000000000000", "key": "guessed", "nonce": "forged"}
LEARNING = {
    "ledger:mine": lists(*PRACTITIONER),
    "ledger:entry": of(*PRACTITIONER, *INSTITUTION_ROLES, *OFFICERS, pk="entry"),
    "ledger:outside": lists(*PRACTITIONER, Role.INSTITUTION_MANAGER),
    "ledger:outside_template": lists(*PRACTITIONER, Role.INSTITUTION_MANAGER),
    "ledger:outside_batch": of(Role.INSTITUTION_MANAGER, *PAYERS, pk="outside_batch"),
    "ledger:outside_progress": of(Role.INSTITUTION_MANAGER, *PAYERS, pk="outside_batch"),
    "ledger:outside_result": of(Role.INSTITUTION_MANAGER, *PAYERS, pk="outside_batch"),
    "ledger:outside_proof": of(Role.INSTITUTION_MANAGER, *PAYERS, pk="outside_batch"),
    "ledger:checking": lists(Role.BUREAU_AUDITOR),
    "ledger:check_batch": of(Role.BUREAU_AUDITOR, pk="outside_batch"),
    "ledger:leaves": lists(Role.INSTITUTION_MANAGER, Role.BUREAU_AUDITOR),
    "ledger:leave_new": lists(Role.INSTITUTION_MANAGER),
    "ledger:leave": of(*PRACTITIONER, Role.INSTITUTION_MANAGER, Role.BUREAU_AUDITOR, pk="leave"),
    "ledger:leave_document": of(*PRACTITIONER, Role.INSTITUTION_MANAGER, Role.BUREAU_AUDITOR, pk="leave"),
    "catalogue:index": public(),
    "catalogue:course": public(course_id="course"),
    "catalogue:release": public(release_id="release"),
    "catalogue:cover": public(release_id="release"),
    "catalogue:file": lists(*EVERYONE, name="picture.png"),
    "catalogue:programmes": public(),
    "catalogue:programme": public(pk="programme"),
    "catalogue:desk": lists(*WRITERS, Role.BUREAU_APPROVER),
    "catalogue:programme_new": lists(*WRITERS),
    "catalogue:programme_worth": lists(*WRITERS),
    "catalogue:programme_edit": of(*WRITERS, pk="draft_programme"),
    "catalogue:programme_submit": of(Role.COLLEGE_PUBLISHER, post=True, pk="draft_programme"),
    "catalogue:programme_approve": of(Role.BUREAU_APPROVER, post=True, pk="submitted_programme"),
    "catalogue:programme_return": of(
        Role.BUREAU_APPROVER, post=True, data={"reason": "学时不够"}, pk="submitted_programme"
    ),
    "catalogue:programme_withdraw": of(Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER, pk="programme"),
    "assessment:attempt": of(*PRACTITIONER, attempt_id="attempt"),
    "assessment:save": of(*PRACTITIONER, post=True, attempt_id="attempt", number="first"),
    "assessment:review": of(*PRACTITIONER, attempt_id="attempt"),
    "assessment:submit": of(*PRACTITIONER, post=True, attempt_id="attempt"),
    "assessment:result": of(*PRACTITIONER, attempt_id="attempt"),
    "classroom:sessions": lists(*COLLEGE_ROLES),
    "classroom:new": lists(*COLLEGE_ROLES),
    "classroom:session": of(*COLLEGE_ROLES, session_id="session"),
    "classroom:export": of(*COLLEGE_ROLES, session_id="session"),
    "classroom:wall": of(*COLLEGE_ROLES, session_id="session"),
    "classroom:wall_code": of(*COLLEGE_ROLES, session_id="session"),
    "classroom:cancel": of(*COLLEGE_ROLES, session_id="session"),
    "classroom:substitute": of(*COLLEGE_ROLES, session_id="session"),
    "classroom:enter": of(*PRACTITIONER, session_id="session"),
    "classroom:scan": of(*PRACTITIONER, session_id="session", code="stale_code"),
    "learning:home": lists(*PRACTITIONER),
    "learning:enrol": shared(*PRACTITIONER, post=True, release_id="new_release"),
    "learning:course": of(*PRACTITIONER, enrolment_id="enrolment"),
    "learning:withdraw": of(*PRACTITIONER, enrolment_id="enrolment"),
    "learning:lesson": of(*PRACTITIONER, enrolment_id="enrolment", lesson_id="reading"),
    "learning:exam": of(*PRACTITIONER, enrolment_id="enrolment", lesson_id="quiz"),
    "learning:sessions": of(*PRACTITIONER, enrolment_id="enrolment", lesson_id="day"),
    "learning:lease": of(*PRACTITIONER, post=True, json=True, enrolment_id="enrolment", lesson_id="reading"),
    "learning:beat": of(*PRACTITIONER, post=True, json=True, data=_BEAT, lease_id="lease"),
    "learning:challenge": of(*PRACTITIONER, post=True, json=True, data=_ANSWER, lease_id="lease"),
    "learning:close": of(*PRACTITIONER, post=True, json=True, data=_BEAT, lease_id="lease"),
    "learning:media": of(*PRACTITIONER, *COLLEGE_ROLES, *OFFICERS, lesson_id="video"),
    "learning:stream": of(*PRACTITIONER, *COLLEGE_ROLES, *OFFICERS, lesson_id="video", name="playlist"),
    "learning:poster": of(*PRACTITIONER, *COLLEGE_ROLES, *OFFICERS, lesson_id="video"),
    "learning:captions": of(*PRACTITIONER, *COLLEGE_ROLES, *OFFICERS, lesson_id="video"),
    "learning:package": of(*PRACTITIONER, *COLLEGE_ROLES, *OFFICERS, lesson_id="package_lesson", path="package_entry"),
    "learning:package-file": public(word="package_word", path="package_entry"),
    "learning:own_flags": of(*PRACTITIONER, enrolment_id="enrolment"),
    "learning:appeal": of(*PRACTITIONER, post=True, data={"text": ""}, enrolment_id="enrolment", flag_id="flag"),
    "learning:reviews": lists(*PAYERS),
    "learning:review": of(*PAYERS, flag_id="flag"),
    "learning:review_void": of(Role.BUREAU_AUDITOR, flag_id="flag"),
    "learning:enrol_programme": shared(*PRACTITIONER, post=True, programme_id="programme"),
    "learning:assignments": lists(Role.INSTITUTION_MANAGER),
    "learning:assigned_people": lists(Role.INSTITUTION_MANAGER),
    "learning:assign": lists(Role.INSTITUTION_MANAGER),
    "learning:cancel_assignment": of(Role.INSTITUTION_MANAGER, assignment_id="assignment"),
    "learning:record": of(*PAYERS, enrolment_id="enrolment"),
    "learning:learners": lists(*COLLEGE_ROLES),
    "learning:learners_export": lists(*COLLEGE_ROLES),
}

_DECIDE = {*REGISTRARS, Role.BUREAU_APPROVER}  # a college's publisher only over what the college issued
_CERTIFIERS = {Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER}
_RECALL = {Role.COLLEGE_PUBLISHER, *PAYERS, Role.REGISTRAR}
_HOLDERS_CIRCLE = {*PRACTITIONER, *INSTITUTION_ROLES, *OFFICERS}
CERTIFICATES = {
    "documents:signing-certificates": public(),
    "certificates:mine": lists(*PRACTITIONER),
    "certificates:claim_annual": lists(*EVERYONE, post=True, year=2026),
    "certificates:register": lists(*COLLEGE_ROLES, *OFFICERS),
    "certificates:register_export": lists(*COLLEGE_ROLES, *OFFICERS),
    "certificates:batches": lists(Role.COLLEGE_PUBLISHER, *OFFICERS),
    "certificates:batch_new": lists(*_CERTIFIERS),
    "certificates:batch_plan": of(Role.BUREAU_APPROVER, type_id="annual_type"),
    "certificates:batch": of(*OFFICERS, batch_id="issue_batch"),
    "certificates:batch_progress": of(*OFFICERS, batch_id="issue_batch"),
    "certificates:batch_start": of(Role.BUREAU_APPROVER, post=True, batch_id="issue_batch"),
    "certificates:batch_pause": of(Role.BUREAU_APPROVER, post=True, batch_id="issue_batch"),
    "certificates:batch_resume": of(Role.BUREAU_APPROVER, post=True, batch_id="issue_batch"),
    "certificates:batch_cancel": of(Role.BUREAU_APPROVER, batch_id="issue_batch"),
    "certificates:batch_zip": of(*OFFICERS, batch_id="issue_batch"),
    "certificates:batch_print": of(*OFFICERS, batch_id="issue_batch", volume="volume"),
    "certificates:batch_index": of(*OFFICERS, batch_id="issue_batch"),
    "certificates:statistics": lists(*COLLEGE_ROLES, *OFFICERS),
    "certificates:statistics_export": lists(*COLLEGE_ROLES, *OFFICERS),
    "certificates:recalls": lists(*_RECALL, Role.CONFIRMING_REGISTRAR),
    "certificates:propose_recall": lists(*_RECALL),
    "certificates:recall": of(*_RECALL, Role.CONFIRMING_REGISTRAR, recall_id="recall"),
    "certificates:recall_document": of(*_RECALL, Role.CONFIRMING_REGISTRAR, recall_id="recall"),
    "certificates:confirm_recall": of(Role.BUREAU_APPROVER, Role.CONFIRMING_REGISTRAR, recall_id="recall"),
    "certificates:decline_recall": of(Role.BUREAU_APPROVER, Role.CONFIRMING_REGISTRAR, recall_id="recall"),
    "certificates:bulk_check": lists(*PAYERS, *REGISTRARS),
    "certificates:bulk_check_template": lists(*PAYERS, *REGISTRARS),
    "certificates:detail": of(*_HOLDERS_CIRCLE, certificate_id="certificate"),
    "certificates:download": of(*_HOLDERS_CIRCLE, certificate_id="certificate"),
    "certificates:revoke": of(*_DECIDE, certificate_id="certificate"),
    "certificates:reinstate": of(*_DECIDE, certificate_id="certificate"),
    "certificates:types": lists(*_CERTIFIERS),
    "certificates:type_new": lists(*_CERTIFIERS, rule="post"),
    "certificates:type": of(Role.COLLEGE_PUBLISHER, type_id="certificate_type"),
    "certificates:supersede": of(*_DECIDE, certificate_id="certificate"),
    "certificates:reissue": of(*PRACTITIONER, *_DECIDE, certificate_id="certificate"),
    "certificates:decision": of(
        *PRACTITIONER, *COLLEGE_ROLES, *OFFICERS, certificate_id="revoked_certificate", number="revocation_number"
    ),
    "certificates:calendar": of(*PRACTITIONER, certificate_id="certificate"),
    "certificates:shares": of(*PRACTITIONER, certificate_id="certificate"),
    "certificates:withdraw_share": of(*PRACTITIONER, post=True, certificate_id="certificate", share_id="share"),
    "certificates:shared": public(token="share_token"),
    "certificates:template": of(Role.COLLEGE_PUBLISHER, type_id="certificate_type"),
    "certificates:template_preview": of(Role.COLLEGE_PUBLISHER, post=True, type_id="certificate_type"),
    "certificates:template_sample": of(Role.COLLEGE_PUBLISHER, post=True, type_id="certificate_type"),
    "certificates:template_versions": of(Role.COLLEGE_PUBLISHER, type_id="certificate_type"),
    "certificates:template_version": of(Role.COLLEGE_PUBLISHER, type_id="certificate_type", number="first"),
    "certificates:template_version_sample": of(Role.COLLEGE_PUBLISHER, type_id="certificate_type", number="first"),
    "certificates:pictures": lists(*_CERTIFIERS),
    "certificates:picture": of(Role.COLLEGE_PUBLISHER, picture_id="template_picture"),
    "certificates:sheet_style": public(),
    "certificates:verify": public(),
    "certificates:verify_file": public(post=True),
    "certificates:verification": public(token="certificate_token"),
    "credential": public(token="certificate_token"),
    "status-list": public(number="status_list"),
    "issuer": public(organisation_id="certificate_issuer"),
    "issuer-keys": public(organisation_id="certificate_issuer"),
}

_ENTER, _CONFIRM = {Role.REGISTRAR}, {Role.CONFIRMING_REGISTRAR}
BANS = {
    "ban_list:versions": public(),
    "ban_list:versions_json": public(),
    "ban_list:version_json": public(number="list_version"),
    "ban_list:extension_json": public(earlier="list_version", later="list_version"),
    "ban_list:keys_json": public(),
    "ban_list:statistics": public(),
    "ban_list:statistics_json": public(),
    "registry:peers": lists(*REGISTRARS, Role.ADMINISTRATOR),
    "registry:exchange_card": lists(*REGISTRARS, Role.ADMINISTRATOR),
    "registry:take_file": lists(*_ENTER),
    "registry:peer": everywhere(*REGISTRARS, Role.ADMINISTRATOR, pk="peer"),
    "registry:export_file": everywhere(*REGISTRARS, post=True, pk="peer"),
    "registry:withdraw_peer": everywhere(Role.CONFIRMING_REGISTRAR, Role.ADMINISTRATOR, post=True, pk="peer"),
    "registry:intakes": lists(*REGISTRARS),
    "registry:intake_template": lists(*REGISTRARS),
    "registry:intake": of(*REGISTRARS, pk="intake"),
    "registry:intake_progress": of(*REGISTRARS, pk="intake"),
    "registry:intake_letter": of(*REGISTRARS, pk="intake"),
    "registry:decline_intake": of(*_CONFIRM, post=True, pk="intake"),
    "registry:home": lists(*REGISTRARS),
    "registry:create": lists(*_ENTER),
    "registry:case": of(*REGISTRARS, pk="case"),
    "registry:edit": of(*_ENTER, pk="case"),
    "registry:document": of(*REGISTRARS, pk="case", document_pk="document"),
    "registry:add_subject": of(*_ENTER, pk="case"),
    "registry:at_work": of(*_ENTER, pk="case"),
    "registry:take_over": of(*_ENTER, pk="case"),
    "registry:add_manager": of(post=True, pk="case", person_pk="person"),
    "registry:remove_subject": of(*_ENTER, post=True, pk="case", subject_pk="subject"),
    "registry:proof": of(*REGISTRARS, pk="case_in_force", subject_pk="listed_subject"),
    "registry:submit": of(*_ENTER, post=True, pk="case"),
    "registry:confirm": of(*_CONFIRM, pk="submitted_case"),
    "registry:return": of(*_CONFIRM, post=True, pk="submitted_case"),
    "registry:appeal": of(*REGISTRARS, pk="case_in_force"),
    "registry:close_appeal": of(*REGISTRARS, pk="case_in_force"),
    "registry:annul": of(*_ENTER, pk="case_in_force"),
    "registry:confirm_annulment": of(*_CONFIRM, pk="lifting"),
    "registry:compensation": of(*REGISTRARS, pk="lifting"),
    "registry:decline_annulment": of(*_CONFIRM, post=True, pk="lifting"),
}

_ASKERS = {*PRACTITIONER, *INSTITUTION_ROLES, *REGISTRARS}
HIRING = {
    "hiring:home": lists(*INSTITUTION_ROLES),
    "hiring:checks": lists(*INSTITUTION_ROLES, *REGISTRARS),
    "hiring:check": of(*_ASKERS, pk="check"),
    "hiring:receipt_file": of(*_ASKERS, pk="check"),
    "hiring:receipt": public(token="receipt_token"),
    "hiring:batches": lists(*INSTITUTION_ROLES),
    "hiring:batch": of(*INSTITUTION_ROLES, pk="batch"),
    "hiring:batch_progress": of(*INSTITUTION_ROLES, pk="batch"),
    "hiring:batch_result": of(*INSTITUTION_ROLES, pk="batch"),
    "hiring:batch_receipt": public(token="batch_token"),
    "hiring:batch_receipt_file": of(*INSTITUTION_ROLES, pk="finished_batch"),
    "hiring:batch_cancel": of(*INSTITUTION_ROLES, pk="batch"),
    "hiring:dispute_check": of(*PRACTITIONER, pk="check"),
    "hiring:disputes": lists(*REGISTRARS),
    "hiring:dispute": of(*PRACTITIONER, *REGISTRARS, pk="dispute"),
    "hiring:look_ups": lists(*REGISTRARS),
    "hiring:look_up_statistics": lists(*REGISTRARS),
    "hiring:look_up": of(*REGISTRARS, pk="look_up"),
    "hiring:reviews": lists(*REGISTRARS),
    "hiring:review": of(*REGISTRARS, pk="review"),
    "hiring:ask_document": of(*REGISTRARS, pk="review"),
    "hiring:revoke_decision": of(*REGISTRARS, pk="decided_review"),
    "hiring:hand_in": of(*INSTITUTION_ROLES, pk="review"),
    "hiring:handed": of(*INSTITUTION_ROLES, *REGISTRARS, pk="review", document_pk="handed"),
    "hiring:roster": lists(*INSTITUTION_ROLES),
    "hiring:load_roster": lists(*INSTITUTION_ROLES),
    "hiring:roster_load": of(*INSTITUTION_ROLES, pk="roster_load"),
    "hiring:roster_load_progress": of(*INSTITUTION_ROLES, pk="roster_load"),
    "hiring:rechecks": lists(*INSTITUTION_ROLES, *REGISTRARS),
    "hiring:webhooks": lists(Role.INSTITUTION_MANAGER),
    "hiring:webhook": of(Role.INSTITUTION_MANAGER, pk="webhook"),
    "hiring:webhook_act": of(Role.INSTITUTION_MANAGER, post=True, data={"act": "ping"}, pk="webhook"),
    "hiring:start": of(*INSTITUTION_ROLES, check_pk="check"),
    "hiring:end": of(*INSTITUTION_ROLES, pk="employment"),
    "hiring:manager": of(*INSTITUTION_ROLES, pk="employment"),
    "hiring:alerts": lists(*INSTITUTION_ROLES, *REGISTRARS),
    "hiring:confirm_removal": of(*INSTITUTION_ROLES, pk="alert"),
}

_AUDIT, _APPROVE = {Role.BUREAU_AUDITOR}, {Role.BUREAU_APPROVER}
MONEY = {
    "subsidies:home": lists(*PAYERS),
    "subsidies:schemes": lists(*PAYERS),
    "subsidies:scheme_new": lists(*_APPROVE),
    "subsidies:claims": lists(*COLLEGE_ROLES),
    "subsidies:assemble": lists(*COLLEGE_ROLES),
    "subsidies:claim": of(*PAYERS, *COLLEGE_ROLES, pk="claim"),
    "subsidies:export": of(*PAYERS, *COLLEGE_ROLES, pk="claim"),
    "subsidies:line": of(*PAYERS, *COLLEGE_ROLES, pk="claim", position="first"),
    "subsidies:reassemble": of(*COLLEGE_ROLES, post=True, pk="draft_claim"),
    "subsidies:submit": of(Role.COLLEGE_PUBLISHER, post=True, pk="draft_claim"),
    "subsidies:sample": of(*_AUDIT, post=True, pk="claim"),
    "subsidies:audit": of(*_AUDIT, post=True, pk="claim"),
    "subsidies:return": of(*PAYERS, post=True, pk="claim"),
    "subsidies:decide": of(*_APPROVE, pk="claim"),
    "subsidies:pay": of(*_APPROVE, post=True, pk="claim"),
    "oversight:dashboard": lists(*OFFICERS),
    "oversight:public": public(),
    "oversight:city": of(*OFFICERS, code="our_region"),
}

AUTHORING = {
    "cms:workbench": lists(*COLLEGE_ROLES),
    "cms:submit": of(*WRITERS, post=True, page_id="draft_page"),
    "cms:recall": of(*WRITERS, post=True, page_id="submitted_page"),
    "cms:copy": of(*WRITERS, post=True, page_id="draft_page"),
    "cms:review": of(Role.COLLEGE_PUBLISHER, page_id="handed_in_page"),
    "cms:differences": of(*WRITERS, *_APPROVE, page_id="submitted_page"),
    "cms:course-search": lists(*WRITERS),
    "cms:release-changes": of(*PRACTITIONER, release_id="release"),
    "cms:withdraw": of(Role.COLLEGE_PUBLISHER, page_id="approved_page"),
    "cms:preview": of(*WRITERS, *_APPROVE, page_id="submitted_page"),
    "cms:approvals": lists(*_APPROVE),
    "cms:approval": of(*_APPROVE, page_id="submitted_page"),
    "cms:banks": lists(*WRITERS),
    "cms:bank-template": lists(*WRITERS),
    "cms:bank": of(*WRITERS, bank_id="bank"),
    "cms:bank-import": of(*WRITERS, post=True, bank_id="bank"),
    "cms:question-new": of(*WRITERS, bank_id="bank"),
    "cms:question": of(*WRITERS, bank_id="bank", question_id="question"),
    "cms:question-retire": of(*WRITERS, post=True, bank_id="bank", question_id="question"),
    "cms:recordings": lists(*WRITERS),
    "cms:rendition": of(*WRITERS, media_id="media"),
    "cms:rendition-retry": of(*WRITERS, post=True, media_id="media"),
    "cms:packages": lists(*WRITERS),
    "cms:package-preview": of(*WRITERS, package_id="package"),
    "cms:package": of(*WRITERS, *_APPROVE, package_id="package"),
    "cms:package-retire": of(*WRITERS, post=True, package_id="package"),
    "cms:terms": lists(*WRITERS),
    "cms:term": of(*WRITERS, term_id="term"),
    "cms:term-remove": of(*WRITERS, post=True, term_id="term"),
    "cms:texts": lists(*WRITERS),
    "cms:text-retire": of(*WRITERS, post=True, text_id="text"),
    "cms:hours": of(
        *WRITERS, post=True, data={"lessons-count": "0"}, query="editor=/cms/admin/pages/{0.draft_page.pk}/edit/"
    ),
    "cms:captions": of(*WRITERS, *_APPROVE, media_id="media"),
    "cms:file": of(*WRITERS, *_APPROVE, name="media_name"),
    "wagtaildocs_serve": of(*WRITERS, *_APPROVE, document_id="hand_out", name="media_name"),
}

MACHINES = {
    "xapi:statements": machine(),
    "xapi:about": public(),
    "api-person-standing": machine(pk="person"),
    "api-certificate-file": public(post=True),
    "api-certificate": public(token="certificate_token"),
    "api-hiring-checks": machine(post=True),
    "api-hiring-check": machine(pk="check"),
    "api-hiring-receipt": machine(pk="check"),
    "api-hiring-batches": machine(post=True),
    "api-hiring-batch": machine(pk="batch"),
    "api-hiring-batch-result": machine(pk="batch"),
    "api-hiring-batch-receipt": machine(pk="finished_batch"),
    "api-schema": public(),
    "api-docs": public(),
}

ROUTES: dict[str, Row] = {
    **PEOPLE,
    **ACCOUNTS,
    **LEARNING,
    **CERTIFICATES,
    **BANS,
    **HIRING,
    **MONEY,
    **AUTHORING,
    **MACHINES,
}
