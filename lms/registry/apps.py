from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "lms.registry"
    verbose_name = _("禁入名单")

    def ready(self) -> None:
        from lms.registry import receivers  # noqa: F401
        from lms.registry.checks import check_registry_key

        checks.register(check_registry_key, checks.Tags.security)
