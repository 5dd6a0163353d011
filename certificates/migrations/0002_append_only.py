from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]

    operations = [
        ProtectAppendOnly("certificates.Certificate"),
        ProtectAppendOnly("certificates.CertificateDocument"),
        ProtectAppendOnly("certificates.CertificateState"),
    ]
