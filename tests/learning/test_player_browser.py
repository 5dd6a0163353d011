"""The player in a real browser: what it tells the server, and what it makes of the answers."""

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cms.cutting import cut
from courses.catalogue.models import Lesson
from courses.learning.models import ChallengeOutcome, Enrolment, Lease, LessonProgress, PresenceChallenge
from lms.audit.actors import Actor
from lms.people.models import User
from lms.policy.services import DEFAULT_FILES, load_policy
from lms.rules.intervals import Intervals
from tests.factories import cms, people
from tests.factories.catalogue import audio, package, reading, released_course, rendition, video
from tests.factories.learning import enrolled
from tests.factories.policy import LOADED_AT, changed_pack
from tests.journeys.conftest import browser  # noqa: F401
from tests.journeys.visitor import DESK, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium]
SECONDS = 40
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:10.000\n单独睡、仰着睡。\n\n00:10.000 --> 00:40.000\n空着床。\n"
CHAPTERS = [{"at": 0, "title": "三条底线"}, {"at": 20, "title": "巡视"}]
TEXT = "<h2>三看</h2>" + "<p>看床面、看温度、看孩子；仰卧 &amp; 独睡。</p>" * 40
GLOSSARY = [{"term": "仰卧", "text": "脸朝上躺着。"}, {"term": "独睡", "text": "一张床一个孩子。"}]
PLAY = "media => { media.muted = true; return media.play(); }"
# What the page would hear from the system when another tab comes before it.
HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def a_sound_file(seconds: int) -> ContentFile:
    """A quiet recording."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        stream.layout = "mono"
        for number in range(seconds * 8000 // 1024):
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            frame.planes[0].update(bytes(1024 * 4))
            frame.sample_rate, frame.pts = 8000, number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return ContentFile(out.getvalue())


FILM, SOUND = cms.a_video_file(SECONDS).read(), a_sound_file(SECONDS).read()


@pytest.fixture
def lessons(transactional_db: None, tmp_path: Path) -> Enrolment:
    """A film, a recording of sound, a page and a package; Shanghai with heartbeats every second."""
    fast = changed_pack(
        tmp_path, ("heartbeat_seconds: 15", "heartbeat_seconds: 1"), ("grace_seconds: 30", "grace_seconds: 6")
    )
    files = [fast if path.name == fast.name else path for path in DEFAULT_FILES]
    load_policy(files=files, actor=Actor.system("test"), now=LOADED_AT)
    film = default_storage.save("releases/film.mp4", ContentFile(FILM))
    sound = default_storage.save("releases/sound.m4a", ContentFile(SOUND))
    played = {"captions": CAPTIONS, "chapters": CHAPTERS}
    release = released_course(
        lessons=[
            video(SECONDS, "安全睡眠", film) | played,
            audio(SECONDS, "听一听", sound) | played,
            reading(1, "睡前检查", TEXT),
            package(1),
        ],
        glossary=GLOSSARY,
    )
    return enrolled(people.practitioner().person, release)


Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser, live_server: Any, lessons: Enrolment) -> Iterator[Opens]:  # noqa: F811
    """Opens a lesson on a device of its own, signed in without the form."""
    contexts: list[BrowserContext] = []

    def open_lesson(position: int = 1, *, script: str = "", on: BrowserContext | None = None) -> Page:
        context = on or _signed_in(browser, live_server.url, lessons.person.user)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(_address(lessons, position))
        return page

    yield open_lesson
    for context in dict.fromkeys(contexts):
        context.close()


def _signed_in(browser: Browser, base: str, user: User) -> BrowserContext:  # noqa: F811
    from django.test import Client

    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    context = browser.new_context(
        base_url=base,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=DESK,
        reduced_motion="reduce",  # type: ignore[arg-type]
    )
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    return context


def _address(enrolment: Enrolment, position: int) -> str:
    return reverse("learning:lesson", args=[enrolment.pk, _lesson(enrolment, position).pk])


def _lesson(enrolment: Enrolment, position: int) -> Lesson:
    return enrolment.release.lessons.get(position=position)


def covered_ms() -> int:
    progress = LessonProgress.objects.first()
    return Intervals.from_pairs(progress.covered).covered() if progress else 0


def earns(page: Page, more_than_ms: int) -> None:
    """Wait until so much is credited: a busy machine sends its beats late, and pays no less for it."""
    deadline = time.monotonic() + 15
    while covered_ms() <= more_than_ms:
        assert time.monotonic() < deadline, covered_ms()
        page.wait_for_timeout(100)


def until(page: Page, condition: str) -> None:
    """Wait for something of the recording. The content security policy forbids Playwright's own way."""
    deadline = time.monotonic() + 15
    while not page.locator("video, audio").evaluate(f"media => {condition}"):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(100)


