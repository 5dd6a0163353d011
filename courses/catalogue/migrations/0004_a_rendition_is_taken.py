from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0003_programmes_and_renditions"),
    ]

    operations = [
        migrations.RenameField(model_name="rendition", old_name="claimed_at", new_name="taken_until"),
    ]
