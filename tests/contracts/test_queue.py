"""What runs by the clock exists, does not pile up while nobody works, and no task holds a worker for ever."""

import pytest
from django.conf import settings

from lms.celery import app

REDIS_GIVES_AWAY_AFTER = 3600  # seconds, unless it is told otherwise
LONGER = {"cms.tasks.render"}


@pytest.fixture(autouse=True)
def _tasks_are_known() -> None:
    app.loader.import_default_modules()


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_runs_by_the_clock(name: str) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    assert entry["task"] in app.tasks
    often = isinstance(entry["schedule"], float)
    assert not often or 300 <= entry["options"]["expires"] <= 3600


def test_no_task_hangs_for_ever() -> None:
    assert app.conf.task_time_limit < REDIS_GIVES_AWAY_AFTER
    usual = app.conf.task_time_limit
    own = {name for name, task in app.tasks.items() if task.time_limit not in {None, usual}}
    assert own == LONGER
