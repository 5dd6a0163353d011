"""Hours with their evidence, the certificate of the year, and a stranger who wants to know whether it is real."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _

from certificates.models import Certificate, Rule
from certificates.tasks import render
from lms.demo.calendar import training_ends
from lms.demo.journey.story import Story, expect
from lms.documents import archive
from lms.ledger.models import HourEntry
from lms.ledger.reconcile import Reconciled, reconcile, verify_chain
from lms.ledger.services import standing
from lms.xapi.models import Statement


def hours_are_in_the_ledger(story: Story) -> str:
    entries = HourEntry.objects.filter(person=story.practitioner)
    expect(entries.count() == len(story.enrolments), f"{entries.count()} entries")
    expect(verify_chain(person=story.practitioner) is None, "the chain holds")
    seen = Reconciled()
    drift = [str(one) for one in reconcile(seen)]
    expect(not drift, "; ".join(drift[:3]))
    return _("%(entries)d 条记录，逐条由证据重新推导，一致") % {"entries": seen.entries}


def the_year_is_met(story: Story) -> str:
    day = training_ends(story.today)
    verdict = standing(person=story.practitioner, year=day.year, on=day)
    expect(verdict.met, "72 and 40 are met")
    return "，".join(
        f"{line.category} {line.earned_class_hours:g} / {line.required_class_hours:g}" for line in verdict.lines
    )


def certificate_is_issued(story: Story) -> str:
    held = Certificate.objects.filter(person=story.practitioner)
    story.certificate = held.get(type__rule=Rule.ANNUAL_REQUIREMENT)
    for certificate in held:
        render(str(certificate.pk))
        render(str(certificate.pk))
    document = story.certificate.documents.get().document
    expect(document.signed, "the PDF is signed")
    file = story.keep("certificate.pdf", archive.read(document))
    return _("%(serial)s，已签名，有效期至 %(until)s；另有 %(others)d 张结业证书；%(file)s") % {
        "serial": story.certificate.serial,
        "until": story.certificate.valid_until,
        "others": held.count() - 1,
        "file": file,
    }


def a_stranger_verifies_it(story: Story) -> str:
    page = story.ask("get", reverse("certificates:verification", args=[story.certificate.token]))
    expect("有效" in page.content.decode(), "the page says that it is valid")
    expect(story.practitioner.name not in page.content.decode(), "the holder's name is masked")
    told = json.loads(story.ask("get", f"/api/v1/certificates/{story.certificate.token}/").content)
    expect(told["status"] == "valid", told["status"])
    unknown = json.loads(story.ask("get", f"/api/v1/certificates/{'x' * 43}/").content)
    expect(unknown["status"] == "unknown", unknown["status"])
    return _("网页与接口：%(status)s；%(serial)s，持证人 %(holder)s") % {
        "status": told["status"],
        "serial": told["serial"],
        "holder": told["holder"],
    }


def the_file_is_untouched(story: Story) -> str:
    content = (story.out / "certificate.pdf").read_bytes()
    own = _verify_file(story, content)
    altered = _verify_file(story, content + b"\n% changed")
    expect(own["issued_here"] and own["untouched"], "the file as issued is known")
    expect(not altered["untouched"], "an altered file is told apart")
    return _("原件：%(status)s；改动一个字节后：与签发时不同") % {"status": own["status"]}


def statements_tell_the_same(story: Story) -> str:
    rows = Statement.objects.filter(person_id=story.practitioner.pk).order_by("timestamp", "id")
    content = json.dumps([row.data for row in rows], ensure_ascii=False, indent=1).encode()
    verbs = sorted({row.verb.rsplit("/", 1)[-1] for row in rows})
    expect({"completed", "answered", "attended", "passed", "earned", "played"} <= set(verbs), f"verbs: {verbs}")
    return _("%(count)d 条 xAPI 语句（%(verbs)s）；%(file)s") % {
        "count": len(rows),
        "verbs": "、".join(verbs),
        "file": story.keep("statements.json", content),
    }


def _verify_file(story: Story, content: bytes) -> dict[str, object]:
    file = SimpleUploadedFile("certificate.pdf", content, content_type="application/pdf")
    found: dict[str, object] = json.loads(story.ask("post", "/api/v1/certificates/verify-file/", file=file).content)
    return found
