"""How much a flag weighs in the review queue. Order of looking, not a judgement: no weight takes an hour from anybody."""

from django.utils.translation import gettext_lazy as _

# What only a script leaves behind weighs more than what a late evening or a shared staff room explains.
WEIGHTS = {
    "identical_spacing": 5,
    "classroom_overlap": 4,
    "in_step": 4,
    "challenges_failed": 3,
    "shared_device": 3,
    "overnight_run": 2,
    "shared_address": 1,
}
KINDS = {
    "identical_spacing": _("心跳间隔几乎完全相同"),
    "classroom_overlap": _("线上学习与面授重叠"),
    "in_step": _("多个账号同步学习"),
    "challenges_failed": _("在场确认多次未通过"),
    "shared_device": _("多人使用同一设备"),
    "overnight_run": _("深夜连续学习"),
    "shared_address": _("多人使用同一网络地址"),
}
_HIGH, _MIDDLE = 5, 3


def level(weight: int) -> tuple[str, str]:
    """The lamp and the word for a weight."""
    if weight >= _HIGH:
        return "attention", str(_("高"))
    if weight >= _MIDDLE:
        return "none", str(_("中"))
    return "none", str(_("低"))


def kind(code: str) -> str:
    """What people call this kind of flag; one without a name yet is its own."""
    return str(KINDS.get(code, code))
