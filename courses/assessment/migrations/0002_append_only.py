from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]

    operations = [
        ProtectAppendOnly("assessment.QuestionVersion"),
        ProtectAppendOnly("assessment.Attempt"),
        ProtectAppendOnly("assessment.AttemptAnswer"),
        ProtectAppendOnly("assessment.AttemptResult"),
    ]
