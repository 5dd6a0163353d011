"""Courseware in a ZIP file: looked through before a byte of it is unpacked, then kept under the hash of the whole file.

Nothing of it is trusted: not its names, not its sizes, not what its files say they are. Only what a browser shows is let
in; what a server would run, and what leads out of its folder, is not.
"""

import re
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from cms.models import PackageKind
from lms.documents.uploads import BROKEN
from lms.rules.refusals import Invalid

FOLDER = "packages"
FILES_AT_MOST = 5_000
BYTES_AT_MOST = 1024 * 1024 * 1024
# A file of text shrinks to a tenth, a bomb to a thousandth.
RATIO_AT_MOST, RATIO_COUNTS_FROM = 100, 10 * 1024 * 1024
NAME_AT_MOST = 180
# Bytes in one part of a name that every file system keeps; a Chinese character is three.
PART_AT_MOST = 240
MANIFEST, MANIFEST_BYTES = "imsmanifest.xml", 2 * 1024 * 1024
SUFFIXES = frozenset(
    {
        *(".html", ".htm", ".xhtml", ".css", ".js", ".mjs", ".map", ".json", ".xml", ".xsd", ".dtd", ".wasm"),
        *(".txt", ".md", ".csv", ".vtt", ".srt", ".pdf", ".woff", ".woff2", ".ttf", ".otf", ".eot"),
        *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".bmp", ".cur"),
        *(".mp3", ".m4a", ".ogg", ".oga", ".wav", ".mp4", ".m4v", ".webm", ".ogv"),
    }
)
STARTS = ("index.html", "index.htm", "story.html", "index_lms.html")
# What computers add to folders by themselves.
_LITTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\\]")


@dataclass(frozen=True, slots=True)
class Contents:
    """``members``: name of each file as it will be kept, and its place in the ZIP file; ``size``: bytes unpacked."""

    kind: PackageKind
    entry: str
    members: dict[str, zipfile.ZipInfo]
    size: int


def look_through(archive: zipfile.ZipFile) -> Contents:
    """What would be unpacked. Refuses what is too much, leads elsewhere, is locked, or no browser shows."""
    infos = [(str(PurePosixPath(_name(info))), info) for info in archive.infolist() if not info.is_dir()]
    infos = [(name, info) for name, info in infos if not _LITTER.search(name)]
    _check_amount([info for _name, info in infos])
    for name, info in infos:
        _check_member(name, info)
    _check_kinds([name for name, _info in infos])
    members = _without_wrapping(dict(infos))
    known = {name.casefold() for name in members}
    if len(known) != len(infos) or known.intersection(_folders(known)):
        raise Invalid("package_twice", _("课件包里有同名的文件，请重新导出。"), field="file")
    kind, entry = _entry(archive, members)
    return Contents(kind, entry, members, sum(info.file_size for info in members.values()))


def open_package(file: Any) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except BROKEN as error:
        raise _broken() from error


def keep(archive: zipfile.ZipFile, contents: Contents, sha256: str) -> str:
    """Unpack into the media storage; returns the folder. Files that are there already, whole, are left."""
    storage, folder = storages["default"], f"{FOLDER}/{sha256}"
    for name, info in contents.members.items():
        kept = f"{folder}/{name}"
        if storage.exists(kept):
            if storage.size(kept) == info.file_size:
                continue
            storage.delete(kept)  # a half that an interrupted upload left
        try:
            with archive.open(info) as member:
                storage.save(kept, File(member, name=name))
        except (*BROKEN, ValueError) as error:
            raise _broken() from error
    return folder


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: Chinese Windows writes GB18030 and doesn't say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _check_amount(infos: list[zipfile.ZipInfo]) -> None:
    size, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if len(infos) > FILES_AT_MOST:
        raise Invalid(
            "package_too_many",
            _("课件包里有 %(files)s 个文件，最多 %(most)s 个。请精简后再上传。"),
            field="file",
            files=len(infos),
            most=FILES_AT_MOST,
        )
    bomb = size > RATIO_COUNTS_FROM and size > packed * RATIO_AT_MOST
    if size > BYTES_AT_MOST or bomb:
        raise Invalid(
            "package_too_large",
            _("课件包解压后有 %(size)s MB，超过上限或压缩得异常，不能接受。请检查导出设置。"),
            field="file",
            size=size // 1024 // 1024,
        )


