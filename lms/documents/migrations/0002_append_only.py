from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        ProtectAppendOnly("documents.ArchivedDocument"),
    ]
