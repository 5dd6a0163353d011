import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("person_id", models.UUIDField(db_index=True, null=True)),
                ("organisation_id", models.UUIDField(db_index=True, null=True)),
                ("verb", models.CharField(max_length=200)),
                ("activity", models.CharField(db_index=True, max_length=300)),
                ("registration", models.UUIDField(db_index=True, null=True)),
                ("data", models.JSONField()),
                ("timestamp", models.DateTimeField()),
                ("stored_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "学习记录",
                "verbose_name_plural": "学习记录",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "待转发"), ("sent", "已转发"), ("refused", "对方拒收")],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("taken_until", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                (
                    "statement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="delivery", to="xapi.statement"
                    ),
                ),
            ],
            options={
                "verbose_name": "转发",
                "verbose_name_plural": "转发",
                "indexes": [models.Index(fields=["state", "next_attempt_at"], name="delivery_due")],
            },
        ),
    ]
