from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("证书")

    def ready(self) -> None:
        from certificates import receivers  # noqa: F401
        from certificates.checks import check_badge_key

        checks.register(check_badge_key, checks.Tags.security)
