import pickle

import pytest

from lms.rules.identity import InvalidIdentity
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooMany


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Refusal, 409), (NotAllowed, 403), (NotFound, 404), (Invalid, 422), (Conflict, 409), (TooMany, 429)],
)
def test_each_kind_has_its_status(kind: type[Refusal], status: int) -> None:
    refusal = kind("too_many_hours", "不行。")
    assert (refusal.code, refusal.status, str(refusal)) == ("too_many_hours", status, "不行。")


def test_sentence_is_filled_with_params() -> None:
    refusal = Refusal("short", "还差 %(left)s 学时。", field="hours", left=3)
    assert str(refusal) == "还差 3 学时。"
    assert refusal.params == {"left": 3}
    assert refusal.field == "hours"


def test_a_percent_sign_without_params_is_just_a_percent_sign() -> None:
    assert str(Refusal("share", "覆盖率不足 95%。")) == "覆盖率不足 95%。"


def test_a_lazy_sentence_is_read_only_when_shown() -> None:
    class Lazy:
        text = "before"

        def __str__(self) -> str:
            return self.text

    sentence = Lazy()
    refusal = Refusal("late", sentence)
    sentence.text = "after"
    assert str(refusal) == "after"


def test_a_given_status_wins() -> None:
    assert Conflict("gone", "没有了。", status=410).status == 410


@pytest.mark.parametrize(
    "refusal",
    [NotAllowed("officer", "需要另一名经办人 %(role)s。", role="复核"), InvalidIdentity("characters", 3)],
)
def test_a_worker_can_hand_a_refusal_back(refusal: Refusal) -> None:
    back = pickle.loads(pickle.dumps(refusal))
    assert type(back) is type(refusal)
    assert (back.code, back.status, str(back), back.params) == (
        refusal.code,
        refusal.status,
        str(refusal),
        refusal.params,
    )
