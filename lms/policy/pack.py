"""The form of a policy pack: what one city asks for, as dated data.

A pack has two parts that may never be mixed up. The first is what the city's document says, each figure with the
section it stands in. The second, ``parameters``, is what no document says and the product must know all the same: how
long a class-hour is, how fast a video may play. Both are data; neither is a constant in code.
"""

import uuid
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lms.rules.class_hours import Rounding
from lms.rules.regions import covers

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Share = Annotated[Decimal, Field(gt=0, le=1)]
Minutes = Annotated[int, Field(gt=0, strict=True)]
Count = Annotated[int, Field(gt=0, strict=True)]
Post = Literal["institution_head", "caregiver", "health_staff", "cook", "guard"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Frozen):
    """A region the pack names: the city, its districts, and the province above it."""

    code: Code
    name: Text
    name_en: Text


class Source(Frozen):
    """The document the pack was read from. ``period`` is what it plans for, both days inclusive."""

    title: Text
    issued: date | None = None
    period: tuple[date, date]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.period[0] > self.period[1]:
            raise ValueError("文件期间的起始日期晚于结束日期")
        return self


class AnnualRequirement(Frozen):
    """Class-hours one category asks of every practitioner in a calendar year."""

    category: Literal["skills", "ethics"]
    title: Text
    class_hours: Annotated[Decimal, Field(gt=0)]
    section: str = ""


class TrainerRequirement(Frozen):
    role: Text
    title: Text
    trainings_per_year: Count
    section: str = ""


class Target(Frozen):
    """A figure the city wants to reach by a day. A rate is a share (0.8 is 80 %); ``value_max`` closes a range."""

    metric: Literal[
        "certified_on_post_rate", "persons_trained", "person_times_trained", "childcare_majors", "talent_pool"
    ]
    title: Text
    value: Annotated[Decimal, Field(gt=0)]
    value_max: Decimal | None = None
    role: str = ""
    by: date
    certificates: tuple[Text, ...] = ()
    section: str = ""

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        if self.metric.endswith("_rate") and self.value > 1:
            raise ValueError("比率不能大于 1，例如百分之八十写作 0.80")
        if self.value_max is not None and self.value_max < self.value:
            raise ValueError("上限小于下限")
        return self


class Ban(Frozen):
    """What the document says of people who harmed a child. ``as_decided``: it is silent, the decision itself rules."""

    duration: Literal["lifetime", "as_decided"]
    subjects: tuple[Literal["person", "directly_responsible_manager"], ...] = ()
    grounds: str = ""
    section: str = ""


class Subsidy(Frozen):
    name: Text
    covers: str = ""
    occupations: tuple[Text, ...] = ()
    requires: tuple[Text, ...] = ()
    catalogue: tuple[Text, ...] = ()
    section: str = ""


class Provision(Frozen):
    """Something else the document lays down, kept in its words; shown, not computed with."""

    title: Text
    items: tuple[Text, ...] = ()
    section: str = ""


class ClassHour(Frozen):
    minutes: Minutes
    rounding: Rounding


class Limits(Frozen):
    """None: not in force. ``daily_minutes_cap`` counts minutes credited on one local day."""

    daily_minutes_cap: Minutes | None = None
    online_share_max: Share | None = None
    one_course_once_a_year: bool = True


class Playback(Frozen):
    max_rate: Annotated[Decimal, Field(ge=1, le=4)]
    heartbeat_seconds: Count
    grace_seconds: Count
    coverage_share: Share
    lease_idle_seconds: Count

    @model_validator(mode="after")
    def _lease_outlives_a_beat(self) -> Self:
        if self.lease_idle_seconds <= self.heartbeat_seconds:
            raise ValueError("会话空闲时限必须大于心跳间隔")
        return self


class Presence(Frozen):
    """How often somebody who learns is asked whether they are there, and how long they have for the answer.

    The rate counts time credited; the server draws the moment at random around it. 0: nobody is asked.
    """

    challenges_per_hour: Annotated[Decimal, Field(ge=0, le=60)]
    answer_seconds: Count


class Year(Frozen):
    """How a year is counted for somebody hired in its middle, on leave, or ahead; None or 0: not in force.

    ``grace_days``: so long after 31 December hours of the old year may still be booked before it is closed.
    ``carry_over_class_hours_max``: surplus of one category that counts in the next year.
    """

    pro_rata: Literal["months", "days"] | None = None
    leave_reduces: bool = False
    grace_days: Annotated[int, Field(ge=0, le=180, strict=True)] = 0
    carry_over_class_hours_max: Annotated[Decimal, Field(gt=0)] | None = None


class Review(Frozen):
    """Days a practitioner has to appeal against a voided course."""

    appeal_days: Count


class Exam(Frozen):
    pass_share: Share
    minutes: Minutes
    attempts: Count
    cool_down_minutes: Annotated[int, Field(ge=0, strict=True)]


class Certificates(Frozen):
    annual_validity_months: Count
    course_validity_months: Count


class Hiring(Frozen):
    check_valid_days: Count
    review_working_days: Count
    removal_confirm_hours: Count
    certificate_required_posts: tuple[Post, ...] = ()


class Parameters(Frozen):
    """The product's own dated figures, which the document leaves open."""

    note: Text
    class_hour: ClassHour
    limits: Limits
    playback: Playback
    presence: Presence
    year: Year
    review: Review
    exam: Exam
    certificates: Certificates
    hiring: Hiring


class PackDocument(Frozen):
    """One file of ``packs/``. ``valid_from`` is the first day it is in force; it stays so until a newer one begins."""

    region: Code
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$")]
    valid_from: date
    document: Source
    regions: tuple[Place, ...]
    annual_requirements: tuple[AnnualRequirement, ...] = ()
    trainer_requirements: tuple[TrainerRequirement, ...] = ()
    targets: tuple[Target, ...]
    topics: tuple[Text, ...] = ()
    ban: Ban
    subsidies: tuple[Subsidy, ...] = ()
    provisions: tuple[Provision, ...] = ()
    parameters: Parameters

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        codes = [place.code for place in self.regions]
        if self.region not in codes:
            raise ValueError(f"regions 中缺少本政策包的地区 {self.region}")
        if len(set(codes)) != len(codes):
            raise ValueError("regions 中有重复的地区代码")
        for code in codes:
            if not (covers(self.region, code) or covers(code, self.region)):
                raise ValueError(f"地区 {code} 与 {self.region} 没有隶属关系")
        categories = [requirement.category for requirement in self.annual_requirements]
        if len(set(categories)) != len(categories):
            raise ValueError("annual_requirements 中同一类别出现两次")
        return self


class Pack(PackDocument):
    """A pack as loaded: the document and the key of its row."""

    id: uuid.UUID

    @property
    def region_code(self) -> str:
        return self.region

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def parameters_note(self) -> str:
        """Says which figures are the product's and not the document's."""
        return self.parameters.note

    @property
    def class_hour(self) -> ClassHour:
        return self.parameters.class_hour

    @property
    def limits(self) -> Limits:
        return self.parameters.limits

    @property
    def playback(self) -> Playback:
        return self.parameters.playback

    @property
    def presence(self) -> Presence:
        return self.parameters.presence

    @property
    def year(self) -> Year:
        return self.parameters.year

    @property
    def review(self) -> Review:
        return self.parameters.review

    @property
    def exam(self) -> Exam:
        return self.parameters.exam

    @property
    def certificates(self) -> Certificates:
        return self.parameters.certificates

    @property
    def hiring(self) -> Hiring:
        return self.parameters.hiring
