"""What the page frame says dozens of times a page, said without a template of its own."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Symbol ``name`` of ``site/icons.svg``; ``label`` is spoken, without it the icon is decoration."""
    spoken = format_html(' role="img" aria-label="{}"', label) if label else format_html(' aria-hidden="{}"', "true")
    return format_html(
        '<svg class="icon"{} width="20" height="20"><use href="{}#{}"></use></svg>', spoken, _sheet(), name
    )


@cache
def _sheet() -> str:
    """The address of the symbols: the same for as long as a process lives."""
    return static("site/icons.svg")
