import django.core.validators
import django.db.models.deletion
import modelsearch.index
import taggit.managers
import wagtail.fields
import wagtail.models.media
from django.conf import settings
from django.db import migrations, models

import cms.access


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0001_initial"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailimages", "0027_image_description"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BureauApprovalTask",
            fields=[
                (
                    "task_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.task",
                    ),
                ),
            ],
            options={
                "verbose_name": "主管部门审批",
            },
            bases=("wagtailcore.task",),
        ),
        migrations.CreateModel(
            name="HomePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "课程编写首页",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="CollegePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                (
                    "collection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="wagtailcore.collection"
                    ),
                ),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="auth.group"
                    ),
                ),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "院校",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="CourseMedia",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=255, verbose_name="title")),
                ("file", models.FileField(upload_to="media", verbose_name="file")),
                ("type", models.CharField(choices=[("audio", "Audio file"), ("video", "Video file")], max_length=255)),
                (
                    "duration",
                    models.FloatField(
                        blank=True,
                        default=0,
                        help_text="Duration in seconds",
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="duration",
                    ),
                ),
                ("width", models.PositiveIntegerField(blank=True, null=True, verbose_name="width")),
                ("height", models.PositiveIntegerField(blank=True, null=True, verbose_name="height")),
                ("thumbnail", models.FileField(blank=True, upload_to="media_thumbnails", verbose_name="thumbnail")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("codec", models.CharField(blank=True, editable=False, max_length=16, verbose_name="编码")),
                (
                    "captions",
                    models.TextField(
                        blank=True,
                        help_text="粘贴 WebVTT 字幕，或在下面上传 .vtt 文件。听障学员需要字幕。",
                        verbose_name="字幕（WebVTT）",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        default=wagtail.models.media.get_root_collection_id,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtailcore.collection",
                        verbose_name="collection",
                    ),
                ),
                (
                    "tags",
                    taggit.managers.TaggableManager(
                        blank=True, help_text=None, through="taggit.TaggedItem", to="taggit.Tag", verbose_name="tags"
                    ),
                ),
                (
                    "uploaded_by_user",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by user",
                    ),
                ),
            ],
            options={
                "verbose_name": "课程视频",
                "verbose_name_plural": "课程视频",
            },
            bases=(modelsearch.index.Indexed, models.Model),
        ),
        migrations.CreateModel(
            name="CoursePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to=settings.WAGTAIL_PAGE_MODEL,
                    ),
                ),
                ("title_en", models.CharField(blank=True, max_length=200, verbose_name="英文名称")),
                ("summary", models.TextField(help_text="两三句话：学完能做什么，适合谁。", verbose_name="简介")),
                (
                    "category",
                    models.CharField(
                        choices=[("skills", "综合技能培训"), ("ethics", "职业道德教育")],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("professional_ethics", "职业道德"),
                            ("professional_norms", "职业规范"),
                            ("professional_skills", "职业技能"),
                            ("safety", "安全防范"),
                            ("mental_health", "心理健康"),
                        ],
                        max_length=20,
                        verbose_name="主题",
                    ),
                ),
                (
                    "delivery",
                    models.CharField(
                        choices=[("online", "线上"), ("offline", "线下"), ("blended", "线上线下结合")],
                        default="online",
                        max_length=8,
                        verbose_name="形式",
                    ),
                ),
                (
                    "class_hours",
                    models.DecimalField(
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="申报学时",
                    ),
                ),
                ("regions", models.JSONField(blank=True, default=list, verbose_name="适用地区")),
                (
                    "lessons",
                    wagtail.fields.StreamField(
                        [("reading", 27), ("video", 33), ("quiz", 37), ("classroom_day", 42)],
                        blank=True,
                        block_lookup={
                            0: ("wagtail.blocks.CharBlock", (), {"label": "标题", "max_length": 200}),
                            1: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"icon": "title", "label": "小标题", "max_length": 100},
                            ),
                            2: (
                                "wagtail.blocks.RichTextBlock",
                                (),
                                {"features": ["bold", "italic"], "icon": "pilcrow", "label": "段落"},
                            ),
                            3: ("wagtail.blocks.BooleanBlock", (), {"label": "编号", "required": False}),
                            4: ("wagtail.blocks.TextBlock", (), {"label": "条目", "rows": 2}),
                            5: ("wagtail.blocks.ListBlock", (4,), {"label": "条目", "min_num": 1}),
                            6: ("wagtail.blocks.StructBlock", [[("ordered", 3), ("items", 5)]], {}),
                            7: (
                                "wagtail.blocks.ChoiceBlock",
                                [],
                                {
                                    "choices": [("note", "提示"), ("attention", "注意"), ("danger", "危险")],
                                    "label": "语气",
                                },
                            ),
                            8: ("wagtail.blocks.CharBlock", (), {"label": "标题"}),
                            9: ("wagtail.blocks.TextBlock", (), {"label": "内容", "rows": 3}),
                            10: ("wagtail.blocks.StructBlock", [[("tone", 7), ("title", 8), ("text", 9)]], {}),
                            11: ("wagtail.blocks.TextBlock", (), {"label": "文字", "rows": 1}),
                            12: (
                                "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                                [[("text", 11)]],
                                {"icon": "table", "label": "表格"},
                            ),
                            13: ("wagtail.blocks.CharBlock", (), {"label": "练习"}),
                            14: (
                                "wagtail.blocks.IntegerBlock",
                                (),
                                {"label": "所需分钟", "max_value": 30, "min_value": 1},
                            ),
                            15: ("wagtail.blocks.TextBlock", (), {"label": "步骤", "rows": 2}),
                            16: ("wagtail.blocks.ListBlock", (15,), {"label": "步骤", "min_num": 1}),
                            17: ("wagtail.blocks.StructBlock", [[("title", 13), ("minutes", 14), ("steps", 16)]], {}),
                            18: ("wagtail.images.blocks.ImageChooserBlock", (), {"label": "图片"}),
                            19: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"help_text": "看不到图片的学员会听到这句话。", "label": "文字说明"},
                            ),
                            20: ("wagtail.blocks.CharBlock", (), {"label": "图注", "required": False}),
                            21: (
                                "wagtail.blocks.StructBlock",
                                [[("image", 18), ("description", 19), ("caption", 20)]],
                                {},
                            ),
                            22: ("wagtail.documents.blocks.DocumentChooserBlock", (), {"label": "文件"}),
                            23: ("wagtail.blocks.CharBlock", (), {"label": "名称"}),
                            24: ("wagtail.blocks.StructBlock", [[("document", 22), ("title", 23)]], {}),
                            25: (
                                "wagtail.blocks.StreamBlock",
                                [
                                    [
                                        ("heading", 1),
                                        ("paragraph", 2),
                                        ("list", 6),
                                        ("callout", 10),
                                        ("table", 12),
                                        ("practice", 17),
                                        ("image", 21),
                                        ("download", 24),
                                    ]
                                ],
                                {"label": "正文"},
                            ),
                            26: (
                                "wagtail.blocks.IntegerBlock",
                                (),
                                {
                                    "help_text": "留空则按正文字数和练习时间计算；只能改小，不能改大。",
                                    "label": "预计分钟",
                                    "min_value": 1,
                                    "required": False,
                                },
                            ),
                            27: ("wagtail.blocks.StructBlock", [[("title", 0), ("body", 25), ("minutes", 26)]], {}),
                            28: ("wagtailmedia.blocks.VideoChooserBlock", (), {"label": "视频"}),
                            29: ("wagtail.blocks.IntegerBlock", (), {"label": "从第几秒开始", "min_value": 0}),
                            30: ("wagtail.blocks.CharBlock", (), {"label": "章节名", "max_length": 100}),
                            31: ("wagtail.blocks.StructBlock", [[("at", 29), ("title", 30)]], {}),
                            32: ("wagtail.blocks.ListBlock", (31,), {"default": [], "label": "章节"}),
                            33: ("wagtail.blocks.StructBlock", [[("title", 0), ("media", 28), ("chapters", 32)]], {}),
                            34: (
                                "wagtail.blocks.ChoiceBlock",
                                [],
                                {
                                    "choices": cms.access.bank_choices,
                                    "help_text": "先在“题库”里写好试题，再在这里选用。",
                                    "label": "题库",
                                },
                            ),
                            35: (
                                "wagtail.blocks.IntegerBlock",
                                (),
                                {"label": "抽题数", "max_value": 200, "min_value": 1},
                            ),
                            36: (
                                "wagtail.blocks.IntegerBlock",
                                (),
                                {"label": "限时（分钟）", "max_value": 240, "min_value": 1},
                            ),
                            37: (
                                "wagtail.blocks.StructBlock",
                                [[("title", 0), ("bank", 34), ("draw", 35), ("minutes", 36)]],
                                {},
                            ),
                            38: (
                                "wagtail.blocks.IntegerBlock",
                                (),
                                {"label": "授课分钟", "max_value": 480, "min_value": 1},
                            ),
                            39: (
                                "wagtail.blocks.CharBlock",
                                (),
                                {"label": "场地要求", "max_length": 200, "required": False},
                            ),
                            40: ("wagtail.blocks.CharBlock", (), {"label": "环节"}),
                            41: ("wagtail.blocks.ListBlock", (40,), {"label": "安排", "min_num": 1}),
                            42: (
                                "wagtail.blocks.StructBlock",
                                [[("title", 0), ("minutes", 38), ("venue_hint", 39), ("programme", 41)]],
                                {},
                            ),
                        },
                        verbose_name="课节",
                    ),
                ),
                (
                    "college",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailimages.image",
                        verbose_name="封面",
                    ),
                ),
            ],
            options={
                "verbose_name": "课程",
            },
            bases=("wagtailcore.page",),
        ),
    ]
