"""Verbs of people, one module per noun."""

from lms.people.services.accounts import register_practitioner, update_contact
from lms.people.services.api_keys import create_api_key, key_in_force, revoke_api_key
from lms.people.services.employment import (
    ManagerOn,
    assign_manager,
    direct_managers_on,
    end_employment,
    record_employment,
)
from lms.people.services.lookups import note_look_up
from lms.people.services.memberships import add_member, end_role, grant_role
from lms.people.services.messages import (
    BodyNews,
    News,
    mark_read,
    tell,
    tell_administrators,
    tell_bodies,
    tell_members,
    tell_person,
    tell_persons,
    tell_users,
)
from lms.people.services.organisations import (
    apply_organisation,
    decide_admission,
    found_bureau,
    resubmit_application,
)
from lms.people.services.persons import add_document, find_person, identity_numbers, register_person
from lms.people.services.qualifications import record_qualification, verify_qualification

__all__ = [
    "BodyNews",
    "ManagerOn",
    "News",
    "add_document",
    "add_member",
    "apply_organisation",
    "assign_manager",
    "create_api_key",
    "decide_admission",
    "direct_managers_on",
    "end_employment",
    "end_role",
    "find_person",
    "found_bureau",
    "grant_role",
    "identity_numbers",
    "key_in_force",
    "mark_read",
    "note_look_up",
    "record_employment",
    "record_qualification",
    "register_person",
    "register_practitioner",
    "resubmit_application",
    "revoke_api_key",
    "tell",
    "tell_administrators",
    "tell_bodies",
    "tell_members",
    "tell_person",
    "tell_persons",
    "tell_users",
    "update_contact",
    "verify_qualification",
]
