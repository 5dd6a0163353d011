import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("policy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="HourEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                (
                    "kind",
                    models.CharField(
                        choices=[("credit", "计入"), ("reversal", "冲销")], max_length=8, verbose_name="类型"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[("skills", "综合技能培训"), ("ethics", "职业道德教育")],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(verbose_name="分钟")),
                ("class_hours", models.DecimalField(decimal_places=2, max_digits=7, verbose_name="学时")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("on", models.DateField(verbose_name="日期")),
                ("title", models.CharField(max_length=200, verbose_name="来源")),
                ("delivery", models.CharField(default="online", max_length=8, verbose_name="形式")),
                ("course_id", models.UUIDField(blank=True, null=True)),
                ("release_id", models.UUIDField(blank=True, null=True)),
                ("evidence_kind", models.CharField(max_length=32, verbose_name="证据")),
                ("evidence_id", models.UUIDField()),
                ("evidence_digest", models.CharField(max_length=64)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                ("recorded_at", models.DateTimeField(verbose_name="入账时间")),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "pack",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.policypack"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hour_entries", to="people.person"
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="ledger.hourentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "学时记录",
                "verbose_name_plural": "学时记录",
                "indexes": [models.Index(fields=["person", "year", "category"], name="entry_person_year")],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "number"), name="one_chain_a_person"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "credit")),
                        fields=("evidence_kind", "evidence_id"),
                        name="one_credit_an_evidence",
                    ),
                    models.CheckConstraint(condition=models.Q(("minutes__gt", 0)), name="minutes_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["skills", "ethics"])), name="category_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("evidence_kind", ""), _negated=True),
                            models.Q(("evidence_digest", ""), _negated=True),
                        ),
                        name="evidence_present",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "credit"), ("reverses", None)),
                            models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                            _connector="OR",
                        ),
                        name="reversal_names_its_entry",
                    ),
                ],
            },
        ),
    ]
