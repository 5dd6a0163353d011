import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_intakes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="intakerow",
            name="region_code",
            field=models.CharField(blank=True, max_length=6),
        ),
        migrations.CreateModel(
            name="Peer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200, verbose_name="系统")),
                ("kid", models.CharField(max_length=64)),
                ("sign_key", models.JSONField()),
                ("seal_key", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64, verbose_name="指纹")),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "待核对指纹"), ("trusted", "可信"), ("withdrawn", "已停用")],
                        default="proposed",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
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
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "交换对方",
                "verbose_name_plural": "交换对方",
                "ordering": ["name", "proposed_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "withdrawn"), _negated=True),
                        fields=("kid",),
                        name="one_peer_a_key",
                    )
                ],
            },
        ),
    ]
