"""Schemes, claims with frozen lines, findings, decisions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubsidiesConfig(AppConfig):
    name = "lms.subsidies"
    verbose_name = _("补贴")

    def ready(self) -> None:
        from lms.subsidies import receivers  # noqa: F401
