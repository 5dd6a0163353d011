from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("classroom", "0001_initial")]

    operations = [
        ProtectAppendOnly("classroom.Scan"),
    ]
