import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0003_programmes_and_renditions"),
        ("cms", "0002_prerequisites_and_notes"),
        ("people", "0003_letters"),
        ("wagtailcore", "0098_apitoken"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CollegeReviewTask",
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
                "verbose_name": "院校复核",
            },
            bases=("wagtailcore.task",),
        ),
        migrations.CreateModel(
            name="ReleaseNotice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("created_at", models.DateTimeField()),
                ("told", models.PositiveIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("taken_until", models.DateTimeField(null=True)),
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.release"
                    ),
                ),
            ],
            options={
                "verbose_name": "新版本通知",
                "verbose_name_plural": "新版本通知",
                "indexes": [models.Index(fields=["done_at", "created_at"], name="release_notice_due")],
            },
        ),
        migrations.CreateModel(
            name="ScheduledRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("go_live_at", models.DateTimeField(verbose_name="发布时间")),
                ("approved_at", models.DateTimeField(verbose_name="批准时间")),
                ("approver_label", models.CharField(max_length=150, verbose_name="审批人")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("published", "已发布"), ("cancelled", "已撤回"), ("refused", "未能发布")],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=500, verbose_name="问题")),
                ("ended_at", models.DateTimeField(null=True)),
                ("taken_until", models.DateTimeField(null=True)),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scheduled_releases",
                        to="cms.coursepage",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="wagtailcore.revision"
                    ),
                ),
            ],
            options={
                "verbose_name": "定时发布",
                "verbose_name_plural": "定时发布",
                "indexes": [models.Index(fields=["outcome", "go_live_at"], name="scheduled_release_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")), fields=("page",), name="one_scheduled_release_a_course"
                    )
                ],
            },
        ),
    ]
