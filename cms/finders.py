"""Which files of the front-end packages are served, and under which name.

A package brings far more than a page needs (ECharts: fifty megabytes of builds and maps, four minutes of compression in
``collectstatic``), so each file is named here and nothing else leaves ``node_modules``.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

FILES = {
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/echarts/echarts.simple.min.js": "echarts/dist/echarts.simple.min.js",
    # Its name ends in .mjs so that the manifest leaves it alone: it names a source map, which nobody is served.
    "vendor/hls/hls.light.min.mjs": "hls.js/dist/hls.light.min.mjs",
}


class _PackageStorage(FileSystemStorage):
    """Reads ``node_modules`` under the names of :data:`FILES`."""

    def path(self, name: str) -> str:
        return super().path(FILES[name])


class PackageFinder(BaseFinder):
    """Finds the named files below ``settings.NODE_MODULES``; a package not installed yet is simply not found."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = _PackageStorage(location=str(settings.NODE_MODULES))

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [self.storage.path(path)] if path in FILES and Path(self.storage.path(path)).is_file() else []
        if find_all:
            return found
        return found[0] if found else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name in FILES:
            if self.storage.exists(name):
                yield name, self.storage
