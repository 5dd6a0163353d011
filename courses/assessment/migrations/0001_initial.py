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
            name="Attempt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("enrolment_id", models.UUIDField(db_index=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("seed", models.CharField(max_length=32)),
                ("question_versions", models.JSONField()),
                ("pass_share", models.DecimalField(decimal_places=2, max_digits=3)),
                ("started_at", models.DateTimeField()),
                ("deadline", models.DateTimeField()),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="catalogue.lesson"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "答卷",
                "verbose_name_plural": "答卷",
            },
        ),
        migrations.CreateModel(
            name="AttemptResult",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("points", models.DecimalField(decimal_places=2, max_digits=6)),
                ("out_of", models.DecimalField(decimal_places=2, max_digits=6)),
                ("passed", models.BooleanField()),
                ("marks", models.JSONField(default=list)),
                ("submitted", models.CharField(max_length=12)),
                ("graded_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="assessment.attempt"
                    ),
                ),
            ],
            options={
                "verbose_name": "成绩",
                "verbose_name_plural": "成绩",
            },
        ),
        migrations.CreateModel(
            name="QuestionBank",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                (
                    "college",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="question_banks",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "题库",
                "verbose_name_plural": "题库",
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=50, verbose_name="编号")),
                ("retired", models.BooleanField(default=False, verbose_name="停用")),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="assessment.questionbank",
                    ),
                ),
            ],
            options={
                "verbose_name": "试题",
                "verbose_name_plural": "试题",
            },
        ),
        migrations.CreateModel(
            name="QuestionVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("single", "单选题"),
                            ("multiple", "多选题"),
                            ("true_false", "判断题"),
                            ("fill_in", "填空题"),
                            ("ordering", "排序题"),
                            ("matching", "匹配题"),
                        ],
                        max_length=12,
                        verbose_name="题型",
                    ),
                ),
                ("stem", models.TextField(verbose_name="题干")),
                ("choices", models.JSONField(default=list, verbose_name="选项")),
                ("answer", models.JSONField(verbose_name="答案")),
                ("explanation", models.TextField(blank=True, verbose_name="解析")),
                ("knowledge_point", models.CharField(blank=True, max_length=100, verbose_name="知识点")),
                ("difficulty", models.PositiveSmallIntegerField(default=1, verbose_name="难度")),
                ("points", models.PositiveSmallIntegerField(default=1, verbose_name="分值")),
                ("created_at", models.DateTimeField()),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="assessment.question"
                    ),
                ),
            ],
            options={
                "verbose_name": "试题版本",
                "verbose_name_plural": "试题版本",
            },
        ),
        migrations.CreateModel(
            name="AttemptAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("answer", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="assessment.attempt"
                    ),
                ),
                (
                    "question_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessment.questionversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "作答",
                "verbose_name_plural": "作答",
            },
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                fields=("enrolment_id", "lesson", "number"), name="one_attempt_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="attemptresult",
            constraint=models.UniqueConstraint(fields=("attempt", "number"), name="one_result_a_number"),
        ),
        migrations.AddConstraint(
            model_name="questionbank",
            constraint=models.UniqueConstraint(fields=("college", "name"), name="one_bank_a_name"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("bank", "key"), name="one_question_a_key"),
        ),
        migrations.AddConstraint(
            model_name="questionversion",
            constraint=models.UniqueConstraint(fields=("question", "number"), name="one_version_a_number"),
        ),
        migrations.AddIndex(
            model_name="attemptanswer",
            index=models.Index(fields=["attempt", "question_version", "-saved_at"], name="answer_latest"),
        ),
    ]
