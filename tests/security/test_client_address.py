"""Nobody talks their way past a limit with a header of their own."""

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from lms.people.addresses import ProxyAddressMiddleware


def seen_as(**headers: str) -> str:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **headers)
    ProxyAddressMiddleware(lambda _request: HttpResponse())(request)
    return str(request.META["REMOTE_ADDR"])


def test_behind_a_proxy_its_own_word_counts_and_the_clients_does_not() -> None:
    assert seen_as(HTTP_X_FORWARDED_FOR="1.2.3.4, 198.51.100.7") == "198.51.100.7"


def test_without_the_header_the_peer_is_the_client() -> None:
    assert seen_as() == "10.0.0.1"


def test_without_a_proxy_the_header_is_never_read() -> None:
    assert "lms.people.addresses.ProxyAddressMiddleware" not in settings.MIDDLEWARE
    assert settings.REST_FRAMEWORK["NUM_PROXIES"] == 0
    assert settings.AXES_IPWARE_META_PRECEDENCE_ORDER == ["REMOTE_ADDR"]
