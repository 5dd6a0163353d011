"""Questions as authors type them: the same words and letters as in the workbook."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.assessment.models import QuestionBank, QuestionKind, QuestionVersion
from courses.assessment.services.imports import COLUMNS, LETTERS, question_of


class BankForm(forms.Form):
    name = forms.CharField(label=_("题库名称"), max_length=200)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Excel 文件"),
        help_text=_("第一行是列名，可先下载模板。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-bytes": str(30 * 1024 * 1024)}),
    )
    dry_run = forms.BooleanField(
        label=_("只检查，不写入"), required=False, initial=True, help_text=_("先检查一遍，没有问题再导入。")
    )


class QuestionFilter(forms.Form):
    q = forms.CharField(label=_("题干或编号"), required=False, max_length=100, widget=forms.SearchInput)
    kind = forms.ChoiceField(label=_("题型"), required=False, choices=[("", _("全部")), *QuestionKind.choices])


class QuestionForm(forms.Form):
    """One question. How the answer is written depends on the kind and is said beside the field."""

    key = forms.CharField(label=_("编号"), max_length=50, help_text=_("在题库内唯一；同一编号再次保存成为新版本。"))
    kind = forms.ChoiceField(label=_("题型"), choices=QuestionKind.choices)
    stem = forms.CharField(label=_("题干"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    answer = forms.CharField(
        label=_("答案"),
        max_length=1000,
        help_text=_(
            "单选写 B；多选写 ACD；判断写“对”或“错”；排序写正确的次序 BDAC；匹配写 A-1 B-3；"
            "填空各空之间用分号，同一空的几种写法用斜线。"
        ),
    )
    explanation = forms.CharField(
        label=_("解析"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    knowledge_point = forms.CharField(label=_("知识点"), required=False, max_length=100)
    difficulty = forms.ChoiceField(label=_("难度"), choices=[("1", _("易")), ("2", _("中")), ("3", _("难"))])
    points = forms.IntegerField(label=_("分值"), min_value=1, max_value=100, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for letter in LETTERS:
            field = forms.CharField(label=_("选项 %(letter)s") % {"letter": letter}, required=False, max_length=500)
            self.fields[f"choice_{letter.lower()}"] = field
        self.fields["choice_a"].help_text = _("匹配题每个选项写作“左=右”；判断题和填空题不用填选项。")
        choices = [f"choice_{letter.lower()}" for letter in LETTERS]
        self.order_fields(["key", "kind", "stem", *choices, "answer"])

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``save_question``; refuses what can't be read."""
        return question_of({column.key: str(self.cleaned_data.get(column.key) or "").strip() for column in COLUMNS})


def cells_of(version: QuestionVersion) -> dict[str, str]:
    """A question written the way authors type it: the inverse of ``question_of``."""
    kind, choices, answer = QuestionKind(version.kind), version.choices, version.answer
    cells = {
        "key": version.question.key,
        "kind": kind.value,
        "stem": version.stem,
        "explanation": version.explanation,
        "knowledge_point": version.knowledge_point,
        "difficulty": str(version.difficulty),
        "points": str(version.points),
    }
    letters, written = _choices(kind, choices)
    cells |= {f"choice_{letter.lower()}": text for letter, text in zip(LETTERS, written, strict=False)}
    return {**cells, "answer": _answer(kind, choices, answer, letters)}


def _choices(kind: QuestionKind, choices: Any) -> tuple[dict[str, str], list[str]]:
    """Letter by choice id, and the texts in order."""
    if kind == QuestionKind.MATCHING:
        left, right = choices["left"], choices["right"]
        texts = [f"{one['text']}={other['text']}" for one, other in zip(left, right, strict=False)]
        return {one["id"]: letter for letter, one in zip(LETTERS, left, strict=False)}, texts
    options = choices or []
    letters = {one["id"]: letter for letter, one in zip(LETTERS, options, strict=False)}
    return letters, [one["text"] for one in options]


def _answer(kind: QuestionKind, choices: Any, answer: Any, letters: dict[str, str]) -> str:
    match kind:
        case QuestionKind.SINGLE:
            return letters.get(answer, "")
        case QuestionKind.MULTIPLE | QuestionKind.ORDERING:
            return "".join(letters.get(one, "") for one in answer)
        case QuestionKind.TRUE_FALSE:
            return gettext("对") if answer else gettext("错")
        case QuestionKind.FILL_IN:
            return "; ".join("/".join([blank] if isinstance(blank, str) else blank) for blank in answer)
    numbers = {one["id"]: number for number, one in enumerate(choices["right"], start=1)}
    return " ".join(f"{letters[left]}-{numbers[right]}" for left, right in answer.items())


def template_rows() -> list[list[str]]:
    """Two filled rows for the workbook people start from."""
    choices = [gettext("仰卧"), gettext("俯卧"), gettext("侧卧"), "", "", ""]
    single = ["Q001", str(QuestionKind.SINGLE.label), gettext("一岁以内的孩子入睡时应放成什么姿势？"), *choices, "A"]
    stem = gettext("睡眠室装有监控时，可以不走到床边巡视。")
    judged = ["Q002", str(QuestionKind.TRUE_FALSE.label), stem, *([""] * len(LETTERS)), gettext("错")]
    return [
        [*single, gettext("仰卧最安全。"), gettext("睡眠姿势"), "1", "1"],
        [*judged, gettext("屏幕看不清面色。"), gettext("巡视"), "1", "1"],
    ]


def own_banks(actor: Any) -> Any:
    """Banks of the actor's college."""
    return (
        QuestionBank.objects.filter(college_id=actor.organisation_id)
        if actor.organisation_id
        else QuestionBank.objects.none()
    )
