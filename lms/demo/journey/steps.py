"""The steps in their order, and the one who walks them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lms.demo.journey import ban, proof, training, work
from lms.demo.journey.story import Failed, Story
from lms.rules.refusals import Refusal

Step = Callable[[Story], str]

STEPS: tuple[tuple[str, Step], ...] = (
    (gettext_noop("载入政策包"), training.policy_is_loaded),
    (gettext_noop("主管部门就位"), training.bureaus_are_there),
    (gettext_noop("院校与机构准入"), training.bodies_are_admitted),
    (gettext_noop("院校编写课程并提交"), training.courses_are_written),
    (gettext_noop("主管部门批准，版本冻结"), training.releases_are_frozen),
    (gettext_noop("从业人员注册并报名"), training.practitioner_enrols),
    (gettext_noop("时间造不了假"), training.nobody_outruns_the_clock),
    (gettext_noop("线上学习"), training.learns_online),
    (gettext_noop("测验通过"), training.passes_the_quiz),
    (gettext_noop("面授签到签退"), training.attends_classes),
    (gettext_noop("学时入账，证据可重算"), proof.hours_are_in_the_ledger),
    (gettext_noop("年度学时达标"), proof.the_year_is_met),
    (gettext_noop("签发年度证书"), proof.certificate_is_issued),
    (gettext_noop("公众核验"), proof.a_stranger_verifies_it),
    (gettext_noop("核验文件"), proof.the_file_is_untouched),
    (gettext_noop("学习语句"), proof.statements_tell_the_same),
    (gettext_noop("直接管理人在岗"), work.the_head_is_employed),
    (gettext_noop("机构入职核查"), work.the_institution_asks),
    (gettext_noop("录用"), work.the_institution_hires),
    (gettext_noop("院校申报补贴"), work.the_college_claims),
    (gettext_noop("审计与决定，导出"), work.the_bureau_decides),
    (gettext_noop("录入禁入决定"), ban.an_officer_enters_the_decision),
    (gettext_noop("第二名工作人员复核生效"), ban.a_second_officer_confirms),
    (gettext_noop("证书已撤销"), ban.the_certificate_is_revoked),
    (gettext_noop("用人单位已获知"), ban.the_employer_is_told),
    (gettext_noop("再次核查为禁入"), ban.the_next_check_is_barred),
    (gettext_noop("未结补贴已冻结"), ban.the_claim_line_is_blocked),
    (gettext_noop("账册完整"), ban.the_books_hold),
)


def walk(*, out: Path, say: Callable[[str], None]) -> bool:
    """Take every step, one line each; stop at the first that fails. Whether all of them held."""
    story, began = Story(out=out), time.monotonic()
    for title, step in STEPS:
        started = time.monotonic()
        try:
            fact = step(story)
        except (Failed, Refusal) as failure:
            say(f"✗ {_(title)}：{failure}")
            return False
        except Exception as failure:
            say(f"✗ {_(title)}：{type(failure).__name__}: {failure}")
            raise
        say(f"✓ {_(title)}：{fact}（{time.monotonic() - started:.1f} s）")
    say(_("共 %(steps)d 步，%(seconds).0f 秒") % {"steps": len(STEPS), "seconds": time.monotonic() - began})
    return True
