"""What a release can be found by: worked out once, when it is frozen."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import override

from courses.catalogue.models import Topic
from lms.people.models import Organisation
from lms.rules.chinese_search import keys


def title_keys(title: str, title_en: str) -> str:
    """The titles, with every reading of a character: 重 is typed zhong by one and chong by another."""
    return keys(title, every_reading=True) + keys(title_en)


def text_keys(*, summary: str, lessons: Iterable[str], college: Organisation, topic: str) -> str:
    """What else says what a course is about. A summary is searched by its words and sounds, not by initials."""
    topics = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            topics.append(str(Topic(topic).label))
    names = [*lessons, college.name, college.name_en, *topics]
    return "".join(keys(name) for name in dict.fromkeys(names)) + keys(summary, initials=False)
