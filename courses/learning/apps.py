from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearningConfig(AppConfig):
    name = "courses.learning"
    verbose_name = _("学习")

    def ready(self) -> None:
        from courses.learning import receivers  # noqa: F401
        from courses.learning.appeals import derive_appeal
        from courses.learning.evidence import derive_course, derive_courses
        from courses.learning.services.completions import EVIDENCE_KIND
        from courses.learning.services.voiding import APPEAL_EVIDENCE
        from courses.learning.showing import page_of
        from courses.learning.uncounted import uncounted_courses
        from lms.ledger import uncounted
        from lms.ledger.evidence import register, show

        register(EVIDENCE_KIND, derive_course, derive_many=derive_courses)
        register(APPEAL_EVIDENCE, derive_appeal, _("申诉决定"))
        show(EVIDENCE_KIND, page_of)
        show(APPEAL_EVIDENCE, page_of)
        uncounted.register(uncounted_courses)
