import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_signing_certificates"),
        ("registry", "0005_matters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Intake",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("workbook", "名单导入"), ("exchange", "地区交换")], max_length=8, verbose_name="来源"
                    ),
                ),
                ("region_code", models.CharField(db_index=True, max_length=6, verbose_name="地区")),
                ("source", models.CharField(max_length=200, verbose_name="名单来源")),
                ("sha256", models.CharField(max_length=64)),
                ("total", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待复核"),
                            ("running", "正在列入"),
                            ("finished", "已完成"),
                            ("declined", "未获同意"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="提交时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("finished_at", models.DateTimeField(null=True)),
                ("taken_until", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.archiveddocument"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "名单批次",
                "verbose_name_plural": "名单批次",
                "ordering": ["-proposed_at"],
            },
        ),
        migrations.CreateModel(
            name="IntakeRow",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "act",
                    models.CharField(
                        choices=[("entered", "列入"), ("annulled", "撤销")], default="entered", max_length=8
                    ),
                ),
                ("authority", models.CharField(max_length=200, verbose_name="作出机关")),
                ("case_number", models.CharField(max_length=100, verbose_name="决定文号")),
                ("decided_on", models.DateField(null=True)),
                ("facts_on", models.DateField(null=True)),
                ("facts_category", models.CharField(blank=True, max_length=16)),
                ("legal_basis", models.CharField(blank=True, max_length=300)),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                ("birth_date", models.DateField(null=True)),
                (
                    "document_type",
                    models.CharField(
                        choices=[
                            ("resident_id", "居民身份证"),
                            ("passport", "护照"),
                            ("hk_macau_permit", "港澳居民来往内地通行证"),
                            ("taiwan_permit", "台湾居民来往大陆通行证"),
                            ("hk_macau_taiwan_residence", "港澳台居民居住证"),
                            ("foreign_permanent_residence", "外国人永久居留身份证"),
                        ],
                        max_length=32,
                    ),
                ),
                ("ciphertext", models.TextField()),
                ("key_version", models.PositiveSmallIntegerField()),
                ("masked", models.CharField(max_length=32, verbose_name="证件号")),
                ("role", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=16)),
                ("from_date", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("listed", "已在名单中，跳过"),
                            ("taken", "已列入"),
                            ("annulled", "已撤销"),
                            ("failed", "未能列入"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=48)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "intake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="registry.intake"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.bansubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "批次行",
                "verbose_name_plural": "批次行",
            },
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "declined"), _negated=True),
                fields=("region_code", "sha256"),
                name="one_batch_a_file",
            ),
        ),
        migrations.AddIndex(
            model_name="intakerow",
            index=models.Index(fields=["intake", "outcome", "number"], name="intake_row_left"),
        ),
        migrations.AddConstraint(
            model_name="intakerow",
            constraint=models.UniqueConstraint(fields=("intake", "number", "act"), name="one_intake_row_a_number"),
        ),
    ]
