"""What a lesson is made of in the editor: readings from small blocks, recordings, packages, quizzes, classroom days."""

import math
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import get_text_for_indexing
from wagtailmedia.blocks import AudioChooserBlock, VideoChooserBlock

from cms.access import bank_choices
from cms.library import is_key, package_choices, text_choices, texts_by_key
from lms.rules.class_hours import reading_minutes

PRACTICE_MINUTES_AT_MOST = 30
CLASSROOM_MINUTES_AT_MOST = 480
PACKAGE_MINUTES_AT_MOST = 240
INLINE = ["bold", "italic"]


class ListingBlock(blocks.StructBlock):
    ordered = blocks.BooleanBlock(required=False, label=_("编号"))
    items = blocks.ListBlock(blocks.TextBlock(rows=2, label=_("条目")), min_num=1, label=_("条目"))

    class Meta:
        icon = "list-ul"
        label = _("列表")


class CalloutBlock(blocks.StructBlock):
    tone = blocks.ChoiceBlock(
        choices=[("note", _("提示")), ("attention", _("注意")), ("danger", _("危险"))], default="note", label=_("语气")
    )
    title = blocks.CharBlock(label=_("标题"))
    text = blocks.TextBlock(rows=3, label=_("内容"))

    class Meta:
        icon = "warning"
        label = _("提示框")


class PracticeBlock(blocks.StructBlock):
    """An exercise done while reading; its minutes are part of the reading."""

    title = blocks.CharBlock(label=_("练习"))
    minutes = blocks.IntegerBlock(min_value=1, max_value=PRACTICE_MINUTES_AT_MOST, label=_("所需分钟"))
    steps = blocks.ListBlock(blocks.TextBlock(rows=2, label=_("步骤")), min_num=1, label=_("步骤"))

    class Meta:
        icon = "clipboard-list"
        label = _("练习")


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("图片"))
    description = blocks.CharBlock(label=_("文字说明"), help_text=_("看不到图片的学员会听到这句话。"))
    caption = blocks.CharBlock(required=False, label=_("图注"))

    class Meta:
        icon = "image"
        label = _("图片")


class DownloadBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("文件"))
    title = blocks.CharBlock(label=_("名称"))

    class Meta:
        icon = "download"
        label = _("下载")


class TextBody(blocks.StreamBlock):
    heading = blocks.CharBlock(icon="title", label=_("小标题"), max_length=100)
    paragraph = blocks.RichTextBlock(features=INLINE, icon="pilcrow", label=_("段落"))
    list = ListingBlock()
    callout = CalloutBlock()
    table = TypedTableBlock([("text", blocks.TextBlock(rows=1, label=_("文字")))], icon="table", label=_("表格"))
    practice = PracticeBlock()
    image = PictureBlock()
    download = DownloadBlock()


class ReadingBody(TextBody):
    """A text of the reading's own, and texts that the college keeps for many readings."""

    reusable = blocks.ChoiceBlock(
        choices=text_choices,
        icon="copy",
        label=_("常用文字"),
        help_text=_("在“常用文字”里写好，改动后所有用到它的草稿都随之更新；已发布的版本不变。"),
    )


class ReadingValue(blocks.StructValue):  # type: ignore[misc]
    @property
    def computed_minutes(self) -> int:
        """What the text takes to read and the exercises to do, in whole minutes."""
        body = spelled_out(self["body"])
        practice = sum(child.value.get("minutes") or 0 for child in body if child.block_type == "practice")
        return reading_minutes(" ".join(texts_of(body))) + practice

    @property
    def expected_minutes(self) -> int:
        """The author may expect less than was computed, never more."""
        computed = self.computed_minutes
        return min(self.get("minutes") or computed, computed)


class ReadingBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=200)
    body = ReadingBody(label=_("正文"))
    minutes = blocks.IntegerBlock(
        required=False,
        min_value=1,
        label=_("预计分钟"),
        help_text=_("留空则按正文字数和练习时间计算；只能改小，不能改大。"),
    )

    class Meta:
        icon = "doc-full"
        label = _("阅读")
        value_class = ReadingValue

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        asked, computed = result.get("minutes"), result.computed_minutes
        if asked and asked > computed:
            sentence = _("正文和练习共约 %(computed)s 分钟，不能写成 %(asked)s 分钟。")
            error = ValidationError(sentence, params={"computed": computed, "asked": asked})
            raise blocks.StructBlockValidationError(block_errors={"minutes": error})
        return result


class ChapterBlock(blocks.StructBlock):
    at = blocks.IntegerBlock(min_value=0, label=_("从第几秒开始"))
    title = blocks.CharBlock(max_length=100, label=_("章节名"))

    class Meta:
        icon = "time"
        label = _("章节")


