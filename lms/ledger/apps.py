from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "lms.ledger"
    verbose_name = _("学时账")

    def ready(self) -> None:
        from lms.ledger import uncounted
        from lms.ledger.evidence import register
        from lms.ledger.presenters import uncounted_outside
        from lms.ledger.services.outside_settling import EVIDENCE_KIND, derive_outside

        register(EVIDENCE_KIND, derive_outside, _("外部学时证明"))
        uncounted.register(uncounted_outside)
