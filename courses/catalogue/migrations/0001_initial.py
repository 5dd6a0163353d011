import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Course",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("slug", models.SlugField(allow_unicode=True, max_length=100, unique=True, verbose_name="网址名")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="下架时间")),
                (
                    "college",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="courses", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "课程",
                "verbose_name_plural": "课程",
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                ("title", models.CharField(max_length=200, verbose_name="课程名称")),
                ("title_en", models.CharField(blank=True, max_length=200, verbose_name="英文名称")),
                ("summary", models.TextField(blank=True, verbose_name="简介")),
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
                        max_length=8,
                        verbose_name="形式",
                    ),
                ),
                ("class_hours", models.DecimalField(decimal_places=1, max_digits=5, verbose_name="学时")),
                ("minutes_per_class_hour", models.PositiveSmallIntegerField()),
                ("content_minutes", models.PositiveIntegerField(verbose_name="内容时长（分钟）")),
                ("regions", models.JSONField(default=list, verbose_name="适用地区")),
                ("pass_share", models.DecimalField(decimal_places=2, max_digits=3, verbose_name="测验及格比例")),
                ("coverage_share", models.DecimalField(decimal_places=2, max_digits=3, verbose_name="完成所需比例")),
                ("cover", models.CharField(blank=True, max_length=200)),
                ("content_hash", models.CharField(max_length=64)),
                ("approved_by", models.CharField(max_length=150, verbose_name="审批人")),
                ("published_at", models.DateTimeField(verbose_name="发布时间")),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="catalogue.course"
                    ),
                ),
            ],
            options={
                "verbose_name": "课程版本",
                "verbose_name_plural": "课程版本",
                "ordering": ["course", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Lesson",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("reading", "阅读"), ("video", "视频"), ("quiz", "测验"), ("classroom_day", "面授")],
                        max_length=16,
                        verbose_name="类型",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("seconds", models.PositiveIntegerField(verbose_name="时长（秒）")),
                ("body", models.TextField(blank=True, verbose_name="正文")),
                ("media", models.CharField(blank=True, max_length=200)),
                ("media_sha256", models.CharField(blank=True, max_length=64)),
                ("poster", models.CharField(blank=True, max_length=200)),
                ("captions", models.TextField(blank=True, verbose_name="字幕（WebVTT）")),
                ("chapters", models.JSONField(default=list, verbose_name="章节")),
                ("blueprint", models.JSONField(default=dict, verbose_name="组卷")),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lessons", to="catalogue.release"
                    ),
                ),
            ],
            options={
                "verbose_name": "课节",
                "verbose_name_plural": "课节",
                "ordering": ["release", "position"],
            },
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("course", "number"), name="one_release_a_number"),
        ),
        migrations.AddConstraint(
            model_name="lesson",
            constraint=models.UniqueConstraint(fields=("release", "position"), name="one_lesson_a_position"),
        ),
    ]
