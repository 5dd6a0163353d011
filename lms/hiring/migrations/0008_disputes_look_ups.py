"""What persons say against a check, and what is noticed of how institutions look people up."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys
from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("hiring", "0007_one_receipt_a_batch"),
        ("people", "0003_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckDispute",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("wrong_person", "查的不是我"),
                            ("no_consent", "我没有同意过"),
                            ("outcome_wrong", "结果不对"),
                        ],
                        max_length=16,
                        verbose_name="理由",
                    ),
                ),
                ("statement", models.CharField(max_length=500, verbose_name="说明")),
                ("at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "checked",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispute", to="hiring.check"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_disputes", to="people.person"
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "核查异议",
                "verbose_name_plural": "核查异议",
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="LookUpAlert",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "pattern",
                    models.CharField(
                        choices=[
                            ("misses", "所查证件大多无人登记"),
                            ("guessed_names", "同一证件号试多个姓名"),
                            ("sequence", "按姓名顺序逐个查询"),
                            ("neighbouring_numbers", "同地同日出生的号码逐个查询"),
                            ("outside_hours", "非工作时间查询"),
                            ("same_person", "反复查询同一人"),
                            ("burst", "短时间内大量查询"),
                        ],
                        max_length=24,
                        verbose_name="情形",
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("count", models.PositiveIntegerField(verbose_name="次数")),
                ("total", models.PositiveIntegerField(verbose_name="当日查询")),
                ("figures", models.JSONField(default=dict)),
                ("at", models.DateTimeField(verbose_name="发现时间")),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="look_up_alerts",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "异常查询提醒",
                "verbose_name_plural": "异常查询提醒",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="LookUpDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("explained", "已说明，情况合理"), ("warned", "予以警示")],
                        max_length=12,
                        verbose_name="处理",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="理由")),
                ("at", models.DateTimeField(verbose_name="处理时间")),
                (
                    "alert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="hiring.lookupalert"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "异常查询处理",
                "verbose_name_plural": "异常查询处理",
            },
        ),
        migrations.CreateModel(
            name="DisputeAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("upheld", models.BooleanField(verbose_name="异议成立")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("clear", "未见禁入"), ("barred", "禁入"), ("review", "待人工核对")],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="答复")),
                ("at", models.DateTimeField(verbose_name="答复时间")),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dispute",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="hiring.checkdispute"
                    ),
                ),
            ],
            options={
                "verbose_name": "异议答复",
                "verbose_name_plural": "异议答复",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", ""), models.Q(("outcome", "clear"), ("upheld", True)), _connector="OR"
                        ),
                        name="only_upheld_clears",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="lookupalert",
            constraint=models.UniqueConstraint(
                fields=("institution", "pattern", "day"), name="one_look_up_alert_a_day"
            ),
        ),
        ProtectAppendOnly("hiring.CheckDispute"),
        ProtectAppendOnly("hiring.DisputeAnswer"),
        ProtectAppendOnly("hiring.LookUpAlert"),
        ProtectAppendOnly("hiring.LookUpDecision"),
    ]
