"""Compiles every template of the project and follows the names written in them.

A template with a wrong tag, one that extends or includes a file that is not there, or that names a missing
static file breaks the first person who opens its page; here it is found without opening any.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.contrib.staticfiles import finders
from django.forms.renderers import get_default_renderer
from django.template import Engine, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import Node
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.templatetags.static import StaticNode

ROOT = Path(__file__).resolve().parent.parent
APPS = ("lms", "courses", "certificates", "cms")


def template_names() -> list[str]:
    """Names as views write them, relative to the ``templates`` directory that holds each file."""
    names: set[str] = set()
    for app in APPS:
        for directory in (ROOT / app).rglob("templates"):
            names.update(str(file.relative_to(directory)) for file in directory.rglob("*") if file.is_file())
    return sorted(names)


def written_name(node: Node) -> tuple[str, str] | None:
    """``(kind, name)`` where the node names a template or a static file outright, not by a variable."""
    kind, expression = "template", None
    if isinstance(node, ExtendsNode):
        expression = node.parent_name
    elif isinstance(node, IncludeNode):
        expression = node.template
    elif isinstance(node, StaticNode):
        kind, expression = "static file", node.path
    name = getattr(expression, "var", None)
    return (kind, name) if isinstance(name, str) else None


def exists(kind: str, name: str) -> bool:
    if kind == "static file":
        return finders.find(name) is not None
    # Widgets are drawn by the renderer of forms, which knows Django's own as well.
    return any(holds(engine, name) for engine in (Engine.get_default(), get_default_renderer().engine.engine))


def holds(engine: Engine, name: str) -> bool:
    try:
        engine.get_template(name)
    except TemplateDoesNotExist:
        return False
    except TemplateSyntaxError:
        pass  # it is there, and told under its own name
    return True


def faults(name: str) -> Iterator[str]:
    try:
        template = Engine.get_default().get_template(name)
    except (TemplateSyntaxError, TemplateDoesNotExist) as error:
        yield f"{name}: {type(error).__name__}: {error}"
        return
    for node in template.nodelist.get_nodes_by_type(Node):
        written = written_name(node)
        if written and not exists(*written):
            yield f"{name}: no {written[0]} {written[1]}"


def main() -> int:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    django.setup()
    names = template_names()
    found = [fault for name in names for fault in faults(name)]
    print("\n".join([*found, f"{len(names)} templates, {len(found)} faults"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
