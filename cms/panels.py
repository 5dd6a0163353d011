"""Panels of the course editor."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, Panel


class HoursPanel(Panel):
    """What the course claims beside what its content lasts; recomputed while the author writes (``hours.js``)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("学时核算"), **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/panels/hours.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            from cms.hours import arithmetic

            context = super().get_context_data(parent_context)
            return {**context, "hours": arithmetic(self.instance, college=self.form.college)}


class NotesPanel(FieldPanel):
    """What is new in this version; asked once there is a version before it."""

    class BoundPanel(FieldPanel.BoundPanel):
        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.instance.live)
