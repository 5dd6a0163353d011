"""Versions become signed Merkle roots. What versions there were is worked out anew from the cases: their numbers, times
and entries stay, their hashes don't.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.audit.keys
from lms.audit.append_only import ProtectAppendOnly, drop_statements, trigger_statements
from lms.documents import keyrings
from lms.rules import chain, list_log

TABLE = "registry_listversion"
FIELDS = ("role", "kind", "until", "name", "birth_date", "document_type")


def carry_over(apps, editor):
    versions = apps.get_model("registry", "ListVersion").objects.select_related("state").order_by("number")
    if not versions.exists():
        return
    for statement in drop_statements(editor.connection.vendor, TABLE):
        editor.execute(statement, params=None)
    log, previous = list_log.Log(), chain.GENESIS
    keys = keyrings.ring(variable="REGISTRY_KEY_FILE", path=settings.REGISTRY_KEY_FILE, embedded="registry_key")
    for version in versions:
        if version.state:
            _append(apps, log, version.state)
        version.size, version.root = log.size, log.root()
        facts = {name: getattr(version, name) for name in ("number", "entries", "size", "root", "at")}
        said = list_log.statement(**facts, previous=previous)
        version.hash = previous = chain.digest(said)
        version.signature = keyrings.sign(said, by=keys, typ="ban-list-version+jws") if keys else ""
        version.save()
    node = apps.get_model("registry", "ListNode")
    rows = [node(level=level, place=place, hash=text) for (level, place), text in log.completed.items()]
    node.objects.bulk_create(rows, batch_size=1000)
    for statement in trigger_statements(editor.connection.vendor, TABLE):
        editor.execute(statement, params=None)


def _append(apps, log, state):
    act = "entered" if state.state == "in_force" else "annulled"
    leaf = apps.get_model("registry", "ListLeaf")
    for subject in apps.get_model("registry", "BanSubject").objects.filter(case=state.case_id).order_by("pk"):
        entry = {name: getattr(subject, name) for name in FIELDS}
        entry |= {"case": subject.case_id, "from": subject.from_date, "number": subject.number_digest}
        log.append(act, list_log.line(act, entry))
        leaf.objects.create(position=log.size, act=act, subject=subject, state=state)


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="listversion",
            name="root",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="listversion",
            name="signature",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="listversion",
            name="size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="ListNode",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("place", models.PositiveBigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "名单树节点",
                "verbose_name_plural": "名单树",
                "constraints": [models.UniqueConstraint(fields=("level", "place"), name="one_hash_a_subtree")],
            },
        ),
        migrations.CreateModel(
            name="ListLeaf",
            fields=[
                (
                    "id",
                    models.UUIDField(default=lms.audit.keys.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveBigIntegerField(unique=True)),
                ("act", models.CharField(choices=[("entered", "列入"), ("annulled", "撤销")], max_length=8)),
                (
                    "state",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="registry.banstate"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="registry.bansubject"
                    ),
                ),
            ],
            options={
                "verbose_name": "名单日志行",
                "verbose_name_plural": "名单日志",
                "constraints": [models.UniqueConstraint(fields=("subject", "act"), name="entered_once_annulled_once")],
            },
        ),
        ProtectAppendOnly("registry.ListNode"),
        ProtectAppendOnly("registry.ListLeaf"),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