def plays(page: Page, seconds: float) -> None:
    """From the press of the button until so much more has been played."""
    media = page.locator("video, audio")
    at = media.evaluate("media => media.currentTime")
    media.evaluate(PLAY)
    until(page, f"media.currentTime >= {at + seconds}")


def pauses(page: Page) -> float:
    """Pause, and wait until the server has heard of it. Returns where it stands."""
    with page.expect_response("**/beat/"):
        at: float = page.locator("video, audio").evaluate("media => { media.pause(); return media.currentTime; }")
    return at


def test_resumes_to_the_second_on_another_device(opens: Opens) -> None:
    phone = opens()
    plays(phone, 0.2)
    phone.get_by_role("button", name="巡视").click()
    until(phone, "media.currentTime > 21")
    at = pauses(phone)
    assert phone.get_by_role("button", name="巡视").get_attribute("aria-current") == "true"

    tablet = opens()
    until(tablet, "media.currentTime > 1")
    assert tablet.locator("video").evaluate("video => video.currentTime") == pytest.approx(at, abs=0.1)
    tablet.locator("video").evaluate(PLAY)
    tablet.get_by_role("button", name="转到这台设备").click()
    plays(tablet, 1)
    pauses(tablet)
    phone.locator("video").evaluate(PLAY)
    expect(phone.locator("[data-player-notice]")).to_contain_text("另一台设备")
    assert phone.locator("video").evaluate("video => video.paused")


def test_what_was_not_heard_is_kept_and_told_later(opens: Opens) -> None:
    page = opens()
    plays(page, 1.5)
    pauses(page)
    page.route("**/learn/leases/**", lambda route: route.abort())
    plays(page, 2)
    page.locator("video").evaluate("video => { video.pause(); video.currentTime = 30; }")
    expect(page.locator("[data-player-notice]")).to_contain_text("网络中断")
    before = covered_ms()
    again = opens(on=page.context)
    until(again, "media.currentTime > 29.9")
    again.wait_for_timeout(1500)
    assert covered_ms() > before + 1500


def test_the_network_is_lost_and_comes_back(opens: Opens) -> None:
    page = opens()
    plays(page, 2)
    page.context.set_offline(True)
    expect(page.locator("[data-player-notice]")).to_contain_text("已播放的内容会在恢复后补记")
    until(page, "media.paused")
    expect(page.locator("[data-player-notice]")).to_contain_text("已暂停")
    played = page.locator("video").evaluate("video => video.currentTime")
    assert played > 6
    page.context.set_offline(False)
    until(page, "!media.paused")
    at = pauses(page)
    assert covered_ms() == pytest.approx(at * 1000, rel=0.05)


def test_a_question_is_answered_by_keyboard(opens: Opens) -> None:
    page = opens()
    plays(page, 1)
    asks(page)
    assert page.locator("video").evaluate("video => video.paused")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert").filter(has_text="请先作答")).to_be_visible()
    visitor_looks(page)
    answers(page, right=False)
    expect(page.get_by_role("alert").filter(has_text="请再答一题")).to_be_visible()
    answers(page, right=True)
    expect(page.locator("[data-challenge]")).to_be_hidden()
    until(page, "!media.paused")
    assert ChallengeOutcome.objects.filter(result="passed").exists()


