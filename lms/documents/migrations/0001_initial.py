from django.db import migrations, models

import lms.audit.keys
import lms.documents.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ArchivedDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="种类")),
                ("file_name", models.CharField(max_length=150, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100)),
                ("file", models.FileField(max_length=200, storage=lms.documents.models.archive_storage, upload_to="")),
                ("size", models.PositiveBigIntegerField(verbose_name="字节数")),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("signed", models.BooleanField(default=False, verbose_name="已签名")),
                ("created_at", models.DateTimeField(verbose_name="存档时间")),
            ],
            options={
                "verbose_name": "存档文件",
                "verbose_name_plural": "存档文件",
            },
        ),
    ]
