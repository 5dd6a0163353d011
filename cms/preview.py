"""Every component beside its states, for whoever writes a page. Served only with DEBUG; the figures are samples."""

from datetime import datetime, timedelta, timezone
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CHINA = timezone(timedelta(hours=8))


class SampleForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件上的写法完全一致，包括生僻字和间隔号。")
    number = forms.CharField(label="证件号码", help_text="全角数字、小写 x 和空格都会自动整理。")
    kind = forms.ChoiceField(label="证件类型", choices=[("resident_id", "居民身份证"), ("passport", "护照")])
    purpose = forms.ChoiceField(
        label="查询目的",
        choices=[("hiring", "录用前查询"), ("annual_review", "年度复核"), ("volunteer", "志愿服务")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    file = forms.FileField(
        label="授权书扫描件",
        required=False,
        help_text="PDF 或图片，不超过 1 MB。",
        widget=forms.ClearableFileInput(attrs={"data-max-bytes": "1048576", "accept": ".pdf,image/*"}),
    )
    consent = forms.BooleanField(label="已取得本人书面同意，并知道查询记录会向本人公开")


class SampleFilter(forms.Form):
    q = forms.CharField(label="姓名或证书编号", required=False, widget=forms.SearchInput)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("valid", "有效"), ("revoked", "已撤销")]
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", widget=forms.Textarea, help_text="会写入审计记录，并告知本人。")


def _chart(kind: str, name: str) -> dict[str, Any]:
    return {
        "id": f"rate-{name}",
        "title": "各区持证上岗率" if kind == "bar" else "各区各岗位持证上岗率",
        "note": "截至 2026-11-20，在岗人员中持有效证书的比例",
        "kind": kind,
        "unit": "%",
        "columns": ["区", "保育师", "保健人员"] if kind != "bar" else ["区", "持证上岗率"],
        "rows": [[d, a, b] if kind != "bar" else [d, a] for d, a, b in _DISTRICTS],
        "target": {"label": "目标", "value": 80} if kind == "bar" else None,
    }


_DISTRICTS = [
    ("黄浦", 91.2, 95.0),
    ("徐汇", 84.6, 88.1),
    ("长宁", 78.4, 70.2),
    ("静安", 88.0, 82.5),
    ("浦东", 73.9, 64.0),
]


def _events() -> list[dict[str, Any]]:
    start = datetime(2026, 11, 20, 19, 30, 12, tzinfo=CHINA)
    return [
        {"at": start, "title": "开始学习：安全睡眠环境", "detail": "手机，新租约", "state": "ok"},
        {"at": start + timedelta(minutes=14), "title": "在场确认", "detail": "8 秒内回应", "state": "ok"},
        {
            "at": start + timedelta(minutes=31),
            "title": "网络中断 4 分钟",
            "detail": "中断时间不计入学时",
            "state": "attention",
        },
        {
            "at": start + timedelta(minutes=52),
            "title": "第二台设备被拒绝",
            "detail": "同一时间只能在一处学习",
            "state": "stop",
        },
        {
            "at": start + timedelta(minutes=70),
            "title": "课时完成",
            "detail": "覆盖 97 %，计 1.5 学时",
            "url": "#",
            "state": "ok",
        },
    ]


def _context() -> dict[str, Any]:
    refused = SampleForm({"name": "欧阳秋月", "number": "", "kind": "resident_id", "note": ""})
    refused.add_error("number", "最后一位校验码不符，请对照证件再核对一次。")
    return {
        "page_title": "组件",
        "form": SampleForm(),
        "refused_form": refused,
        "filter_form": SampleFilter(),
        "reason_form": ReasonForm(),
        "page": Paginator(range(240), 20).page(3),
        "bar_chart": _chart("bar", "bar"),
        "line_chart": _chart("line", "line"),
        "events": _events(),
        "crumbs": [{"label": "名册", "url": "#"}, {"label": "小桥托育园", "url": "#"}],
        "tabs": [
            {"label": "待处理", "url": "#", "active": True, "count": 4},
            {"label": "已处理", "url": "#", "active": False, "count": 128},
            {"label": "全部", "url": "#", "active": False, "count": None},
        ],
        "facts": [
            ("姓名", "欧阳秋月"),
            ("证件", "居民身份证 310***********1234"),
            ("证书编号", "SH-2026-000128-7"),
            ("有效期至", "2027-12-31"),
        ],
        "steps": [
            {"label": "填写决定", "state": "done", "note": "11 月 18 日"},
            {"label": "第二人确认", "state": "current", "note": "等待确认人"},
            {"label": "生效", "state": "todo"},
        ],
        "consequences": [
            "撤销 2 张有效证书，核验页随即显示“已撤销”",
            "停止 1 门在学课程",
            "通知 1 家在职机构，并要求在 24 小时内确认离岗",
        ],
        "choices": [
            {"value": "a", "label": "俯卧，方便观察背部", "checked": False},
            {"value": "b", "label": "仰卧，单独睡在硬床面上", "checked": True},
            {"value": "c", "label": "侧卧，用枕头固定", "checked": False},
        ],
        "errors": ["第 12 行：校验码不符", "第 40 行：姓名为空"],
    }


def component_preview(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    return render(request, "components/_preview.html", _context())
