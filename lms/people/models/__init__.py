"""Nouns of people: one human being, whatever accounts, names and documents; and the bodies they work for."""

from lms.people.models.accounts import ApiKey, ApiScope, Letter, Membership, Message, Role, User
from lms.people.models.employment import Employment, Post, Qualification, ReportingLine
from lms.people.models.organisations import (
    AdmissionDecision,
    AnnualInspection,
    IntegrityRecord,
    Organisation,
    OrganisationKind,
    OrganisationProof,
    OrganisationStatus,
    ResponsiblePerson,
)
from lms.people.models.persons import IdentityDocument, Person, PreviousName

__all__ = [
    "AdmissionDecision",
    "AnnualInspection",
    "ApiKey",
    "ApiScope",
    "Employment",
    "IdentityDocument",
    "IntegrityRecord",
    "Letter",
    "Membership",
    "Message",
    "Organisation",
    "OrganisationKind",
    "OrganisationProof",
    "OrganisationStatus",
    "Person",
    "Post",
    "PreviousName",
    "Qualification",
    "ReportingLine",
    "ResponsiblePerson",
    "Role",
    "User",
]
