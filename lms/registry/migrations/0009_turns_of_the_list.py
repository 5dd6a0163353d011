from django.db import migrations, models

ACTS = [("entered", "列入"), ("annulled", "撤销"), ("began", "开始"), ("ended", "届满")]


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_subjects_by_person")]

    operations = [
        migrations.AlterField(
            model_name="intakerow",
            name="act",
            field=models.CharField(choices=ACTS, default="entered", max_length=8),
        ),
        migrations.AlterField(
            model_name="listleaf",
            name="act",
            field=models.CharField(choices=ACTS, max_length=8),
        ),
        migrations.AddIndex(
            model_name="intakerow",
            index=models.Index(fields=["intake", "case_number"], name="intake_row_decision"),
        ),
        migrations.AddIndex(
            model_name="bansubject",
            index=models.Index(condition=models.Q(("kind", "dated")), fields=["until"], name="ban_subject_dated"),
        ),
    ]
