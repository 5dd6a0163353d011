"""Subjects are found by keys of their own instead of the folded name; whoever is listed already gets theirs here."""

from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    from lms.people import vault
    from lms.rules.finding import keys_of_candidate

    keys = apps.get_model("registry", "BanMatchKey").objects
    for subject in apps.get_model("registry", "BanSubject").objects.select_related("person").iterator():
        texts = {text for candidate in _candidates(apps, subject) for text in keys_of_candidate(candidate)}
        keys.bulk_create([keys.model(subject=subject, key=key) for key in vault.match_keys(texts)])


def _candidates(apps: Any, subject: Any) -> Iterator[Any]:
    """More than the rules would take for known: a key too many finds, and decides nothing."""
    from lms.people import vault
    from lms.rules.identity import DocumentType
    from lms.rules.screening import Candidate

    indexes = subject.indexes.values_list("blind_index", flat=True)
    holders = apps.get_model("people", "Person").objects.filter(documents__blind_index__in=list(indexes)).distinct()
    persons = [subject.person] if subject.person else list(holders)
    documents = [(row.type, row) for person in persons for row in person.documents.all()]
    names = [name for one in persons for name in (one.name, *(row.name for row in one.previous_names.all()))]
    for kind, row in [(subject.document_type, subject), *documents]:
        canonical = vault.unseal(row.ciphertext, row.key_version)
        yield Candidate(str(subject.pk), DocumentType(kind), canonical, subject.name, tuple(names), subject.birth_date)


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_list_log")]

    operations = [
        migrations.CreateModel(
            name="BanMatchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BigIntegerField()),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="match_keys",
                        to="registry.bansubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "禁入比对索引",
                "verbose_name_plural": "禁入比对索引",
                "constraints": [models.UniqueConstraint(fields=("key", "subject"), name="one_key_a_subject")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.DeleteModel(name="BanSubjectName"),
    ]
