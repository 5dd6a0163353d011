import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CertificateType",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.SlugField(unique=True)),
                (
                    "rule",
                    models.CharField(
                        choices=[("course_passed", "课程结业"), ("annual_requirement", "年度学时达标")],
                        max_length=20,
                        verbose_name="规则",
                    ),
                ),
                ("title", models.CharField(max_length=100, verbose_name="名称")),
                ("title_en", models.CharField(max_length=100, verbose_name="英文名称")),
                ("serial_prefix", models.CharField(max_length=4, verbose_name="编号前缀")),
                ("region_code", models.CharField(blank=True, max_length=6, verbose_name="地区")),
                (
                    "validity_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="有效期（月）"),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "证书类型",
                "verbose_name_plural": "证书类型",
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("period", models.CharField(max_length=40)),
                ("edition", models.PositiveSmallIntegerField(default=1)),
                ("serial", models.CharField(max_length=32, unique=True, verbose_name="编号")),
                ("token", models.CharField(max_length=43, unique=True)),
                ("holder_name", models.CharField(max_length=100, verbose_name="持证人")),
                ("title", models.CharField(max_length=200)),
                ("issuer_name", models.CharField(max_length=200, verbose_name="发证单位")),
                ("region_code", models.CharField(db_index=True, max_length=6)),
                ("enrolment_id", models.UUIDField(db_index=True, null=True)),
                ("facts", models.JSONField()),
                ("issued_at", models.DateTimeField(verbose_name="发证时间")),
                ("valid_until", models.DateField(null=True, verbose_name="有效期至")),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to="people.person"
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="certificates.certificatetype",
                    ),
                ),
            ],
            options={
                "verbose_name": "证书",
                "verbose_name_plural": "证书",
                "ordering": ["-issued_at"],
            },
        ),
        migrations.CreateModel(
            name="SerialCounter",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("prefix", models.CharField(max_length=4)),
                ("year", models.PositiveSmallIntegerField()),
                ("region_code", models.CharField(max_length=6)),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "证书编号序列",
                "verbose_name_plural": "证书编号序列",
                "constraints": [
                    models.UniqueConstraint(fields=("prefix", "year", "region_code"), name="one_counter_a_series")
                ],
            },
        ),
        migrations.CreateModel(
            name="CertificateDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("at", models.DateTimeField()),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificate_document",
                        to="documents.archiveddocument",
                    ),
                ),
            ],
            options={
                "verbose_name": "证书文件",
                "verbose_name_plural": "证书文件",
                "constraints": [
                    models.UniqueConstraint(fields=("certificate", "number"), name="one_certificate_file_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="CertificateState",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "已签发"),
                            ("revoked", "已撤销"),
                            ("superseded", "已被替换"),
                            ("reinstated", "已恢复"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ban", "持证人被列入从业禁入名单"),
                            ("error", "签发有误"),
                            ("fraud", "弄虚作假取得"),
                            ("hours_reversed", "所依据的学时已被冲销"),
                            ("hours_restored", "所依据的学时已补足"),
                            ("name_corrected", "持证人信息更正，已换发新证"),
                            ("ban_annulled", "禁入决定已被撤销"),
                            ("reviewed", "复核后恢复"),
                        ],
                        max_length=32,
                    ),
                ),
                ("cause_id", models.UUIDField(db_index=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                ("authority", models.CharField(blank=True, max_length=200, verbose_name="决定机关")),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="states",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certificates.certificate",
                    ),
                ),
            ],
            options={
                "verbose_name": "证书状态",
                "verbose_name_plural": "证书状态",
                "constraints": [
                    models.UniqueConstraint(fields=("certificate", "number"), name="one_certificate_state_a_number")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["issuer", "-issued_at"], name="certificate_by_issuer"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("type", "person", "period", "edition"), name="issued_once"),
        ),
    ]
