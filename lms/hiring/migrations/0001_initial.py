import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0001_initial"),
        ("people", "0001_initial"),
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BanAlert",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("confirm_by", models.DateTimeField(verbose_name="确认期限")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "employment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.employment"
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ban_alerts", to="people.organisation"
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="registry.banstate"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="registry.bansubject"
                    ),
                ),
            ],
            options={
                "verbose_name": "禁入警报",
                "verbose_name_plural": "禁入警报",
            },
        ),
        migrations.CreateModel(
            name="AlertConfirmation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("note", models.CharField(max_length=300, verbose_name="处理情况")),
                ("at", models.DateTimeField()),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "alert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="confirmation", to="hiring.banalert"
                    ),
                ),
            ],
            options={
                "verbose_name": "离岗确认",
                "verbose_name_plural": "离岗确认",
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("asked_by", models.CharField(max_length=150, verbose_name="核查人")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("hiring", "拟录用"),
                            ("annual_review", "年度复核"),
                            ("volunteer", "志愿服务"),
                            ("transfer", "转岗"),
                        ],
                        max_length=16,
                        verbose_name="用途",
                    ),
                ),
                ("consent", models.BooleanField(verbose_name="已取得本人同意")),
                ("reference", models.CharField(blank=True, max_length=64, verbose_name="内部编号")),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
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
                        verbose_name="证件类型",
                    ),
                ),
                ("ciphertext", models.TextField()),
                ("key_version", models.PositiveSmallIntegerField()),
                ("blind_index", models.CharField(db_index=True, max_length=64)),
                ("masked", models.CharField(max_length=32, verbose_name="证件号")),
                ("date_of_birth", models.DateField(blank=True, null=True, verbose_name="出生日期")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("clear", "未见禁入"), ("barred", "禁入"), ("review", "待人工核对")],
                        max_length=8,
                        verbose_name="结果",
                    ),
                ),
                ("rule", models.CharField(max_length=48)),
                ("checked_at", models.DateTimeField(verbose_name="核查时间")),
                ("valid_until", models.DateField(verbose_name="有效期至")),
                ("receipt_token", models.CharField(max_length=43, unique=True)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="people.organisation"
                    ),
                ),
                (
                    "list_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.listversion"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "入职核查",
                "verbose_name_plural": "入职核查",
                "ordering": ["-checked_at"],
            },
        ),
        migrations.CreateModel(
            name="CheckBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("hiring", "拟录用"),
                            ("annual_review", "年度复核"),
                            ("volunteer", "志愿服务"),
                            ("transfer", "转岗"),
                        ],
                        max_length=16,
                        verbose_name="用途",
                    ),
                ),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.UUIDField(null=True)),
                ("asked_by", models.CharField(max_length=150, verbose_name="核查人")),
                ("actor_role", models.CharField(max_length=32)),
                ("total", models.PositiveIntegerField(verbose_name="行数")),
                ("created_at", models.DateTimeField(verbose_name="上传时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                ("taken_until", models.DateTimeField(blank=True, null=True)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_batches",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量核查",
                "verbose_name_plural": "批量核查",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(verbose_name="行号")),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                ("document_type", models.CharField(blank=True, max_length=32, verbose_name="证件类型")),
                ("ciphertext", models.TextField(blank=True)),
                ("key_version", models.PositiveSmallIntegerField(null=True)),
                ("masked", models.CharField(blank=True, max_length=32, verbose_name="证件号")),
                ("date_of_birth", models.DateField(null=True, verbose_name="出生日期")),
                ("reference", models.CharField(blank=True, max_length=64, verbose_name="内部编号")),
                ("error_code", models.CharField(blank=True, max_length=48)),
                ("error", models.CharField(blank=True, max_length=300, verbose_name="错误")),
                (
                    "checked",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hiring.check"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="hiring.checkbatch"
                    ),
                ),
            ],
            options={
                "verbose_name": "批量核查行",
                "verbose_name_plural": "批量核查行",
            },
        ),
        migrations.CreateModel(
            name="CheckCandidate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("rule", models.CharField(max_length=48)),
                (
                    "checked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="candidates", to="hiring.check"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.bansubject"
                    ),
                ),
            ],
            options={
                "verbose_name": "可能匹配",
                "verbose_name_plural": "可能匹配",
            },
        ),
        migrations.CreateModel(
            name="CheckReceipt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                (
                    "checked",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipt", to="hiring.check"
                    ),
                ),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.archiveddocument"
                    ),
                ),
            ],
            options={
                "verbose_name": "核查回执",
                "verbose_name_plural": "核查回执",
            },
        ),
        migrations.CreateModel(
            name="IdempotentAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=128)),
                ("request_digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "checked",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="hiring.check"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "幂等记录",
                "verbose_name_plural": "幂等记录",
            },
        ),
        migrations.CreateModel(
            name="ReviewDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("clear", "未见禁入"), ("barred", "禁入"), ("review", "待人工核对")], max_length=8
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="理由")),
                ("at", models.DateTimeField()),
                (
                    "checked",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="hiring.check"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "list_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.listversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "核对决定",
                "verbose_name_plural": "核对决定",
            },
        ),
        migrations.AddConstraint(
            model_name="banalert",
            constraint=models.UniqueConstraint(
                fields=("subject", "employment", "state"), name="one_alert_an_employment"
            ),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["institution", "-checked_at"], name="check_by_institution"),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.CheckConstraint(condition=models.Q(("consent", True)), name="check_has_consent"),
        ),
        migrations.AddConstraint(
            model_name="checkbatch",
            constraint=models.CheckConstraint(condition=models.Q(("total__gte", 1)), name="batch_has_rows"),
        ),
        migrations.AddIndex(
            model_name="batchrow",
            index=models.Index(
                condition=models.Q(("checked", None), ("error_code", "")),
                fields=["batch", "number"],
                name="batch_row_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.UniqueConstraint(fields=("batch", "number"), name="one_row_a_number"),
        ),
        migrations.AddConstraint(
            model_name="idempotentanswer",
            constraint=models.UniqueConstraint(fields=("organisation", "key"), name="one_answer_a_key"),
        ),
    ]
