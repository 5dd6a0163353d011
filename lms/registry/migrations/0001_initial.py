import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BanCase",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=100, verbose_name="决定文号")),
                ("authority", models.CharField(max_length=200, verbose_name="作出机关")),
                ("decided_on", models.DateField(verbose_name="决定日期")),
                ("facts_on", models.DateField(verbose_name="事实发生日期")),
                (
                    "facts_category",
                    models.CharField(
                        choices=[
                            ("abuse", "虐待儿童"),
                            ("sexual", "性侵、猥亵儿童"),
                            ("neglect", "严重失职致儿童伤害"),
                            ("concealment", "隐瞒不报"),
                        ],
                        max_length=16,
                        verbose_name="事实类别",
                    ),
                ),
                ("legal_basis", models.CharField(max_length=300, verbose_name="法律依据")),
                ("region_code", models.CharField(db_index=True, max_length=6, verbose_name="地区")),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
            ],
            options={
                "verbose_name": "禁入案件",
                "verbose_name_plural": "禁入案件",
                "constraints": [models.UniqueConstraint(fields=("authority", "number"), name="one_case_a_decision")],
            },
        ),
        migrations.CreateModel(
            name="BanState",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待复核"),
                            ("returned", "退回"),
                            ("in_force", "生效"),
                            ("under_appeal", "申诉中（仍有效）"),
                            ("appeal_closed", "申诉终结（仍有效）"),
                            ("annulment_proposed", "拟撤销，待复核"),
                            ("annulment_declined", "撤销未获同意"),
                            ("annulled", "已撤销"),
                        ],
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="states", to="registry.bancase"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.archiveddocument",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "案件状态",
                "verbose_name_plural": "案件状态",
                "ordering": ["case", "number"],
            },
        ),
        migrations.CreateModel(
            name="BanSubject",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("perpetrator", "行为人"), ("manager", "直接管理人")],
                        max_length=16,
                        verbose_name="身份",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("lifetime", "终身禁入"), ("dated", "限期禁入")], max_length=16, verbose_name="期限"
                    ),
                ),
                ("from_date", models.DateField(verbose_name="自")),
                ("until", models.DateField(blank=True, null=True, verbose_name="至（含）")),
                ("name", models.CharField(db_index=True, max_length=100, verbose_name="姓名")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="出生日期")),
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
                ("masked", models.CharField(max_length=32, verbose_name="证件号")),
                ("number_digest", models.CharField(default="", max_length=80)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subjects", to="registry.bancase"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bans",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "禁入对象",
                "verbose_name_plural": "禁入对象",
            },
        ),
        migrations.CreateModel(
            name="BanSubjectIndex",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("blind_index", models.CharField(db_index=True, max_length=64)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="indexes", to="registry.bansubject"
                    ),
                ),
            ],
            options={
                "verbose_name": "禁入索引",
                "verbose_name_plural": "禁入索引",
            },
        ),
        migrations.CreateModel(
            name="BanSubjectName",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("folded", models.CharField(db_index=True, max_length=100)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="names", to="registry.bansubject"
                    ),
                ),
            ],
            options={
                "verbose_name": "禁入姓名索引",
                "verbose_name_plural": "禁入姓名索引",
            },
        ),
        migrations.CreateModel(
            name="CaseDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("purpose", models.CharField(max_length=16)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="registry.bancase"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.archiveddocument"
                    ),
                ),
            ],
            options={
                "verbose_name": "案件文件",
                "verbose_name_plural": "案件文件",
            },
        ),
        migrations.CreateModel(
            name="ListVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveBigIntegerField(unique=True)),
                ("hash", models.CharField(max_length=64)),
                ("entries", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "state",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="list_version",
                        to="registry.banstate",
                    ),
                ),
            ],
            options={
                "verbose_name": "名单版本",
                "verbose_name_plural": "名单版本",
            },
        ),
        migrations.AddIndex(
            model_name="banstate",
            index=models.Index(fields=["state", "case"], name="ban_state_case"),
        ),
        migrations.AddConstraint(
            model_name="banstate",
            constraint=models.UniqueConstraint(fields=("case", "number"), name="one_step_at_a_time"),
        ),
        migrations.AddConstraint(
            model_name="banstate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["in_force", "annulled"])),
                fields=("case", "state"),
                name="in_force_once_annulled_once",
            ),
        ),
        migrations.AddIndex(
            model_name="bansubject",
            index=models.Index(fields=["name", "birth_date"], name="ban_subject_name_birth"),
        ),
        migrations.AddIndex(
            model_name="bansubject",
            index=models.Index(fields=["birth_date"], name="ban_subject_birth"),
        ),
        migrations.AddConstraint(
            model_name="bansubject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "lifetime"), ("until", None)),
                    models.Q(("kind", "dated"), ("until__isnull", False)),
                    _connector="OR",
                ),
                name="lifetime_has_no_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="bansubjectindex",
            constraint=models.UniqueConstraint(fields=("subject", "blind_index"), name="one_index_a_subject"),
        ),
        migrations.AddConstraint(
            model_name="bansubjectname",
            constraint=models.UniqueConstraint(fields=("subject", "folded"), name="one_folded_name_a_subject"),
        ),
    ]
