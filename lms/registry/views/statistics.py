"""Public statistics of the list: a page, JSON and a workbook, counted anew every five minutes at most."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.people.views import exports
from lms.registry.services import current_list_version
from lms.registry.services.figures import Figures, public_figures
from lms.rules.small_cells import SMALLEST_SHOWN

FOR_SECONDS = 300


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Counts by year, city, facts, role and kind."""
    figures = _figures()
    if exports.wanted(request):
        rows = [[table.title, words, _told(count)] for table in figures.tables for _key, words, count in table.rows]
        totals = [[_("合计"), _("在名单中"), _told(figures.listed)], [_("合计"), _("已撤销"), _told(figures.annulled)]]
        return exports.workbook(_("禁入统计"), (_("分类"), _("项目"), _("人次")), [*totals, *rows])
    context = {
        "figures": figures,
        "few": _few(),
        "version": current_list_version(),
        "on": timezone.localdate(),
        "export_url": "?format=xlsx",
    }
    return render(request, "registry/statistics.html", context)


@require_safe
def statistics_json(request: HttpRequest) -> JsonResponse:
    """The same for programs; null is a number too small to be told."""
    figures = _figures()
    tables = {
        table.code: [{"key": key, "name": words, "entries": count} for key, words, count in table.rows]
        for table in figures.tables
    }
    told = {"on": timezone.localdate(), "listed": figures.listed, "annulled": figures.annulled, **tables}
    return JsonResponse({**told, "smallest_shown": SMALLEST_SHOWN})


def _figures() -> Figures:
    key = f"ban-figures-{get_language()}"
    found: Figures = cache.get_or_set(key, public_figures, FOR_SECONDS) or public_figures()
    return found


def _few() -> str:
    return _("少于 %(number)s") % {"number": SMALLEST_SHOWN}


def _told(count: int | None) -> int | str:
    return _few() if count is None else count
