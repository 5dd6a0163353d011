import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys
from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_match_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="bancase",
            name="matter",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.CreateModel(
            name="CompensationNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("note", models.TextField(verbose_name="补偿情况")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensation_notes",
                        to="registry.bancase",
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
                "verbose_name": "补偿记录",
                "verbose_name_plural": "补偿记录",
                "ordering": ["at"],
            },
        ),
        ProtectAppendOnly("registry.CompensationNote"),
    ]
