from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=6, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=50, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=80, verbose_name="英文名称")),
            ],
            options={
                "verbose_name": "地区",
                "verbose_name_plural": "地区",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="PolicyPack",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("region_code", models.CharField(max_length=6, verbose_name="地区")),
                ("version", models.CharField(max_length=32, verbose_name="版本")),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("title", models.CharField(max_length=200, verbose_name="文件")),
                ("data", models.JSONField(verbose_name="内容")),
                ("content_hash", models.CharField(max_length=64)),
                ("loaded_at", models.DateTimeField(verbose_name="载入时间")),
            ],
            options={
                "verbose_name": "政策包",
                "verbose_name_plural": "政策包",
                "ordering": ["region_code", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("region_code", "valid_from"), name="one_pack_a_day"),
                    models.UniqueConstraint(fields=("region_code", "version"), name="one_pack_a_version"),
                ],
            },
        ),
    ]
