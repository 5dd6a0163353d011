"""Pages of subsidies as the people who use them see them: scope, work done through forms, and no page that asks too much."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from lms.rules import sampling
from lms.subsidies import services
from lms.subsidies.models import Claim, Sample, Scheme
from tests.factories import learning, people, registry
from tests.factories.subsidies import (
    LATER,
    approver,
    assembled,
    audited,
    auditor,
    publisher,
    scheme,
    short_course,
    submitted,
    trained,
    verdicts,
)

pytestmark = pytest.mark.django_db
AT_MOST = 15


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(LATER + timedelta(hours=2), tick=False)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


def page(client, name, *args, **query):
    return client.get(reverse(f"subsidies:{name}", args=args), query)


def sheets(answer):
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_the_queue_shows_the_riskiest_first(django_assert_max_num_queries):
    under = scheme()
    safe = submitted("林小满", under=under)
    risky = submitted("安秋月", "何志远", under=under)
    registry.banned(risky.lines.get(facts__name="安秋月").person, now=LATER)
    client = signed_in(auditor())
    with django_assert_max_num_queries(AT_MOST):
        answer = page(client, "home")
    text = answer.content.decode()
    assert text.index(risky.number) < text.index(safe.number)
    assert "冻结 1" in text
    book = sheets(page(client, "home", format="xlsx"))[0]
    assert [row[0] for row in book[1:]] == [risky.number, safe.number]


def test_the_queue_of_each_officer():
    waiting, done = submitted("林小满"), audited("安秋月")
    assert waiting.number in page(signed_in(auditor()), "home").content.decode()
    text = page(signed_in(approver()), "home").content.decode()
    assert done.number in text
    assert waiting.number not in text
    assert done.number not in page(signed_in(approver(people.BEIJING)), "home").content.decode()


def test_search_that_finds_nothing_says_so():
    submitted("林小满")
    assert "这里没有申报" in page(signed_in(auditor()), "home", q="没有这个").content.decode()


def test_a_claim_and_a_line_are_not_found_from_elsewhere():
    claim = submitted("林小满")
    strangers = [auditor(people.BEIJING), publisher(people.college()), people.officer("registrar")]
    for user in strangers:
        for name, args in (("claim", [claim.pk]), ("line", [claim.pk, 1]), ("export", [claim.pk])):
            assert page(signed_in(user), name, *args).status_code in {403, 404}
    draft = assembled("安秋月")
    assert page(signed_in(auditor()), "claim", draft.pk).status_code == 404


def test_someone_not_signed_in_is_sent_to_sign_in():
    for name in ("home", "schemes", "claims", "assemble"):
        assert page(Client(), name).status_code == 302


def test_a_claim_page_filters_its_lines(django_assert_max_num_queries):
    claim = submitted("林小满", "安秋月", "何志远")
    registry.banned(claim.lines.get(facts__name="安秋月").person, now=LATER)
    client = signed_in(auditor())
    with django_assert_max_num_queries(AT_MOST):
        text = page(client, "claim", claim.pk).content.decode()
    assert all(name in text for name in ("林小满", "安秋月", "何志远"))
    text = page(client, "claim", claim.pk, verdict="blocked").content.decode()
    assert "安秋月" in text
    assert "林小满" not in text
    assert "林小满" in page(client, "claim", claim.pk, q="小满").content.decode()
    assert "没有符合条件的明细" in page(client, "claim", claim.pk, q="无此人").content.decode()


def test_a_line_tells_its_evidence(django_assert_max_num_queries):
    claim = submitted("林小满")
    client = signed_in(auditor())
    with django_assert_max_num_queries(AT_MOST):
        answer = page(client, "line", claim.pk, 1)
    text = answer.content.decode()
    serial = claim.lines.get().facts["certificate"]["serial"]
    assert all(word in text for word in ("第一次学习心跳", "课程通过", "学时入账", "由证据重新推导，一致", serial))
    assert page(client, "line", claim.pk, 2).status_code == 404


def test_an_auditor_settles_samples_and_audits():
    claim = submitted("林小满", "安秋月")
    client = signed_in(auditor())
    answer = client.post(reverse("subsidies:line", args=[claim.pk, 1]), {"verdict": "refuse", "reason": "签到表缺失"})
    assert answer.status_code == 302
    assert "refuse" in verdicts(claim).values()
    client.post(reverse("subsidies:sample", args=[claim.pk]), {"share": "0.10"})
    client.post(reverse("subsidies:sample", args=[claim.pk]), {"share": "1"})
    sample = Sample.objects.get()
    lines = [str(pk) for pk in claim.lines.values_list("pk", flat=True)]
    assert sample.line_ids == list(sampling.sample(lines, sample.seed, sample.share))
    assert services.drawn_again(sample)
    assert sample.seed in page(client, "claim", claim.pk).content.decode()
    answer = client.post(reverse("subsidies:audit", args=[claim.pk]), {"note": ""})
    assert answer.status_code == 422
    client.post(reverse("subsidies:audit", args=[claim.pk]), {"note": "证据齐全"})
    claim.refresh_from_db()
    assert claim.state == "audited"


def test_a_refusal_comes_back_on_the_page():
    claim = audited("林小满")
    answer = signed_in(auditor()).post(reverse("subsidies:audit", args=[claim.pk]), {"note": "再审一次"})
    assert answer.status_code == 409
    assert "不能进行这一步" in answer.content.decode()


def test_the_decision_shows_what_it_means(django_assert_max_num_queries):
    claim = audited("林小满", "安秋月")
    client = signed_in(approver())
    with django_assert_max_num_queries(AT_MOST):
        text = page(client, "decide", claim.pk).content.decode()
    assert "批准 2 行，共 1,200.00 元" in text
    assert client.post(reverse("subsidies:decide", args=[claim.pk]), {"approve": "no"}).status_code == 422
    assert client.post(reverse("subsidies:decide", args=[claim.pk]), {"approve": "yes"}).status_code == 302
    assert client.post(reverse("subsidies:pay", args=[claim.pk])).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "paid"
    text = page(client, "home", state="closed").content.decode()
    assert claim.number in text


def test_an_auditor_can_not_decide_by_address():
    claim = audited("林小满")
    assert page(signed_in(auditor()), "decide", claim.pk).status_code == 403


def test_sent_back_is_told_to_the_college():
    claim = submitted("林小满")
    signed_in(auditor()).post(reverse("subsidies:return", args=[claim.pk]), {"reason": "请补签到表"})
    text = page(signed_in(publisher(claim.college)), "claim", claim.pk).content.decode()
    assert "请补签到表" in text
    assert "提交申报" in text


def test_a_college_previews_assembles_and_submits(django_assert_max_num_queries):
    school = people.college()
    release, under = short_course(school), scheme()
    trained(release, "林小满")
    client = signed_in(publisher(school))
    chosen = {"scheme": str(under.pk), "release": str(release.pk)}
    with django_assert_max_num_queries(AT_MOST + 3):  # a form with two lists to choose from and its preview
        text = page(client, "assemble", **chosen).content.decode()
    assert "600.00" in text
    assert not Claim.objects.exists()
    client.post(reverse("subsidies:assemble"), chosen)
    claim = Claim.objects.get()
    client.post(reverse("subsidies:reassemble", args=[claim.pk]))
    client.post(reverse("subsidies:submit", args=[claim.pk]))
    claim.refresh_from_db()
    assert (claim.state, claim.assembly) == ("submitted", 1)
    with django_assert_max_num_queries(AT_MOST):
        text = page(client, "claims").content.decode()
    assert claim.number in text
    assert "还没有申报" in page(client, "claims", state="paid").content.decode()
    assert sheets(page(client, "claims", format="xlsx"))[0][1][0] == claim.number


def test_another_colleges_course_is_no_choice():
    client = signed_in(publisher(people.college()))
    release = short_course(people.college())
    answer = client.post(reverse("subsidies:assemble"), {"scheme": str(scheme().pk), "release": str(release.pk)})
    assert answer.status_code == 200
    assert not Claim.objects.exists()


def test_an_approver_announces_a_scheme_in_yuan(django_assert_max_num_queries):
    client = signed_in(approver())
    facts = {
        "kind": "vocational_training",
        "name": "=HYPERLINK(1)",
        "occupation": "育婴员",
        "level": "中级",
        "amount": "600.50",
        "budget": "60050",
        "opens_on": "2026-06-01",
        "closes_on": "2026-12-31",
        "requires_certificate": "on",
    }
    assert client.post(reverse("subsidies:scheme_new"), {**facts, "budget": "1"}).status_code == 200
    assert client.post(reverse("subsidies:scheme_new"), facts).status_code == 302
    assert (Scheme.objects.get().amount_fen, Scheme.objects.get().budget_fen) == (60_050, 6_005_000)
    with django_assert_max_num_queries(AT_MOST):
        text = page(client, "schemes").content.decode()
    assert "600.50" in text
    assert sheets(page(client, "schemes", format="xlsx"))[0][1][0] == "=HYPERLINK(1)"
    assert page(signed_in(auditor()), "scheme_new").status_code == 403


def test_the_workbook_has_lines_evidence_and_history():
    claim = audited("林小满", "安秋月")
    services.decide_claim(claim=claim, approve=True, reason="=1+1", actor=people.acting(approver()), now=LATER)
    answer = page(signed_in(auditor()), "export", claim.pk)
    assert claim.number in answer["Content-Disposition"]
    lines, evidence, history = sheets(answer)
    assert lines[0][:3] == ["序号", "姓名", "证件（掩码）"]
    assert [row[1] for row in lines[1:]] == ["安秋月", "林小满"]
    assert [row[6] for row in lines[1:]] == [600.0, 600.0]
    assert [row[7] for row in lines[1:]] == ["可补贴", "可补贴"]
    assert evidence[1][-1] == claim.lines.get(position=1).facts_hash
    assert history[-1][-1] == "=1+1"
    person = claim.lines.first().person
    assert not any(person.documents.get().masked[6:14].strip("*") and "=" in str(cell) for row in lines for cell in row)


def test_a_page_never_shows_a_whole_identity_number():
    number = people.resident_number()
    school = people.college()
    release = short_course(school)
    trained(release)
    learning.passed(people.person(document_number=number), release, now=LATER - timedelta(days=10))
    claim = services.assemble_claim(
        scheme=scheme(), college=school, release=release, actor=people.acting(publisher(school)), now=LATER
    )
    client = signed_in(publisher(school))
    for name, args in (("claim", [claim.pk]), ("line", [claim.pk, 1])):
        assert number not in page(client, name, *args).content.decode()
