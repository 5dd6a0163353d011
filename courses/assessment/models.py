"""Question banks per college; versions are frozen; a paper is drawn with a seed per attempt; answers save as given;
grading appends. What may never happen: an answer key that reaches the browser before grading.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Lesson
from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.people.models import Organisation, Person


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("单选题")
    MULTIPLE = "multiple", _("多选题")
    TRUE_FALSE = "true_false", _("判断题")
    FILL_IN = "fill_in", _("填空题")
    ORDERING = "ordering", _("排序题")
    MATCHING = "matching", _("匹配题")


class QuestionBank(UUIDModel):
    college = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="question_banks")
    name = models.CharField(_("名称"), max_length=200)

    class Meta:
        verbose_name = _("题库")
        verbose_name_plural = _("题库")
        constraints = [models.UniqueConstraint(fields=["college", "name"], name="one_bank_a_name")]

    def __str__(self) -> str:
        return self.name


class Question(UUIDModel):
    bank = models.ForeignKey(QuestionBank, on_delete=models.PROTECT, related_name="questions")
    key = models.CharField(_("编号"), max_length=50)
    retired = models.BooleanField(_("停用"), default=False)

    class Meta:
        verbose_name = _("试题")
        verbose_name_plural = _("试题")
        constraints = [models.UniqueConstraint(fields=["bank", "key"], name="one_question_a_key")]

    def __str__(self) -> str:
        return self.key


class QuestionVersion(AppendOnlyModel):
    """The wording and the answer of a question as frozen once. Shapes of ``choices`` and ``answer``: see lms.rules.grading."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(_("题型"), max_length=12, choices=QuestionKind.choices)
    stem = models.TextField(_("题干"))
    choices = models.JSONField(_("选项"), default=list)
    answer = models.JSONField(_("答案"))
    explanation = models.TextField(_("解析"), blank=True)
    knowledge_point = models.CharField(_("知识点"), max_length=100, blank=True)
    difficulty = models.PositiveSmallIntegerField(_("难度"), default=1)
    points = models.PositiveSmallIntegerField(_("分值"), default=1)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("试题版本")
        verbose_name_plural = _("试题版本")
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="one_version_a_number")]

    def __str__(self) -> str:
        return self.stem[:40]


class Attempt(AppendOnlyModel):
    """One sitting. The deadline is the server's; the paper is drawn from the blueprint with ``seed``."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attempts")
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="attempts")
    enrolment_id = models.UUIDField(db_index=True)
    number = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=32)
    question_versions = models.JSONField()  # ids in the order shown
    pass_share = models.DecimalField(max_digits=3, decimal_places=2)
    started_at = models.DateTimeField()
    deadline = models.DateTimeField()

    class Meta:
        verbose_name = _("答卷")
        verbose_name_plural = _("答卷")
        constraints = [
            models.UniqueConstraint(fields=["enrolment_id", "lesson", "number"], name="one_attempt_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.lesson} #{self.number}"


class AttemptAnswer(AppendOnlyModel):
    """One saved answer; the latest row of a question counts."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    question_version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    answer = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("作答")
        verbose_name_plural = _("作答")
        indexes = [models.Index(fields=["attempt", "question_version", "-saved_at"], name="answer_latest")]

    def __str__(self) -> str:
        return f"{self.attempt_id}"


class AttemptResult(AppendOnlyModel):
    """A grading of an attempt. A regrade is a new row with the next number."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="results")
    number = models.PositiveSmallIntegerField(default=1)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    out_of = models.DecimalField(max_digits=6, decimal_places=2)
    passed = models.BooleanField()
    marks = models.JSONField(default=list)  # [{"question_version", "points", "out_of", "correct"}]
    submitted = models.CharField(max_length=12)  # learner | deadline
    graded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("成绩")
        verbose_name_plural = _("成绩")
        constraints = [models.UniqueConstraint(fields=["attempt", "number"], name="one_result_a_number")]

    def __str__(self) -> str:
        return f"{self.points}/{self.out_of}"
