from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "lms.people"
    verbose_name = _("人员与机构")

    def ready(self) -> None:
        from lms.people.checks import check_identity_keys

        checks.register(check_identity_keys, checks.Tags.database)
