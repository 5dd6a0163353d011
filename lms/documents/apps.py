from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "lms.documents"
    verbose_name = _("文档")

    def ready(self) -> None:
        from lms.documents.checks import check_libraries, check_signing_key

        checks.register(check_libraries, checks.Tags.compatibility)
        checks.register(check_signing_key, checks.Tags.security)
