from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("subsidies", "0001_initial")]

    operations = [
        ProtectAppendOnly("subsidies.ClaimLine"),
        ProtectAppendOnly("subsidies.LineVerdict"),
        ProtectAppendOnly("subsidies.ClaimStep"),
        ProtectAppendOnly("subsidies.Sample"),
    ]
