from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        ProtectAppendOnly("audit.AuditEvent"),
        ProtectAppendOnly("audit.AuditLink"),
    ]