class RecordingBlock(blocks.StructBlock):
    """What is played from beginning to end; chapters lie within its length, in order."""

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        starts = [chapter["at"] for chapter in result["chapters"]]
        length = math.floor(result["media"].duration) if result["media"] else 0
        if starts != sorted(set(starts)) or (starts and starts[-1] >= length):
            sentence = _("章节要按时间先后排列，并且都在 %(length)s 秒的时长之内。")
            error = ValidationError(sentence, params={"length": length})
            raise blocks.StructBlockValidationError(block_errors={"chapters": error})
        return result


class VideoBlock(RecordingBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=200)
    media = VideoChooserBlock(label=_("视频"))
    chapters = blocks.ListBlock(ChapterBlock(), default=[], label=_("章节"))

    class Meta:
        icon = "media"
        label = _("视频")


class AudioBlock(RecordingBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=200)
    media = AudioChooserBlock(label=_("音频"), help_text=_("字幕会作为文字稿显示，听障学员需要它。"))
    chapters = blocks.ListBlock(ChapterBlock(), default=[], label=_("章节"))

    class Meta:
        icon = "wagtailmedia-audio"
        label = _("音频")


class PackageBlock(blocks.StructBlock):
    """Courseware made elsewhere. How long it takes is the author's word; whoever approves the course sees it."""

    title = blocks.CharBlock(label=_("标题"), max_length=200)
    package = blocks.ChoiceBlock(
        choices=package_choices, label=_("课件包"), help_text=_("先在“课件包”里上传 ZIP 文件，再在这里选用。")
    )
    minutes = blocks.IntegerBlock(
        min_value=1,
        max_value=PACKAGE_MINUTES_AT_MOST,
        label=_("学习分钟"),
        help_text=_("服务器量不出课件包的时长，请如实填写认真学完所需的分钟数；审批员会核对。"),
    )

    class Meta:
        icon = "folder-open-inverse"
        label = _("课件包")


class QuizBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=200)
    bank = blocks.ChoiceBlock(
        choices=bank_choices, label=_("题库"), help_text=_("先在“题库”里写好试题，再在这里选用。")
    )
    draw = blocks.IntegerBlock(min_value=1, max_value=200, label=_("抽题数"))
    minutes = blocks.IntegerBlock(min_value=1, max_value=240, label=_("限时（分钟）"))

    class Meta:
        icon = "tasks"
        label = _("测验")


class ClassroomDayBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("标题"), max_length=200)
    minutes = blocks.IntegerBlock(min_value=1, max_value=CLASSROOM_MINUTES_AT_MOST, label=_("授课分钟"))
    venue_hint = blocks.CharBlock(required=False, max_length=200, label=_("场地要求"))
    programme = blocks.ListBlock(blocks.CharBlock(label=_("环节")), min_num=1, label=_("安排"))

    class Meta:
        icon = "group"
        label = _("面授")


class LessonsBlock(blocks.StreamBlock):
    reading = ReadingBlock()
    video = VideoBlock()
    audio = AudioBlock()
    package = PackageBlock()
    quiz = QuizBlock()
    classroom_day = ClassroomDayBlock()

    class Meta:
        required = False


def spelled_out(body: Any) -> list[Any]:
    """The blocks of a reading's body with reusable texts put in their places; one that is gone leaves nothing."""
    keys = [child.value for child in body if child.block_type == "reusable"]
    texts = texts_by_key(keys)
    found: list[Any] = []
    for child in body:
        if child.block_type != "reusable":
            found.append(child)
            continue
        text = texts.get(uuid.UUID(child.value)) if is_key(child.value) else None
        found.extend(text.body if text else ())
    return found


def texts_of(body: Any) -> list[str]:
    """Every piece of text a learner reads in a reading's body, as plain text."""
    found: list[str] = []
    for child in spelled_out(body):
        found.extend(_texts(child.block_type, child.value))
    return found


def _texts(kind: str, value: Any) -> list[str]:
    match kind:
        case "heading":
            found = [value]
        case "paragraph":
            found = [get_text_for_indexing(value.source) if value else ""]
        case "list":
            found = [*value["items"]]
        case "callout":
            found = [value["title"], value["text"]]
        case "practice":
            found = [value["title"], *value["steps"]]
        case "table":
            found = _table_texts(value) if value else []
        case "image":
            found = [value["caption"]]
        case _:
            found = [value["title"]]
    return [text or "" for text in found]


def _table_texts(table: Any) -> list[str]:
    cells = [cell.value for row in table.rows for cell in row]
    return [table.caption, *(column["heading"] for column in table.columns), *cells]
