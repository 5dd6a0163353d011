"""The forms behind pictures and documents, without tags: Wagtail offers everybody's tags to everybody, and a college's
words for its unpublished courses are nobody else's business. A college finds its own files by their titles.
"""

from typing import Any

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm


class PictureForm(BaseImageForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("tags", None)


class DocumentForm(BaseDocumentForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("tags", None)
