from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "lms.policy"
    verbose_name = _("政策")

    def ready(self) -> None:
        """People's forms and pages speak of places by name; the regions are kept here."""
        from lms.people import places
        from lms.policy.models import Region

        places.provide(lambda: (places.Place(row.code, row.name, row.name_en) for row in Region.objects.all()))
