"""Nouns of authoring: the tree of pages, the media library, the steps of the review, what waits for its hour."""

from cms.models.media import CourseMedia
from cms.models.packages import CoursePackage, PackageKind
from cms.models.pages import CollegePage, CoursePage, HomePage
from cms.models.schedule import ReleaseNotice, ScheduledRelease
from cms.models.snippets import GlossaryTerm, ReusableText
from cms.models.workflow import BureauApprovalTask, CollegeReviewTask

__all__ = [
    "BureauApprovalTask",
    "CollegePage",
    "CollegeReviewTask",
    "CourseMedia",
    "CoursePackage",
    "CoursePage",
    "GlossaryTerm",
    "HomePage",
    "PackageKind",
    "ReleaseNotice",
    "ReusableText",
    "ScheduledRelease",
]
