"""Verbs of authoring: write a course, hand it in, forward it, approve it or send it back. The editor and these do the same."""

from cms.services.courses import copy_course, create_course_page, revise_course_page
from cms.services.media import add_audio, add_video
from cms.services.notices import announce, tell_enrolled
from cms.services.reviews import approve, forward, recall, return_with_comment, submit_for_approval
from cms.services.schedule import publish_due, publish_scheduled, withdraw_expired
from cms.services.stock import add_package, remove_term, retire_package, retire_text, save_term, save_text

__all__ = [
    "add_audio",
    "add_package",
    "add_video",
    "announce",
    "approve",
    "copy_course",
    "create_course_page",
    "forward",
    "publish_due",
    "publish_scheduled",
    "recall",
    "remove_term",
    "retire_package",
    "retire_text",
    "return_with_comment",
    "revise_course_page",
    "save_term",
    "save_text",
    "submit_for_approval",
    "tell_enrolled",
    "withdraw_expired",
]