def test_a_missed_question_says_where_it_goes_on(opens: Opens) -> None:
    page = opens()
    plays(page, 2)
    asks(page)
    answers(page, right=False)
    answers(page, right=False)
    expect(page.locator("[data-challenge]")).to_contain_text("请从 0:00 接着学")
    visitor_looks(page)
    page.get_by_role("button", name="接着学").click()
    until(page, "media.currentTime < 2")
    expect(page.locator("[data-challenge]")).to_be_hidden()


def asks(page: Page) -> None:
    """The server has drawn this very moment."""
    Lease.objects.update(challenge_in_ms=1)
    expect(page.locator("[data-challenge]")).to_be_visible()


def answers(page: Page, *, right: bool) -> None:
    """With the arrow keys and Enter."""
    question = PresenceChallenge.objects.latest("number")
    expect(page.locator("[data-challenge-prompt]")).to_have_text(question.prompt)
    keys = [choice["key"] for choice in question.choices]
    wanted = question.answer if right else next(key for key in keys if key != question.answer)
    assert page.locator(":focus").get_attribute("name") == "answer"
    page.keyboard.press("Space")
    for _step in range(keys.index(wanted)):
        page.keyboard.press("ArrowDown")
    with page.expect_response("**/challenge/"):
        page.keyboard.press("Enter")


def visitor_looks(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_hidden_it_earns_nothing_and_speed_keeps_to_policy(opens: Opens) -> None:
    page = opens()
    plays(page, 1)
    page.evaluate(HIDE, True)
    until(page, "media.paused")
    page.wait_for_timeout(300)
    before = covered_ms()
    page.wait_for_timeout(1500)
    assert covered_ms() == before
    page.evaluate(HIDE, False)
    expect(page.locator("[data-player-notice]")).to_contain_text("刚才离开了这个页面")
    page.locator("video").evaluate("video => { video.playbackRate = 3; }")
    until(page, "media.playbackRate === 1.5")
    assert page.get_by_label("速度").input_value() == "1.5"


def test_keys_and_captions(opens: Opens) -> None:
    page = opens()
    video = page.locator("video")
    video.focus()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="字幕")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("l")
    until(page, "media.currentTime === 10")
    page.keyboard.press("ArrowLeft")
    until(page, "media.currentTime === 5")
    page.keyboard.press("Space")
    until(page, "!media.paused")
    page.keyboard.press("k")
    until(page, "media.paused")
    page.locator("summary", has_text="文字稿").click()
    page.get_by_role("button", name="空着床").click()
    until(page, "media.currentTime >= 10")
    visitor_looks(page)


CLOCK = """async ([looks, rate]) => {
  const { PlayClock } = await import('/static/learning/player/clock.js');
  const { Played } = await import('/static/learning/player/stretches.js');
  const played = new Played();
  const clock = new PlayClock(played, 60000, rate);
  clock.start(0, 0);
  for (const [now, position] of looks) clock.look(position, now);
  return played.stretches;
}"""


def test_only_what_can_have_been_played_is_said(opens: Opens) -> None:
    page = opens(3)
    for looks, rate, expected in [
        ([[250, 250], [500, 500]], 1, [[0, 500]]),
        # A timer slowed down to once a minute, or a page that was frozen: late is not a jump.
        ([[20_000, 19_900]], 1, [[0, 19_900]]),
        ([[10_000, 15_000]], 1.5, [[0, 15_000]]),
        # Moved by hand, forwards and backwards, without a word of it.
        ([[250, 30_000], [500, 30_250]], 1, [[30_000, 30_250]]),
        ([[1000, 1000], [1250, 200], [2500, 1450]], 1, [[0, 1450]]),
        ([[61_000, 61_000]], 1, [[0, 60_000]]),
        # A clock that stood still pays for next to nothing.
        ([[0, 5000]], 1.5, []),
    ]:
        assert page.evaluate(CLOCK, [looks, rate]) == expected, looks


