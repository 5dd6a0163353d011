from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        ProtectAppendOnly("catalogue.Release"),
        ProtectAppendOnly("catalogue.Lesson"),
    ]
