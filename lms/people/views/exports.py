"""A list as a workbook: the same rows and the same scope as on the page, all of its pages."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from lms.documents.uploads import XLSX
from lms.documents.workbooks import Sheet, write


def wanted(request: HttpRequest) -> bool:
    """Whether this request asks for the workbook instead of the page."""
    return request.GET.get("format") == "xlsx"


def address(request: HttpRequest) -> str:
    """Where the workbook of this very list is found: the page's own filters stay."""
    query = request.GET.copy()
    query.pop("page", None)
    query["format"] = "xlsx"
    return f"?{query.urlencode()}"


def workbook(name: Any, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """One sheet to take away."""
    sheet = Sheet(str(name), [str(column) for column in columns], rows)
    response = HttpResponse(write(sheets=[sheet]), content_type=XLSX)
    response.headers["Content-Disposition"] = attachment(f"{name}.xlsx")
    return response


def attachment(file_name: str) -> str:
    """Content-Disposition for a file name in any script."""
    return f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"