def test_leaving_says_the_last_word(opens: Opens) -> None:
    # The time of day on this phone is nonsense; nobody asks for it.
    page = opens(script="Date.now = () => 9e12 * Math.random();")
    plays(page, 1.2)
    page.goto("/home/")
    page.wait_for_timeout(300)
    assert Lease.objects.get().end_reason == "closed"
    assert covered_ms() > 1000


def test_sound_has_its_text_beside_it(opens: Opens) -> None:
    page = opens(2)
    plays(page, 1.5)
    pauses(page)
    assert covered_ms() > 1000
    expect(page.get_by_role("button", name="单独睡")).to_have_attribute("aria-current", "true")
    visitor_looks(page)


def test_a_page_counts_while_it_is_read_and_is_light(opens: Opens) -> None:
    sizes: dict[str, int] = {}
    page = opens(3)
    for address in page.evaluate("performance.getEntriesByType('resource').map(one => one.name)"):
        if address.endswith((".js", ".mjs")):
            sizes[address] = len(page.request.get(address).body())
    assert len(sizes) > 5
    assert sum(sizes.values()) < 150_000, sizes
    assert not any("hls" in address for address in sizes)
    earns(page, 1000)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    page.wait_for_timeout(300)
    assert not Lease.objects.filter(ended_at=None).exists()
    with page.expect_response("**/lease/"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert Lease.objects.filter(ended_at=None).exists()
    page.get_by_role("link", name="仰卧").click()
    assert page.url.endswith("#term-1")
    visitor_looks(page)


def test_a_package_counts_while_one_is_in_it(opens: Opens) -> None:
    page = opens(4)
    earns(page, 1000)
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-forms"


@pytest.fixture
def cut_film(lessons: Enrolment, tmp_path: Path) -> None:
    """The film really cut into pieces."""
    pieces = rendition(_lesson(lessons, 1))
    folder = tmp_path / "cut"
    folder.mkdir()
    cut(io.BytesIO(FILM), folder, told=lambda _per_cent: None)
    for path in folder.rglob("*.*"):
        name = f"{pieces.folder}/{path.relative_to(folder).as_posix()}"
        default_storage.delete(name)
        default_storage.save(name, ContentFile(path.read_bytes()))


@pytest.mark.parametrize("can_play", ["maybe", ""], ids=["by itself", "by hls.js"])
def test_a_film_in_pieces(opens: Opens, cut_film: None, can_play: str) -> None:
    page = opens(script=f"HTMLMediaElement.prototype.canPlayType = () => '{can_play}';")
    page.get_by_label("画质").select_option("low")
    page.get_by_role("button", name="巡视").click()
    plays(page, 1)
    pauses(page)
    assert page.get_by_label("画质").input_value() == "low"
    loaded = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert any("hls.light" in address for address in loaded) is (can_play == "")
    assert covered_ms() > 900
    assert Intervals.from_pairs(LessonProgress.objects.get().covered).pairs()[0][0] >= 20_000


def test_pieces_that_can_not_be_played_leave_the_original(opens: Opens, lessons: Enrolment) -> None:
    rendition(_lesson(lessons, 1))
    page = opens(script="HTMLMediaElement.prototype.canPlayType = () => '';")
    page.locator("video").evaluate("video => { video.muted = true; video.play().catch(() => {}); }")
    expect(page.get_by_label("画质")).to_have_value("original")
    plays(page, 0.5)
    loaded = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert any("hls.light" in address for address in loaded)
    assert any(address.endswith("360p/0.ts") for address in loaded)
