"""Searching the catalogue as people type: characters, pinyin, initials, width, case, traditional. Titles come first."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.catalogue.models import Release
from lms.rules.chinese_search import fold, keys, terms
from tests.catalogue.people import practitioner_client
from tests.factories.catalogue import a_college, reading, released_course
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

INDEX = "/courses/"


def found_by(question: str) -> list[str]:
    return sorted(Release.objects.current().found_by(question).values_list("title", flat=True))


def shown(client: Client, **query: Any) -> list[str]:
    answer = client.get(INDEX, query)
    assert answer.status_code == 200
    return [card["release"].title for card in answer.context["cards"]]


@pytest.mark.django_db
class TestFound:
    @pytest.mark.parametrize(
        "question",
        [
            "婴幼儿",
            "安全 睡眠",
            "睡眠 安全",
            "嬰幼兒",
            "睡眠照護",
            "yingyouer",
            "YingYouEr",
            "ying you er an quan",
            "shuimian",
            "shuimianzh",
            "anqu",
            "yyeaqsm",
            "aqsm",
            "yye睡眠",
            "ｓｈｕｉｍｉａｎ",
            "Safe",
            "SAFE sleep",
            "sle",
            "仰卧",
            "yangwo",
            "床品",
            "chuangpin",
            "cp",
            "东方托育",
            "dongfangtuoyu",
            "安全防范",
            "shui'mian",
            "  睡眠　",
            "2026",
        ],
    )
    def test_one_course_many_ways(self, question: str) -> None:
        released_course(title="火灾逃生", topic="professional_skills", lessons=[reading(45, "报警")])
        released_course(
            title="婴幼儿安全睡眠照护（2026）",
            title_en="Safe sleep",
            summary="让孩子仰卧入睡。",
            lessons=[reading(45, "床品的选择")],
            college=a_college("东方托育学院"),
        )
        assert found_by(question) == ["婴幼儿安全睡眠照护（2026）"]

    @pytest.mark.parametrize(
        ("title", "questions"),
        [
            ("重庆托育", ["chongqing", "zhongqing", "cq", "zq"]),
            ("儿童音乐", ["yinyue", "yinle", "yy", "yl"]),
            ("幼儿成长档案", ["chengzhang", "chengchang", "chang"]),
            ("旅行与绿植", ["lvxing", "luxing", "lyuxing", "lüxing", "luzhi"]),
            ("女童保护", ["nvtong", "nutong"]),
            ("西安案例", ["xian", "xi an", "xianan"]),
            ("𠮷野家访", ["𠮷野", "jiafang", "yejiafang"]),
        ],
    )
    def test_characters_read_in_several_ways(self, title: str, questions: list[str]) -> None:
        released_course(title=title)
        for question in questions:
            assert found_by(question) == [title], question

    @pytest.mark.parametrize(
        "question", ["quanmian睡", "uan", "n'", "leep", "婴儿睡", "%", "_", "'", "^", "！？", "qsma婴", "\\"]
    )
    def test_what_is_not_there_is_not_found(self, question: str) -> None:
        released_course(title="婴幼儿安全睡眠照护", title_en="Safe sleep")
        assert found_by(question) == []

    def test_only_the_newest_release_is_searched(self) -> None:
        old = released_course(title="旧名")
        released_course(title="新名", course=old.course)
        assert found_by("旧名") == []
        assert found_by("xinming") == ["新名"]


class TestKeys:
    def test_a_title_of_two_hundred_characters_stays_small(self) -> None:
        assert len(keys("重行长乐" * 50, every_reading=True)) < 20_000

    def test_marks_come_from_nowhere_but_here(self) -> None:
        assert keys("it's^a%test_") == " it s a test"
        assert keys("") == ""

    def test_an_end_of_a_syllable_is_no_beginning(self) -> None:
        assert not any(form in keys("权利") for form in terms("an")[0])
        assert any(form in keys("安全") for form in terms("an")[0])

    def test_folding(self) -> None:
        assert fold("Ａｂ嬰兒ｌü") == "ab婴儿lv"

    def test_a_long_question_is_cut(self) -> None:
        assert len(terms(" ".join(f"w{number}" for number in range(50)))) <= 8
        assert terms("a" * 100)
        assert terms("zh" * 50)


@pytest.mark.django_db
class TestPage:
    def test_titles_come_first_however_old(self) -> None:
        released_course(title="睡眠照护", published_at=None)
        released_course(title="夜班须知", summary="含睡眠巡查。")
        released_course(title="晨检", lessons=[reading(45, "睡眠记录")])
        assert shown(Client(), q="shuimian")[0] == "睡眠照护"
        assert len(shown(Client(), q="睡眠")) == 3

    def test_orders(self) -> None:
        for hours, title in ((2, "二"), (1, "一"), (3, "三")):
            released_course(title=title, class_hours=hours)
        assert shown(Client(), sort="shortest") == ["一", "二", "三"]
        assert shown(Client(), sort="longest") == ["三", "二", "一"]
        assert len(shown(Client(), sort="nonsense")) == 3

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"hours_from": "2"}, {"二", "三"}),
            ({"hours_to": "2"}, {"一", "二"}),
            ({"hours_from": "3", "hours_to": "2"}, {"二", "三"}),
            ({"hours_from": "1.5", "hours_to": "2.5"}, {"二"}),
            ({"hours_from": "-1"}, {"一", "二", "三"}),
            ({"hours_from": "abc"}, {"一", "二", "三"}),
            ({"hours_from": "NaN"}, {"一", "二", "三"}),
            ({"hours_to": "1e9"}, {"一", "二", "三"}),
        ],
    )
    def test_hours_from_and_to(self, query: dict[str, str], found: set[str]) -> None:
        for hours, title in ((2, "二"), (1, "一"), (3, "三")):
            released_course(title=title, class_hours=hours)
        assert set(shown(Client(), **query)) == found

    @pytest.mark.parametrize(
        ("region", "found"),
        [
            ("310115", {"各地", "上海", "浦东"}),
            ("310000", {"各地", "上海"}),
            ("110000", {"各地", "北京"}),
            ("999999", {"各地", "上海", "浦东", "北京"}),
        ],
    )
    def test_region(self, region: str, found: set[str]) -> None:
        packs_loaded()
        for title, regions in (
            ("各地", []),
            ("上海", ["310000"]),
            ("浦东", ["310115"]),
            ("北京", ["110000", "320500"]),
        ):
            released_course(title=title, regions=regions)
        assert set(shown(Client(), region=region)) == found

    def test_what_counts_for_me_and_what_i_have_not_taken(self) -> None:
        packs_loaded()
        client, person = practitioner_client("310115")
        for title, regions in (("各地", []), ("上海", ["310000"]), ("北京", ["110000"])):
            released_course(title=title, regions=regions)
        taken = released_course(title="学过")
        credited(person, course_id=taken.course_id, on=_this_year())
        before = released_course(title="去年学过")
        credited(person, course_id=before.course_id, on=_this_year(-1))
        assert set(shown(client, counts="on")) == {"各地", "上海", "去年学过"}
        assert set(shown(client, untaken="on")) == {"各地", "上海", "北京"}
        assert set(shown(client, untaken="on", counts="on")) == {"各地", "上海"}
        # Nobody else has a year: the two are not asked, and not answered.
        assert len(shown(Client(), counts="on")) == 5
        assert "只看" not in Client().get(INDEX).content.decode()

    def test_a_chip_for_each_filter_takes_it_away(self) -> None:
        packs_loaded()
        released_course(title="睡眠照护")
        query = {"q": "睡眠", "topic": "safety", "region": "310115", "hours_to": "5", "page": "9", "sort": "newest"}
        chips = Client().get(INDEX, query).context["chips"]
        labels = [chip["label"] for chip in chips]
        assert len(labels) == 4
        assert any("浦东" in label for label in labels)
        assert any("安全防范" in label for label in labels)
        assert all("page" not in chip["url"] and "sort=newest" in chip["url"] for chip in chips)
        for name, chip in zip(("q", "topic", "region", "hours_to"), chips, strict=True):
            assert f"{name}=" not in chip["url"]

    def test_nothing_found_says_what_to_do(self) -> None:
        page = Client().get(INDEX, {"q": "没有这样的课"}).content.decode()
        assert "没有找到课程" in page
        assert "拼音和首字母也可以" in page
        assert "还没有发布的课程" in Client().get(INDEX).content.decode()

    def test_few_queries_with_every_filter(self) -> None:
        packs_loaded()
        client, _person = practitioner_client("310115")
        college = a_college()
        for _number in range(15):
            released_course(title="睡眠照护", college=college)
        query = {
            "q": "睡眠",
            "region": "310115",
            "college": college.pk,
            "counts": "on",
            "untaken": "on",
            "hours_to": "5",
        }
        client.get(INDEX, query)
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(client, **query)) == 12
        assert len(queries) <= 15


def _this_year(shift: int = 0) -> Any:
    from django.utils import timezone

    today = timezone.localdate()
    return today.replace(year=today.year + shift, day=1)
