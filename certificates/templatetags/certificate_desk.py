"""The tabs above the pages of issuers and bureaus."""

from typing import Any

from django import template

from certificates.desk import pages_for

register = template.Library()


@register.inclusion_tag("components/tabs.html", takes_context=True)
def desk_tabs(context: Any, tab: str, label: str) -> dict[str, Any]:
    """Those that the role of the one who reads is led to; ``tab`` is the page they are on."""
    return {"tabs": pages_for(context.request.actor.role, tab), "label": label}
