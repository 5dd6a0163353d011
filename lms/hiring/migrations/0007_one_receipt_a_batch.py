"""A check carries its own key and names the row of the batch it answers; a batch has one receipt.

Keys that stood in a table of their own, and the checks that rows named, are carried over. For that the check's own law
is lifted inside this transaction; on SQLite the table is made anew and gets it back after the migration.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery

import lms.audit.keys
from lms.audit.append_only import ProtectAppendOnly, drop_statements, trigger_statements

TABLE, OF_A_ROW = "hiring_check", "batch-row:"


def carry_over(apps, schema_editor):
    check, row = apps.get_model("hiring", "Check"), apps.get_model("hiring", "BatchRow")
    keys = apps.get_model("hiring", "IdempotentAnswer").objects.exclude(key__startswith=OF_A_ROW)
    vendor = schema_editor.connection.vendor
    for statement in drop_statements(vendor, TABLE):
        schema_editor.execute(statement)
    own = keys.filter(checked=OuterRef("pk"))
    check.objects.filter(pk__in=keys.values("checked")).update(
        idempotency_key=Subquery(own.values("key")[:1]), request_digest=Subquery(own.values("request_digest")[:1])
    )
    answered = row.objects.exclude(checked=None)
    check.objects.filter(pk__in=answered.values("checked")).update(
        batch_row=Subquery(row.objects.filter(checked=OuterRef("pk")).values("pk")[:1])
    )
    for batch, through in answered.values_list("batch").annotate(through=Max("number")).values_list("batch", "through"):
        apps.get_model("hiring", "CheckBatch").objects.filter(pk=batch).update(done_through=through)
    if vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in trigger_statements(vendor, TABLE):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_signing_certificates"),
        ("hiring", "0006_rosters"),
        ("people", "0003_letters"),
        ("registry", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchReceipt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("token", models.CharField(max_length=43)),
                ("clear", models.PositiveIntegerField()),
                ("barred", models.PositiveIntegerField()),
                ("review", models.PositiveIntegerField()),
                ("errors", models.PositiveIntegerField()),
                ("not_asked", models.PositiveIntegerField()),
                ("first_checked_at", models.DateTimeField(null=True)),
                ("last_checked_at", models.DateTimeField(null=True)),
                ("first_list_version", models.PositiveBigIntegerField(null=True)),
                ("last_list_version", models.PositiveBigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipt", to="hiring.checkbatch"
                    ),
                ),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.archiveddocument"
                    ),
                ),
                (
                    "workbook",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.archiveddocument"
                    ),
                ),
            ],
            options={
                "verbose_name": "批量核查回执",
                "verbose_name_plural": "批量核查回执",
                "constraints": [models.UniqueConstraint(fields=("token",), name="one_batch_a_token")],
            },
        ),
        ProtectAppendOnly("hiring.BatchReceipt"),
        migrations.AddField(
            model_name="check",
            name="batch_row",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checked",
                to="hiring.batchrow",
            ),
        ),
        migrations.AddField(
            model_name="check",
            name="idempotency_key",
            field=models.CharField(max_length=128, null=True),
        ),
        migrations.AddField(
            model_name="check",
            name="request_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="checkbatch",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="取消时间"),
        ),
        migrations.AddField(
            model_name="checkbatch",
            name="done_through",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name="batchrow",
            name="batch_row_waiting",
        ),
        migrations.RemoveField(
            model_name="batchrow",
            name="checked",
        ),
        migrations.DeleteModel(
            name="IdempotentAnswer",
        ),
        migrations.AlterField(
            model_name="batchrow",
            name="batch",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="hiring.checkbatch"
            ),
        ),
        migrations.AlterField(
            model_name="check",
            name="blind_index",
            field=models.CharField(max_length=64),
        ),
        migrations.AlterField(
            model_name="check",
            name="institution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checks",
                to="people.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="check",
            name="list_version",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.listversion"
            ),
        ),
        migrations.AlterField(
            model_name="check",
            name="receipt_token",
            field=models.CharField(max_length=43),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["blind_index"], name="check_by_number"),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("institution", "idempotency_key"),
                name="one_check_a_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(fields=("receipt_token",), name="one_check_a_token"),
        ),
    ]
