"""Wagtail, in which colleges write."""

from lms.constants.files import UPLOAD_LIMITS

WAGTAIL_SITE_NAME = "托育人才培训与认证"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_I18N_ENABLED = False
# The last approval publishes, or waits for the hour the college asked for.
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.publishing.finish"
# A form handed in while its first autosave is still on the way would become two courses.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# One door to sign in by, with its second factor; Wagtail's own would be a way around it.
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.file_forms.PictureForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.file_forms.DocumentForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = UPLOAD_LIMITS["document"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
WAGTAILMEDIA = {
    "MEDIA_MODEL": "cms.CourseMedia",
    "MEDIA_FORM_BASE": "cms.media_forms.CourseMediaForm",
    "AUDIO_EXTENSIONS": ["mp3", "m4a"],
    "VIDEO_EXTENSIONS": ["mp4", "webm", "mov"],
}
# Wagtail shows previews in a frame of our own origin.
SILENCED_SYSTEM_CHECKS = ["security.W019", "wagtailadmin.W003"]
