from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        ProtectAppendOnly("people.AdmissionDecision"),
        ProtectAppendOnly("people.OrganisationProof"),
        ProtectAppendOnly("people.AnnualInspection"),
        ProtectAppendOnly("people.IntegrityRecord"),
    ]
