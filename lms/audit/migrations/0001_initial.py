import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("verb", models.CharField(max_length=64, verbose_name="动作")),
                ("actor_kind", models.CharField(max_length=8)),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_label", models.CharField(max_length=150)),
                ("organisation_id", models.UUIDField(null=True)),
                ("organisation_name", models.CharField(blank=True, max_length=200)),
                ("role", models.CharField(blank=True, max_length=32)),
                ("subject_type", models.CharField(max_length=64)),
                ("subject_id", models.UUIDField(null=True)),
                ("person_id", models.UUIDField(null=True)),
                ("changes", models.JSONField(default=dict)),
                ("reason", models.TextField(blank=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "审计事件",
                "verbose_name_plural": "审计事件",
                "indexes": [
                    models.Index(fields=["person_id", "verb", "-at"], name="audit_by_person"),
                    models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_by_subject"),
                    models.Index(fields=["organisation_id", "-at"], name="audit_by_organisation"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("actor_label", ""), _negated=True), name="audit_has_actor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor_kind__in", ["user", "api_key", "system"])), name="audit_actor_kind"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="link", to="audit.auditevent"
                    ),
                ),
            ],
            options={
                "verbose_name": "审计链",
                "verbose_name_plural": "审计链",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="audit_link_number")
                ],
            },
        ),
    ]
