"""Only the files named are taken from the front-end packages."""

from pathlib import Path
from typing import Any

import pytest

from cms.finders import FILES, PackageFinder


@pytest.fixture
def packages(tmp_path: Path, settings: Any) -> Path:
    settings.NODE_MODULES = tmp_path
    for source in FILES.values():
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_text(source)
    (tmp_path / "echarts" / "dist" / "echarts.js.map").write_text("{}")
    return tmp_path


def test_the_named_files_are_found_and_listed(packages: Path) -> None:
    finder = PackageFinder()
    assert {name for name, _storage in finder.list(None)} == set(FILES)
    for name, source in FILES.items():
        assert finder.find(name) == str(packages / source)
        assert finder.find(name, find_all=True) == [str(packages / source)]
        assert finder.storage.open(name).read().decode() == source


def test_nothing_else_leaves_the_packages(packages: Path) -> None:
    finder = PackageFinder()
    for name in ("vendor/echarts/echarts.js.map", "echarts/dist/echarts.js.map", "../package.json", ""):
        assert finder.find(name) is None
        assert finder.find(name, find_all=True) == []


def test_packages_not_installed_are_not_found(tmp_path: Path, settings: Any) -> None:
    settings.NODE_MODULES = tmp_path / "absent"
    finder = PackageFinder()
    assert list(finder.list(None)) == []
    assert finder.find("vendor/htmx/htmx.min.js") is None
