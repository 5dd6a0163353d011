"""Demonstration people as data: three colleges, ten institutions, two bureaus a city, sixty practitioners.

All of them are made up. No identity number stands in the file: whoever loads it makes numbers from birth date,
home district and a sequence. References between the entries are checked while the file is read.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from lms.demo.values import CONTENT_DIRECTORY, College, Frozen, RegionCode, Text

StaffRole = Literal[
    "college_author",
    "college_teacher",
    "college_publisher",
    "institution_checker",
    "institution_manager",
    "bureau_auditor",
    "bureau_approver",
    "registrar",
    "confirming_registrar",
    "administrator",
]


class OrganisationEntry(Frozen):
    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: Text
    name_en: Text
    region: RegionCode


class CollegeEntry(OrganisationEntry):
    slug: College
    kind: Literal["college", "training_base"]


class BureauEntry(OrganisationEntry):
    kind: Literal["health_bureau", "hr_bureau"]


class InstitutionEntry(OrganisationEntry):
    places: int = Field(gt=0)


class StaffEntry(Frozen):
    """Somebody who signs in for an organisation and is not a practitioner of the demonstration."""

    name: Text
    organisation: Text
    roles: tuple[StaffRole, ...] = Field(min_length=1)


class QualificationEntry(Frozen):
    """A certificate issued elsewhere. The health staff's pre-post training has no level."""

    kind: Literal["yuyingyuan", "baoyushi", "one_plus_x", "health_training"]
    level: Literal["", "初级", "中级", "高级", "五级", "四级", "三级"] = ""
    issued: date


class PractitionerEntry(Frozen):
    """One practitioner. `home` is the district a resident identity number begins with; `born` is made up."""

    name: Text
    sex: Literal["F", "M"]
    born: date
    home: RegionCode | None = None
    document: Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit"] = "resident_id"
    previous_name: Text | None = None
    post: Literal["institution_head", "caregiver", "health_staff"]
    post_title: Text
    institution: Text
    hired: date
    qualification: QualificationEntry | None = None

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        if (self.document == "resident_id") != (self.home is not None):
            raise ValueError(f"{self.name}: a home district goes with a resident identity number, and only there")
        if self.hired.year - self.born.year < 18:
            raise ValueError(f"{self.name}: hired before eighteen")
        if self.qualification and self.qualification.issued.year - self.born.year < 18:
            raise ValueError(f"{self.name}: qualified before eighteen")
        return self


class People(Frozen):
    colleges: tuple[CollegeEntry, ...]
    institutions: tuple[InstitutionEntry, ...]
    bureaus: tuple[BureauEntry, ...]
    staff: tuple[StaffEntry, ...]
    practitioners: tuple[PractitionerEntry, ...]

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        organisations = [*self.colleges, *self.institutions, *self.bureaus]
        slugs = [organisation.slug for organisation in organisations]
        if len(set(slugs)) != len(slugs):
            raise ValueError("two organisations share a slug")
        institutions = {institution.slug for institution in self.institutions}
        for practitioner in self.practitioners:
            if practitioner.institution not in institutions:
                raise ValueError(f"{practitioner.name}: no institution {practitioner.institution!r}")
        for member in self.staff:
            if member.organisation not in slugs:
                raise ValueError(f"{member.name}: no organisation {member.organisation!r}")
        return self


@cache
def load_people() -> People:
    """Colleges, institutions, bureaus, their staff and sixty practitioners."""
    text = (CONTENT_DIRECTORY / "people.yaml").read_text(encoding="utf-8")
    return People.model_validate(yaml.safe_load(text))
