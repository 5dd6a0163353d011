"""``{% icon %}``: decoration, or spoken when it has a label; whatever it is given is escaped."""

from django.template import Context, Template

TEMPLATE = "{% load theme %}{% icon name label %}"


def drawn(**given: str) -> str:
    return Template(TEMPLATE).render(Context(given))


def test_without_a_label_it_is_decoration() -> None:
    assert drawn(name="mail") == (
        '<svg class="icon" aria-hidden="true" width="20" height="20"><use href="/static/site/icons.svg#mail"></use></svg>'
    )


def test_a_label_is_spoken_and_escaped() -> None:
    said = drawn(name='"><b>', label='关闭"')
    assert 'role="img" aria-label="关闭&quot;"' in said
    assert "<b>" not in said


def test_the_component_is_the_same_icon() -> None:
    whole = Template('{% include "components/icon.html" with name="mail" only %}').render(Context())
    assert whole.strip() == drawn(name="mail")
