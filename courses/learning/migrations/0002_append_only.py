from django.db import migrations

from lms.audit.append_only import ProtectAppendOnly


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]

    operations = [
        ProtectAppendOnly("learning.EnrolmentState"),
        ProtectAppendOnly("learning.Heartbeat"),
        ProtectAppendOnly("learning.LessonCompletion"),
        ProtectAppendOnly("learning.CourseCompletion"),
        ProtectAppendOnly("learning.AnomalyFlag"),
    ]
