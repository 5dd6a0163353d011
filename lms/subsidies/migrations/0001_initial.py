import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="申报编号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待审计"),
                            ("audited", "待决定"),
                            ("returned", "退回补正"),
                            ("approved", "已批准"),
                            ("rejected", "不予批准"),
                            ("paid", "已拨付"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("assembly", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(verbose_name="申报时间")),
                (
                    "college",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="people.organisation"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="catalogue.release"
                    ),
                ),
            ],
            options={
                "verbose_name": "补贴申报",
                "verbose_name_plural": "补贴申报",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ClaimLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("assembly", models.PositiveSmallIntegerField(default=1)),
                ("position", models.PositiveIntegerField()),
                ("enrolment_id", models.UUIDField()),
                ("certificate_id", models.UUIDField(null=True)),
                ("amount_fen", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("facts_hash", models.CharField(max_length=64)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="subsidies.claim"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claim_lines", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "申报明细",
                "verbose_name_plural": "申报明细",
                "ordering": ["claim", "assembly", "position"],
            },
        ),
        migrations.CreateModel(
            name="ClaimStep",
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
                            ("draft", "草稿"),
                            ("submitted", "待审计"),
                            ("audited", "待决定"),
                            ("returned", "退回补正"),
                            ("approved", "已批准"),
                            ("rejected", "不予批准"),
                            ("paid", "已拨付"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("amount_fen", models.PositiveBigIntegerField(null=True, verbose_name="金额（分）")),
                ("at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="subsidies.claim"
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
                "verbose_name": "申报步骤",
                "verbose_name_plural": "申报步骤",
            },
        ),
        migrations.CreateModel(
            name="LineVerdict",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[("pay", "可补贴"), ("query", "存疑"), ("refuse", "不予补贴"), ("blocked", "禁入冻结")],
                        max_length=8,
                    ),
                ),
                ("findings", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="verdicts", to="subsidies.claimline"
                    ),
                ),
            ],
            options={
                "verbose_name": "明细结论",
                "verbose_name_plural": "明细结论",
            },
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("assembly", models.PositiveSmallIntegerField()),
                ("seed", models.CharField(max_length=64, verbose_name="随机种子")),
                ("share", models.DecimalField(decimal_places=2, max_digits=3, verbose_name="抽样比例")),
                ("line_ids", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="samples", to="subsidies.claim"
                    ),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "抽样",
                "verbose_name_plural": "抽样",
            },
        ),
        migrations.CreateModel(
            name="Scheme",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shortage_training", "紧缺培训补贴"),
                            ("vocational_training", "职业培训补贴"),
                            ("appraisal", "职业技能鉴定补贴"),
                        ],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("occupation", models.CharField(max_length=50, verbose_name="职业（工种）")),
                ("level", models.CharField(blank=True, max_length=32, verbose_name="等级")),
                ("amount_fen", models.PositiveIntegerField(verbose_name="每人补贴（分）")),
                ("budget_fen", models.PositiveBigIntegerField(verbose_name="预算上限（分）")),
                ("opens_on", models.DateField(verbose_name="受理开始")),
                ("closes_on", models.DateField(verbose_name="受理截止")),
                ("requires_certificate", models.BooleanField(default=True, verbose_name="须取得证书")),
                ("created_at", models.DateTimeField()),
                (
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="schemes", to="people.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "补贴项目",
                "verbose_name_plural": "补贴项目",
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="scheme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="subsidies.scheme"
            ),
        ),
        migrations.AddConstraint(
            model_name="claimline",
            constraint=models.UniqueConstraint(fields=("claim", "assembly", "person"), name="one_line_a_person"),
        ),
        migrations.AddConstraint(
            model_name="claimline",
            constraint=models.UniqueConstraint(fields=("claim", "assembly", "position"), name="one_line_a_position"),
        ),
        migrations.AddConstraint(
            model_name="claimstep",
            constraint=models.UniqueConstraint(fields=("claim", "number"), name="one_claim_step_a_number"),
        ),
        migrations.AddConstraint(
            model_name="lineverdict",
            constraint=models.UniqueConstraint(fields=("line", "number"), name="one_verdict_a_number"),
        ),
        migrations.AddConstraint(
            model_name="sample",
            constraint=models.UniqueConstraint(fields=("claim", "assembly"), name="one_sample_an_assembly"),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(condition=models.Q(("amount_fen__gt", 0)), name="scheme_amount_positive"),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_on__gte", models.F("opens_on"))), name="scheme_window"
            ),
        ),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.UniqueConstraint(
                fields=("bureau", "name", "opens_on"), name="one_scheme_a_name_and_window"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("scheme", "college", "release"),
                name="one_draft_a_scheme_and_release",
            ),
        ),
    ]
