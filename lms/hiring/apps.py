from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HiringConfig(AppConfig):
    name = "lms.hiring"
    verbose_name = _("入职核查")

    def ready(self) -> None:
        from lms.hiring import receivers  # noqa: F401
