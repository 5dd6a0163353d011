"""Reading a policy pack from a YAML file. A wrong file is refused naming file, line and field.

YAML knows where each value stands, the model knows which value is wrong; this module brings the two together. A key
given twice is wrong as well: plain YAML would silently keep the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lms.policy.pack import PackDocument
from lms.rules.refusals import Invalid

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file. ``field`` is the path to it, such as ``targets.2.value``; ``line`` counts from 1."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


class WrongPack(Invalid):
    """The files can't be loaded; ``faults`` lists everything found wrong, file by file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("wrong_pack", _("政策包有误，未载入：%(faults)s"), faults="; ".join(map(str, self.faults)))


@dataclass
class _Reading:
    file: str
    lines: dict[Location, int]
    faults: list[Fault]

    def fault(self, line: int, at: Location, message: object) -> None:
        self.faults.append(Fault(self.file, line, ".".join(map(str, at)) or "-", str(message)))

    def line_of(self, at: Location) -> int:
        """The line of a value; of what should hold it when it is missing."""
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)


def read_pack(path: Path) -> PackDocument:
    """Read and check one file. Refuses ``wrong_pack`` with every fault it finds."""
    reading = _Reading(path.name, {}, [])
    data = _parsed(path, reading)
    if reading.faults:
        raise WrongPack(reading.faults)
    try:
        return PackDocument.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False):
            at = detail["loc"]
            reading.fault(reading.line_of(at), at, _sentence(detail))
        raise WrongPack(reading.faults) from None


def _parsed(path: Path, reading: _Reading) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        reading.fault(1, (), _("文件不存在或无法读取。"))
        return None
    except UnicodeDecodeError:
        reading.fault(1, (), _("文件不是 UTF-8 编码。"))
        return None
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _value(loader, node, (), reading)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reading.fault(mark.line + 1 if mark else 1, (), _("不是有效的 YAML：%(why)s") % {"why": error.problem or ""})
    except yaml.YAMLError:
        reading.fault(1, (), _("不是有效的 YAML。"))
    except ValueError as error:  # a date such as 2020-02-30
        reading.fault(1, (), _("不是有效的 YAML：%(why)s") % {"why": error})
    finally:
        loader.dispose()
    return None


def _value(loader: yaml.SafeLoader, node: yaml.Node, at: Location, reading: _Reading) -> Any:
    """The plain value of a node, noting the line of everything inside it."""
    line = node.start_mark.line + 1
    reading.lines.setdefault(at, line)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*at, place), reading) for place, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        try:
            return loader.construct_object(node)
        except ValueError as error:
            reading.fault(line, at, _("值无效：%(why)s") % {"why": error})
            return None
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        here = (*at, key)
        key_line = key_node.start_mark.line + 1
        if key in result:
            reading.fault(key_line, here, _("同一字段出现两次。"))
        reading.lines[here] = key_line
        result[key] = _value(loader, value_node, here, reading)
    return result


def _sentence(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing":
        return str(_("缺少此字段。"))
    if kind == "extra_forbidden":
        return str(_("没有这个字段，请检查拼写。"))
    message = detail["msg"].removeprefix("Value error, ")
    return message if kind == "value_error" else str(_("值无效：%(why)s") % {"why": message})
