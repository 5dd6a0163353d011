from django.db import migrations, models

import lms.audit.keys
from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="SigningCertificate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="指纹")),
                ("subject", models.CharField(max_length=300, verbose_name="签名者")),
                ("pem", models.TextField()),
                ("valid_from", models.DateTimeField(verbose_name="生效时间")),
                ("valid_until", models.DateTimeField(verbose_name="失效时间")),
                ("created_at", models.DateTimeField(verbose_name="启用时间")),
            ],
            options={
                "verbose_name": "签名证书",
                "verbose_name_plural": "签名证书",
            },
        ),
        ProtectAppendOnly("documents.SigningCertificate"),
    ]
