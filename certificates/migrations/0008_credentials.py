import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys
from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0007_template_versions"),
        ("people", "0003_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatusList",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "状态列表",
                "verbose_name_plural": "状态列表",
            },
        ),
        migrations.CreateModel(
            name="StatusSlot",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("index", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "状态位",
                "verbose_name_plural": "状态位",
            },
        ),
        migrations.AddIndex(
            model_name="certificatestate",
            index=models.Index(condition=models.Q(("number__gt", 1)), fields=["certificate"], name="later_state"),
        ),
        migrations.AddField(
            model_name="statuslist",
            name="issuer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
        migrations.AddField(
            model_name="statusslot",
            name="certificate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="slots", to="certificates.certificate"
            ),
        ),
        migrations.AddField(
            model_name="statusslot",
            name="list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="slots", to="certificates.statuslist"
            ),
        ),
        migrations.AddConstraint(
            model_name="statusslot",
            constraint=models.UniqueConstraint(fields=("list", "index"), name="one_credential_a_place"),
        ),
        migrations.AddConstraint(
            model_name="statusslot",
            constraint=models.UniqueConstraint(fields=("certificate", "number"), name="one_place_a_credential"),
        ),
        migrations.AddConstraint(
            model_name="statusslot",
            constraint=models.CheckConstraint(condition=models.Q(("index__lt", 131072)), name="place_within_the_list"),
        ),
        ProtectAppendOnly("certificates.StatusList"),
        ProtectAppendOnly("certificates.StatusSlot"),
    ]
