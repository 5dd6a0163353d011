"""What is filled in to take back many certificates, and the filters of what was taken back."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, IssueBatch, IssueBatchRow, RecallState
from certificates.querysets import RecallQuerySet
from certificates.recall_showing import batch_name
from certificates.services.scopes import Scope
from courses.catalogue.models import Release
from courses.classroom.models import Session
from lms.people.access import ActingRequest
from lms.people.models import Organisation
from lms.people.querysets import OrganisationQuerySet
from lms.rules.serials import normalise

SCOPE = ("release", "session", "batch", "issued_from", "issued_to")


class _BatchField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return batch_name(obj)


class ScopeForm(forms.Form):
    """Which certificates: first whose, then which of theirs. Sent by GET, so that what is seen can be gone back to."""

    issuer = forms.ModelChoiceField(label=gettext_lazy("发证单位"), queryset=Organisation.objects.none())
    release = forms.ModelChoiceField(
        label=gettext_lazy("课程版本"),
        queryset=Release.objects.none(),
        required=False,
        empty_label=gettext_lazy("不限"),
    )
    session = forms.ModelChoiceField(
        label=gettext_lazy("面授班次"),
        queryset=Session.objects.none(),
        required=False,
        empty_label=gettext_lazy("不限"),
    )
    batch = _BatchField(
        label=gettext_lazy("签发批次"),
        queryset=IssueBatch.objects.none(),
        required=False,
        empty_label=gettext_lazy("不限"),
    )
    issued_from = forms.DateField(
        label=gettext_lazy("发证日期自"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    issued_to = forms.DateField(
        label=gettext_lazy("发证日期至（含）"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, request: ActingRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        issuers = Organisation.objects.visible_to(request.actor).filter(
            pk__in=Certificate.objects.values("issuer_id").distinct()
        )
        fields["issuer"].queryset = issuers.order_by("name")
        self.chosen = self._chosen(issuers)
        if self.chosen is None:
            for name in SCOPE:
                del self.fields[name]
            return
        fields["issuer"].initial = self.chosen.pk
        releases = Release.objects.filter(course__college=self.chosen).select_related("course__college")
        sessions = Session.objects.filter(college=self.chosen).select_related("lesson", "college")
        rows = IssueBatchRow.objects.filter(batch=OuterRef("pk"), outcome=IssueBatchRow.Outcome.ISSUED)
        batches = IssueBatch.objects.filter(Exists(rows.filter(certificate__issuer=self.chosen)))
        fields["release"].queryset = releases.order_by("title", "number")
        fields["session"].queryset = sessions.order_by("-starts_at")
        fields["batch"].queryset = batches.select_related("type").order_by("-drafted_at")

    def scope(self) -> Scope:
        """What was asked; the form is valid."""
        return Scope(**{name: self.cleaned_data.get(name) for name in SCOPE})

    def _chosen(self, issuers: OrganisationQuerySet) -> Organisation | None:
        """Whose certificates: everything else asks about theirs alone."""
        if not self.is_bound:
            few = list(issuers[:2])
            return few[0] if len(few) == 1 else None
        try:
            chosen: Organisation = self.fields["issuer"].clean(self.data.get("issuer"))
        except forms.ValidationError:
            return None
        return chosen


class RecallFilter(forms.Form):
    """Recalls by issuer, by the serial of one of their certificates, and by state."""

    q = forms.CharField(label=gettext_lazy("发证单位或证书编号"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部")), *RecallState.Name.choices]
    )

    def narrow(self, found: RecallQuerySet) -> RecallQuerySet:
        """``found`` by what was asked; what can't be read is not asked."""
        asked = self.cleaned_data if self.is_valid() else {}
        if text := (asked.get("q") or "").strip():
            named = Certificate.objects.filter(serial=normalise(text) or text)
            found = found.filter(Q(issuer__name__icontains=text) | Q(items__certificate__in=named)).distinct()
        if asked.get("state"):
            found = found.filter(state=asked["state"])
        return found
