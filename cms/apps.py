"""What colleges write: Wagtail pages, media, workflow, site theme."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("课程编写")

    def ready(self) -> None:
        from cms import receivers, timetable  # noqa: F401 - connects them, and names the timetable's task
