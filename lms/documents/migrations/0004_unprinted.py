from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_signing_certificates")]

    operations = [
        migrations.CreateModel(
            name="Unprinted",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=32)),
                ("subject_id", models.UUIDField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(max_length=100)),
                ("first_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "未能生成的文件",
                "verbose_name_plural": "未能生成的文件",
                "indexes": [models.Index(fields=["kind", "next_at"], name="unprinted_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "subject_id"), name="one_row_an_unprinted_paper")
                ],
            },
        ),
    ]
