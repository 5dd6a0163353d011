"""The theme keeps its promises: contrast, one palette, no inline style or script, components that render with nothing."""

import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "cms" / "static" / "site"
TEMPLATES = ROOT / "cms" / "templates"
TOKENS = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (SITE / "tokens.css").read_text()))
# Pages of authoring need the context of their views and are tested with them.
COMPONENTS = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.rglob("*.html")
    if path.relative_to(TEMPLATES).parts[0] not in {"cms", "drf_spectacular", "wagtailadmin", "wagtailmedia"}
)
# What the document room prints never reaches a browser; its templates bring their own style.
ALL_TEMPLATES = sorted(
    path
    for app in ("cms", "lms", "courses", "certificates")
    for path in (ROOT / app).rglob("*.html")
    if not {"documents", "pdf"} & set(path.parts)
)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON_GROUND = [
    (ink, ground)
    for ink in ("ink", "ink-soft", "ink-faint", "celadon", "celadon-deep", "vermilion", "vermilion-deep", "amber")
    for ground in ("paper", "sheet", "sunk")
    if (ink, ground) != ("celadon", "sunk")
] + [
    ("sheet", "celadon"),
    ("sheet", "celadon-deep"),
    ("sheet", "vermilion"),
    ("sheet", "amber"),
    ("ink", "celadon-wash"),
    ("ink", "vermilion-wash"),
    ("ink", "amber-wash"),
    ("celadon-deep", "celadon-wash"),
    ("celadon-deep", "amber-wash"),
    ("vermilion-deep", "vermilion-wash"),
    ("amber", "amber-wash"),
]


@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("ground", ["paper", "sheet", "celadon-wash"])
def test_borders_of_controls_can_be_seen(ground: str) -> None:
    assert contrast("line-control", ground) >= 3


def test_colours_are_given_once() -> None:
    for sheet in SITE.glob("*.css"):
        if sheet.name == "tokens.css":
            continue
        strangers = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text())) - {"#fff"}
        assert not strangers, f"{sheet.name}: {strangers}"


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_an_exception_from_the_content_security_policy(path: Path) -> None:
    source = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"\son\w+=", source)
    assert not re.search(r"<style\b", source)
    # JSON is read by a script and never runs: the policy does not ask about it.
    assert not re.search(r"""<script(?![^>]*\b(?:src=|type="application/json"))""", source)
    assert not re.search(r"""(?:src|href|action)=["']?https?:""", source)


def test_style_sheets_and_scripts_name_no_other_host() -> None:
    for path in [*SITE.glob("*.css"), *SITE.glob("*.js")]:
        assert "://" not in path.read_text(), path.name


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (SITE / "icons.svg").read_text()))
    named = {
        name
        for path in ALL_TEMPLATES
        for name in re.findall(r'components/icon\.html" with name="([\w-]+)"', path.read_text())
    }
    assert named
    assert named <= drawn


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_template_renders_with_nothing(name: str) -> None:
    engines["django"].get_template(name).render({})


def test_lock_file_holds_no_address() -> None:
    assert "http" not in (ROOT / "package-lock.json").read_text()


def items(count: int) -> list[dict[str, Any]]:
    return [{"label": f"房间{n}", "url": f"/{n}/", "icon": "home", "active": n == 0} for n in range(count)]


@pytest.mark.parametrize(("count", "shown", "more"), [(3, 3, False), (5, 5, False), (6, 4, True), (9, 4, True)])
def test_the_bar_holds_five(count: int, shown: int, more: bool) -> None:
    html = render_to_string("components/layouts/navigation.html", {"nav_items": items(count)})
    bar = html.split('<nav class="bar"')[1]
    assert bar.count('<a class="bar__link"') == shown
    assert ("更多" in bar) is more
    assert html.count('<a class="rail__link"') == count
    for n in range(count):
        assert bar.count(f'href="/{n}/"') == 1


class Reported(forms.Form):
    number = forms.CharField(label="证件号码", help_text="全角数字会自动整理。")
    purpose = forms.ChoiceField(label="目的", choices=[("hiring", "录用")], widget=forms.RadioSelect)
    consent = forms.BooleanField(label="本人同意")


def test_each_error_leads_to_its_control() -> None:
    html = render_to_string("components/form.html", {"form": Reported({})})
    targets = re.findall(r'<a href="#([\w-]+)">', html)
    assert targets == ["id_number", "id_purpose_0", "id_consent"]
    for target in targets:
        assert re.search(rf'<input[^>]*id="{target}"', html), target
    assert 'aria-invalid="true"' in html
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        for one in described.split():
            assert f'id="{one}"' in html, one


@pytest.mark.parametrize(
    ("value", "required", "share"), [(0, 72, None), (51.5, 72, "715"), (72, 72, "1000"), (80, 72, "1111")]
)
def test_a_ring_is_as_full_as_the_figure(value: float, required: int, share: str | None) -> None:
    html = render_to_string(
        "components/ring.html", {"value": value, "required": required, "label": "技能", "unit": "学时"}
    )
    arc = re.search(r'stroke-dasharray="(\d+) 1000"', html)
    assert (arc.group(1) if arc else None) == share
    assert "已达标" not in html, "only a verdict says so"


def test_pages_keep_the_filters() -> None:
    request = RequestFactory().get("/", {"q": "王芳", "page": "2"})
    html = render_to_string("components/pagination.html", {"page": Paginator(range(60), 20).page(2)}, request)
    assert "q=%E7%8E%8B%E8%8A%B3&amp;page=1" in html
    assert "q=%E7%8E%8B%E8%8A%B3&amp;page=3" in html
    assert "第 2 页，共 3 页" in html


def test_a_chart_carries_its_table() -> None:
    rows = [["黄浦", 91.2], ["</script>", None]]
    chart = {"id": "rate", "title": "持证率", "kind": "bar", "unit": "%", "columns": ["区", "持证率"], "rows": rows}
    html = render_to_string("components/chart.html", {"chart": chart})
    assert '<script id="rate-data" type="application/json">' in html
    assert html.count("</script>") == 1
    assert '<td class="number">91.2</td>' in html
    assert '<td class="number">—</td>' in html


def test_text_from_people_stays_text() -> None:
    html = render_to_string("components/message.html", {"level": "stop", "text": "<b>欧阳</b>"})
    assert "&lt;b&gt;欧阳&lt;/b&gt;" in html