def _check_member(name: str, info: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(name).parts
    leads_out = name.startswith("/") or ".." in parts or _UNFIT.search(name)
    too_long = len(name) > NAME_AT_MOST or any(len(part.encode()) > PART_AT_MOST for part in parts)
    if leads_out or too_long or stat.S_ISLNK(info.external_attr >> 16):
        sentence = _("课件包里的“%(name)s”指向包外，或文件名不合规，不能接受。")
        raise Invalid("package_leads_out", sentence, field="file", name=name[:NAME_AT_MOST])
    if info.flag_bits & 0x1:
        raise Invalid("package_locked", _("课件包设有密码，请导出没有密码的 ZIP 文件。"), field="file")


def _check_kinds(names: list[str]) -> None:
    foreign = [name for name in names if PurePosixPath(name).suffix.lower() not in SUFFIXES]
    if foreign:
        raise Invalid(
            "package_wrong_files",
            _("课件包里有 %(count)s 个浏览器不能显示的文件（如 %(names)s）。程序、脚本和压缩包不能放进课件。"),
            field="file",
            count=len(foreign),
            names="、".join(foreign[:3]),
        )


def _without_wrapping(members: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Without the one folder everything lies in, which packing a folder adds."""
    tops = {name.partition("/")[0] for name in members}
    if len(tops) != 1 or not all("/" in name for name in members):
        return members
    return {name.partition("/")[2]: info for name, info in members.items()}


def _folders(names: Iterable[str]) -> set[str]:
    """Every folder the files lie in: none may be called as a file is."""
    return {str(folder) for name in names for folder in PurePosixPath(name).parents}


def _entry(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> tuple[PackageKind, str]:
    """What it is and the page it begins with."""
    if MANIFEST in members:
        entry = _launched(archive, members[MANIFEST])
        if entry.partition("?")[0] in members:
            return PackageKind.SCORM, entry.partition("?")[0]
        raise Invalid(
            "package_no_entry", _("课件包的 imsmanifest.xml 没有指明起始页，或起始页不在包里。"), field="file"
        )
    for name in STARTS:
        if name in members:
            return PackageKind.HTML5, name
    raise Invalid(
        "package_no_entry", _("课件包里没有起始页：最外层应有 index.html，或 SCORM 的 imsmanifest.xml。"), field="file"
    )


def _launched(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """The page of the manifest's first resource that has one. Names are read without their name spaces: versions differ."""
    if info.file_size > MANIFEST_BYTES:
        raise _unreadable_manifest()
    try:
        root = fromstring(archive.read(info), forbid_dtd=True)
    except (ParseError, DefusedXmlException, *BROKEN, ValueError) as error:
        raise _unreadable_manifest() from error
    items: dict[str | None, int] = {}
    for one in root.iter():
        if one.tag.endswith("}item") or one.tag == "item":
            items.setdefault(one.get("identifierref"), len(items))
    resources = [one for one in root.iter() if one.tag.endswith("}resource") or one.tag == "resource"]
    # The first item of the organisation says what begins; its resource says where that lies.
    resources.sort(key=lambda one: items.get(one.get("identifier"), len(items)))
    return next((one.get("href", "").strip().removeprefix("./") for one in resources if one.get("href")), "")


def _unreadable_manifest() -> Invalid:
    return Invalid("package_manifest", _("课件包的 imsmanifest.xml 无法读取，请重新导出。"), field="file")


def _broken() -> Invalid:
    return Invalid("package_broken", _("无法读取这个 ZIP 文件：它不完整或已经损坏，请重新导出后再上传。"), field="file")
