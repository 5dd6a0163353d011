from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("hiring", "0001_initial")]

    operations = [
        ProtectAppendOnly("hiring.Check"),
        ProtectAppendOnly("hiring.CheckCandidate"),
        ProtectAppendOnly("hiring.ReviewDecision"),
        ProtectAppendOnly("hiring.CheckReceipt"),
        ProtectAppendOnly("hiring.BanAlert"),
        ProtectAppendOnly("hiring.AlertConfirmation"),
    ]
