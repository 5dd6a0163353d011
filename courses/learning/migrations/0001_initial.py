import django.db.models.deletion
from django.db import migrations, models

import lms.audit.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("enrolled", "已报名"),
                            ("in_progress", "学习中"),
                            ("passed", "已通过"),
                            ("failed", "未通过"),
                            ("withdrawn", "已退出"),
                            ("stopped", "已停止"),
                            ("voided", "已作废"),
                        ],
                        default="enrolled",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("enrolled_at", models.DateTimeField(verbose_name="报名时间")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enrolments", to="people.person"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enrolments", to="catalogue.release"
                    ),
                ),
            ],
            options={
                "verbose_name": "报名",
                "verbose_name_plural": "报名",
            },
        ),
        migrations.CreateModel(
            name="CourseCompletion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("minutes", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "enrolment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="completion", to="learning.enrolment"
                    ),
                ),
            ],
            options={
                "verbose_name": "课程完成",
                "verbose_name_plural": "课程完成",
            },
        ),
        migrations.CreateModel(
            name="AnomalyFlag",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=32)),
                ("data", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="flags", to="learning.enrolment"
                    ),
                ),
            ],
            options={
                "verbose_name": "异常标记",
                "verbose_name_plural": "异常标记",
            },
        ),
        migrations.CreateModel(
            name="EnrolmentState",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("enrolled", "已报名"),
                            ("in_progress", "学习中"),
                            ("passed", "已通过"),
                            ("failed", "未通过"),
                            ("withdrawn", "已退出"),
                            ("stopped", "已停止"),
                            ("voided", "已作废"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="states", to="learning.enrolment"
                    ),
                ),
            ],
            options={
                "verbose_name": "报名状态",
                "verbose_name_plural": "报名状态",
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("nonce", models.CharField(max_length=64)),
                ("previous_nonce", models.CharField(blank=True, max_length=64)),
                ("pace", models.JSONField(default=dict)),
                ("pending", models.JSONField(default=list)),
                ("device", models.CharField(max_length=64)),
                ("device_label", models.CharField(blank=True, max_length=100)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("opened_at", models.DateTimeField()),
                ("last_beat_at", models.DateTimeField()),
                ("last_sequence", models.PositiveIntegerField(default=0)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.CharField(blank=True, max_length=16)),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leases", to="learning.enrolment"
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leases", to="catalogue.lesson"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leases", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "学习租约",
                "verbose_name_plural": "学习租约",
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("sequence", models.PositiveIntegerField()),
                ("received_at", models.DateTimeField()),
                ("played", models.JSONField()),
                ("visible", models.BooleanField()),
                ("position_ms", models.PositiveBigIntegerField()),
                ("credited_ms", models.PositiveIntegerField()),
                ("refused", models.CharField(blank=True, max_length=32)),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="heartbeats", to="learning.lease"
                    ),
                ),
            ],
            options={
                "verbose_name": "心跳",
                "verbose_name_plural": "心跳",
            },
        ),
        migrations.CreateModel(
            name="LessonCompletion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("evidence_kind", models.CharField(max_length=16)),
                ("evidence", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lesson_completions",
                        to="learning.enrolment",
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="completions", to="catalogue.lesson"
                    ),
                ),
            ],
            options={
                "verbose_name": "课节完成",
                "verbose_name_plural": "课节完成",
            },
        ),
        migrations.CreateModel(
            name="LessonProgress",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("covered", models.JSONField(default=list)),
                ("credited_ms", models.PositiveBigIntegerField(default=0)),
                ("position_ms", models.PositiveBigIntegerField(default=0)),
                ("updated_at", models.DateTimeField()),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="progress", to="learning.enrolment"
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="progress", to="catalogue.lesson"
                    ),
                ),
            ],
            options={
                "verbose_name": "课节进度",
                "verbose_name_plural": "课节进度",
            },
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(fields=["person", "year", "state"], name="enrolment_person_year"),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(fields=("person", "release", "year"), name="one_enrolment_a_year"),
        ),
        migrations.AddConstraint(
            model_name="anomalyflag",
            constraint=models.UniqueConstraint(fields=("enrolment", "code"), name="one_flag_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="enrolmentstate",
            constraint=models.UniqueConstraint(fields=("enrolment", "number"), name="one_enrolment_state_a_number"),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["last_beat_at"], name="lease_last_beat"),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("person",), name="one_active_lease_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="heartbeat",
            constraint=models.UniqueConstraint(fields=("lease", "sequence"), name="one_heartbeat_a_sequence"),
        ),
        migrations.AddConstraint(
            model_name="lessoncompletion",
            constraint=models.UniqueConstraint(fields=("enrolment", "lesson"), name="one_completion_a_lesson"),
        ),
        migrations.AddConstraint(
            model_name="lessonprogress",
            constraint=models.UniqueConstraint(fields=("enrolment", "lesson"), name="one_progress_a_lesson"),
        ),
    ]
