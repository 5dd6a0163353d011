from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        ProtectAppendOnly("registry.CaseDocument"),
        ProtectAppendOnly("registry.BanState"),
        ProtectAppendOnly("registry.ListVersion"),
    ]
