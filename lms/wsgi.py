"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from lms.documents import warming

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
application = get_wsgi_application()
warming.begin()
