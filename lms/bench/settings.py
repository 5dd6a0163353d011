"""The product's own settings, with the benchmark's peer beside its pages. Only the benchmark server uses them."""

from lms.settings import *  # noqa: F403

# Requests say which address they come from, as behind a proxy.
MIDDLEWARE = ["lms.people.addresses.ProxyAddressMiddleware", *MIDDLEWARE]  # noqa: F405
ROOT_URLCONF = "lms.bench.urls"
