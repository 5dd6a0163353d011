"""Verbs of assessment."""

from courses.assessment.services.attempts import (
    ExamTerms,
    exam_terms,
    grade_overdue,
    marks_of,
    marks_of_all,
    save_answer,
    start_attempt,
    submit_attempt,
)
from courses.assessment.services.banks import create_bank, retire_question, save_question
from courses.assessment.services.imports import ImportReport, RowError, import_questions

__all__ = [
    "ExamTerms",
    "ImportReport",
    "RowError",
    "create_bank",
    "exam_terms",
    "grade_overdue",
    "import_questions",
    "marks_of",
    "marks_of_all",
    "retire_question",
    "save_answer",
    "save_question",
    "start_attempt",
    "submit_attempt",
]
