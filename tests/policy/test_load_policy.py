"""``load_policy``: all files or none, twice is once, and a wrong pack is refused naming line and field."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.policy import services
from lms.policy.files import WrongPack
from lms.policy.models import PolicyPack, Region
from lms.policy.services import DEFAULT_FILES, load_policy
from lms.rules.refusals import NotAllowed
from tests.factories.policy import LOADED_AT, changed_pack, packs_loaded

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NEWER = [('version: "2020.1"', 'version: "2021.1"'), ("valid_from: 2020-01-01", "valid_from: 2021-01-01")]


def load(*files: Path) -> list[bool]:
    return [row.created for row in load_policy(files=files, actor=SYSTEM, now=LOADED_AT)]


def faults(*files: Path) -> list[tuple[str, int, str, str]]:
    """What is said of wrong files; and nothing may have been loaded."""
    before = PolicyPack.objects.count()
    with pytest.raises(WrongPack) as refused:
        load(*files)
    assert PolicyPack.objects.count() == before
    return [(fault.file, fault.line, fault.field, fault.message) for fault in refused.value.faults]


def line_of(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_the_five_cities_load_and_are_named() -> None:
    assert load(*DEFAULT_FILES) == [True] * 5
    assert set(PolicyPack.objects.values_list("region_code", flat=True)) == {
        *("310000", "110000", "330281", "331083", "320100")
    }
    assert Region.objects.get(code="330000").name == "浙江省"
    assert Region.objects.get(code="310115").name_en == "Pudong"
    assert AuditEvent.objects.filter(verb="policy.loaded", actor_label="test").count() == 5


def test_the_same_files_again_change_nothing() -> None:
    load(*DEFAULT_FILES)
    assert load(*DEFAULT_FILES) == [False] * 5
    assert PolicyPack.objects.count() == AuditEvent.objects.filter(verb="policy.loaded").count() == 5


def test_a_newer_version_supersedes_and_the_older_stays(tmp_path: Path) -> None:
    packs_loaded()
    assert load(changed_pack(tmp_path, *NEWER)) == [True]
    assert PolicyPack.objects.filter(region_code="310000").count() == 2


def test_a_loaded_version_is_never_edited(tmp_path: Path) -> None:
    packs_loaded()
    (fault,) = faults(changed_pack(tmp_path, ("class_hours: 72", "class_hours: 7")))
    assert fault[2] == "version"
    assert "不得修改" in fault[3]


@pytest.mark.parametrize("day", ["2020-01-01", "2019-06-01"])
def test_a_new_version_cannot_change_the_past(tmp_path: Path, day: str) -> None:
    packs_loaded()
    file = changed_pack(tmp_path, NEWER[0], ("valid_from: 2020-01-01", f"valid_from: {day}"))
    (fault,) = faults(file)
    assert fault[2] == "valid_from"
    assert "2020.1" in fault[3]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("class_hours: 72", "class_hours: -72", "annual_requirements.0.class_hours"),
        ("class_hours: 72", "class_hours: many", "annual_requirements.0.class_hours"),
        ("category: ethics", "category: cooking", "annual_requirements.1.category"),
        ("{minutes: 45, rounding: half}", "{minutes: 45.5, rounding: half}", "parameters.class_hour.minutes"),
        ("rounding: half", "rounding: up", "parameters.class_hour.rounding"),
        ("max_rate: 1.5", "max_rate: 16", "parameters.playback.max_rate"),
        ("max_rate: 1.5", "maxrate: 1.5", "parameters.playback.maxrate"),
        ("coverage_share: 0.95", "coverage_share: 95", "parameters.playback.coverage_share"),
        ("value: 1.00", "value: 100", "targets.0"),
        ("by: 2022-12-31}", "by: 2022-13-31}", "targets.0.by"),
        ("by: 2022-12-31}", "by: 2022-02-31}", "targets.0.by"),
        ('code: "310115"', "code: 31015", "regions.11.code"),
        ("duration: lifetime", "duration: a while", "ban.duration"),
        ("certificate_required_posts: [institution_head", "certificate_required_posts: [boss", ""),
    ],
)
def test_a_wrong_value_is_named_with_its_line(tmp_path: Path, old: str, new: str, field: str) -> None:
    file = changed_pack(tmp_path, (old, new))
    found = faults(file)
    places = {(name, line, path) for name, line, path, _ in found}
    expected = field or "parameters.hiring.certificate_required_posts.0"
    assert ("shanghai.yaml", line_of(file, new), expected) in places


def test_a_missing_field_is_named_where_it_should_stand(tmp_path: Path) -> None:
    file = changed_pack(tmp_path, ("    heartbeat_seconds: 15\n", ""))
    assert faults(file) == [
        ("shanghai.yaml", line_of(file, "  playback:"), "parameters.playback.heartbeat_seconds", "缺少此字段。")
    ]


def test_a_field_given_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    file = changed_pack(tmp_path, ("    grace_seconds: 30\n", "    grace_seconds: 30\n    grace_seconds: 3000\n"))
    assert faults(file) == [
        (
            "shanghai.yaml",
            line_of(file, "grace_seconds: 3000"),
            "parameters.playback.grace_seconds",
            "同一字段出现两次。",
        )
    ]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    file = changed_pack(tmp_path, ("class_hours: 72", "class_hours: 0"), ("attempts: 3", "attempts: 0"))
    assert {field for _, _, field, _ in faults(file)} == {
        "annual_requirements.0.class_hours",
        "parameters.exam.attempts",
    }


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"region: [1\n", 2),
        (b"\xff\xfe\x00", 1),
        (b"just words", 1),
        (b"a: 1\nb: *nobody\n", 2),
        (b"a: !!python/object/apply:os.system [ls]\n", 1),
    ],
)
def test_what_is_no_pack_at_all(tmp_path: Path, content: bytes, line: int) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_bytes(content)
    assert faults(file)[0][:2] == ("wrong.yaml", line)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.yaml")[0][0] == "none.yaml"


def test_one_wrong_file_keeps_all_out(tmp_path: Path) -> None:
    wrong = changed_pack(tmp_path, ("class_hours: 72", "class_hours: 0"))
    assert len(faults(*(path for path in DEFAULT_FILES if path.stem != "shanghai"), wrong)) == 1
    assert not PolicyPack.objects.exists()


def test_a_fault_found_while_loading_takes_the_others_back(tmp_path: Path) -> None:
    renamed = changed_pack(tmp_path, ("浙江省", "浙江"), city="yuyao")
    yuhuan = next(path for path in DEFAULT_FILES if path.stem == "yuhuan")
    (fault,) = faults(yuhuan, renamed)
    assert "330000" in fault[3]
    assert not PolicyPack.objects.exists()
    assert not Region.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_load_that_dies_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def die(**kwargs: object) -> None:
        calls.append(kwargs)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(services, "record", die)
    with pytest.raises(KeyboardInterrupt):
        load(*DEFAULT_FILES)
    assert not PolicyPack.objects.exists()


def test_only_an_administrator_may_load() -> None:
    with pytest.raises(NotAllowed):
        load_policy(files=DEFAULT_FILES, actor=Actor(kind="user", label="x", role="registrar"), now=LOADED_AT)


def test_the_command_says_what_it_did() -> None:
    out = StringIO()
    call_command("load_policy", stdout=out)
    call_command("load_policy", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 10
    assert "shanghai.yaml: 310000 2020.1 loaded" in lines
    assert "shanghai.yaml: 310000 2020.1 already loaded" in lines


def test_the_command_fails_with_file_line_and_field(tmp_path: Path) -> None:
    file = changed_pack(tmp_path, ("class_hours: 72", "class_hours: 0"))
    with pytest.raises(CommandError, match=r"shanghai\.yaml:\d+: annual_requirements\.0\.class_hours: "):
        call_command("load_policy", str(file))
