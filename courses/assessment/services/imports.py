"""Questions from a workbook: every row is judged on its own, a dry run names each wrong one, the rest can be taken.

One row is one question. Columns (headed in Chinese or English, see ``COLUMNS``): key, kind, stem, six choices,
answer, explanation, knowledge point, difficulty, points. Answers are written with the letters of the choices
(``A``, ``ACD``; ordering ``BDAC``; matching ``A-1 B-3``), 对/错, or the text of each blank (several accepted texts
separated by ``/``, blanks by ``;``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from courses.assessment.models import QuestionBank, QuestionKind
from courses.assessment.services.banks import require_editor, save_question
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import workbooks
from lms.documents.workbooks import Column
from lms.rules.refusals import Invalid, Refusal

LETTERS = "ABCDEF"
COLUMNS = (
    Column("key", (gettext_noop("编号"), "Number")),
    Column("kind", (gettext_noop("题型"), "Question type")),
    Column("stem", (gettext_noop("题干"), "Question text")),
    Column("choice_a", (gettext_noop("选项A"), "Choice A")),
    Column("choice_b", (gettext_noop("选项B"), "Choice B")),
    Column("choice_c", (gettext_noop("选项C"), "Choice C"), required=False),
    Column("choice_d", (gettext_noop("选项D"), "Choice D"), required=False),
    Column("choice_e", (gettext_noop("选项E"), "Choice E"), required=False),
    Column("choice_f", (gettext_noop("选项F"), "Choice F"), required=False),
    Column("answer", (gettext_noop("答案"), "Answer")),
    Column("explanation", (gettext_noop("解析"), "Explanation"), required=False),
    Column("knowledge_point", (gettext_noop("知识点"), "Knowledge point"), required=False),
    Column("difficulty", (gettext_noop("难度"), "Difficulty"), required=False),
    Column("points", (gettext_noop("分值"), "Points"), required=False),
)
_TRUE, _FALSE = {"对", "正确", "是", "√", "TRUE", "T"}, {"错", "错误", "否", "×", "FALSE", "F"}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row of the sheet (numbered as the spreadsheet shows it)."""

    row: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``rows`` read, of which ``saved`` were taken (or would be: dry run) and ``errors`` were not."""

    rows: int
    saved: int
    errors: tuple[RowError, ...] = field(default=())


def import_questions(*, bank: QuestionBank, file: BinaryIO, dry_run: bool, actor: Actor, now: datetime) -> ImportReport:
    """Save every right row of the first sheet; wrong rows are reported and left out.

    A dry run does the very same and takes it back. Refuses a file that is no workbook or lacks a column.
    """
    require_editor(actor, bank)
    with transaction.atomic():
        report = _import(bank, file, actor, now)
        record(
            verb="questions.imported",
            actor=actor,
            now=now,
            subject=bank,
            changes={"rows": report.rows, "saved": report.saved, "errors": len(report.errors)},
        )
        if dry_run:
            transaction.set_rollback(True)
    return report


def _import(bank: QuestionBank, file: BinaryIO, actor: Actor, now: datetime) -> ImportReport:
    rows, saved, errors, seen = 0, 0, [], set()
    for row in workbooks.read(file, columns=COLUMNS):
        cells = {column.key: row.values.get(column.key, "") for column in COLUMNS}
        rows += 1
        try:
            if cells["key"] in seen:
                raise Invalid("key_repeated", _("编号“%(key)s”在文件中重复。"), key=cells["key"])
            seen.add(cells["key"])
            save_question(bank=bank, actor=actor, now=now, **question_of(cells))
            saved += 1
        except Refusal as refusal:
            errors.append(RowError(row.number, refusal.code, str(refusal)))
    return ImportReport(rows, saved, tuple(errors))


def question_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of ``save_question`` from the texts of one row."""
    kind = _kinds().get(cells["kind"].casefold())
    if kind is None:
        raise Invalid("question_kind", _("题型“%(kind)s”不正确。"), kind=cells["kind"])
    options = [
        {"id": letter.lower(), "text": cells[f"choice_{letter.lower()}"]}
        for letter in LETTERS
        if cells[f"choice_{letter.lower()}"]
    ]
    choices: Any = options
    if kind == QuestionKind.MATCHING:
        choices = _columns(options)
    return {
        "key": cells["key"],
        "kind": kind.value,
        "stem": cells["stem"],
        "choices": choices,
        "answer": _answer(kind, cells["answer"]),
        "explanation": cells["explanation"],
        "knowledge_point": cells["knowledge_point"],
        "difficulty": _number(cells["difficulty"], _("难度")),
        "points": _number(cells["points"], _("分值")),
    }


@cache
def _kinds() -> Mapping[str, QuestionKind]:
    """Kinds of questions by each name they go by: in every language of the screens, and for programs."""
    names = {kind.value: kind for kind in QuestionKind}
    for language, _name in settings.LANGUAGES:
        with override(language):
            names |= {str(kind.label).casefold(): kind for kind in QuestionKind}
    return names


def _columns(options: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Matching: each choice cell holds ``left=right``; the right column is numbered."""
    left, right = [], []
    for number, option in enumerate(options, start=1):
        first, sign, second = option["text"].partition("=")
        if not sign:
            raise Invalid("question_choices", _("匹配题的每个选项写作“左=右”。"))
        left.append({"id": option["id"], "text": first.strip()})
        right.append({"id": str(number), "text": second.strip()})
    return {"left": left, "right": right}


def _answer(kind: QuestionKind, text: str) -> Any:
    letters = re.sub(r"[\s,，、;；]+", "", text)
    match kind:
        case QuestionKind.SINGLE:
            return letters.lower()
        case QuestionKind.MULTIPLE | QuestionKind.ORDERING:
            return [letter.lower() for letter in letters]
        case QuestionKind.TRUE_FALSE:
            if letters.upper() in _TRUE | _FALSE:
                return letters.upper() in _TRUE
            raise Invalid("question_answer", _("判断题的答案写“对”或“错”。"))
        case QuestionKind.FILL_IN:
            return [[one.strip() for one in blank.split("/")] for blank in re.split(r"[;；]", text) if blank.strip()]
    pairs = re.findall(r"([A-Fa-f])\s*[-—:：]\s*(\d+)", text)
    if not pairs:
        raise Invalid("question_answer", _("匹配题的答案写作“A-1 B-2”。"))
    return {left.lower(): right for left, right in pairs}


def _number(text: str, head: str) -> int:
    if not text:
        return 1
    if not text.isdecimal():
        raise Invalid("not_a_number", _("“%(head)s”应是整数。"), head=head)
    return int(text)
