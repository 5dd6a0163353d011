from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "lms.audit"
    verbose_name = _("审计")

    def ready(self) -> None:
        from lms.audit import among  # noqa: F401  (registers the lookup)
        from lms.audit.protection import protect_after_migrate

        post_migrate.connect(protect_after_migrate, dispatch_uid="audit-protect-append-only")
