from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_a_rendition_is_taken")]

    operations = [
        migrations.AddField(
            model_name="release",
            name="search_title",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="programme",
            name="submitted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="提交时间"),
        ),
        migrations.AddField(
            model_name="programme",
            name="return_reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="退回理由"),
        ),
        migrations.AddField(
            model_name="programme",
            name="approved_by",
            field=models.CharField(blank=True, max_length=150, verbose_name="审批人"),
        ),
    ]
