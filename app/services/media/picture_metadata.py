"""The implicit label of generated content inside pictures, where it is found again by others' tools too.

In JPEG it is written twice: in XMP as ``TC260:AIGC`` (practice guide TC260-PG-20258A, namespace below), and, for
readers without XMP, in the EXIF UserComment as ``{"AIGC": {...}}``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path

from PIL import ExifTags, Image

from app.core.errors import UnsupportedMedia
from app.services.media.aigc import FIELDS, aigc_json

NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
_ASCII_COMMENT = b"ASCII\x00\x00\x00"
_UNICODE_COMMENT = b"UNICODE\x00"
_PROPERTY = re.compile(r"<(?:\w+:)?AIGC>(.*?)</(?:\w+:)?AIGC>|\bTC260:AIGC=\"(.*?)\"", re.DOTALL)


def xmp_packet(fields: Mapping[str, str]) -> bytes:
    """An XMP packet (ISO 16684-1) that holds the label."""
    value = html.escape(aigc_json(fields), quote=False)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:TC260="{NAMESPACE}"><TC260:AIGC>{value}</TC260:AIGC></rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def exif_block(fields: Mapping[str, str]) -> Image.Exif:
    """EXIF with the label as UserComment and sRGB as the colour space, nothing of where or when."""
    exif = Image.Exif()
    comment = f'{{"AIGC":{aigc_json(fields, ascii_only=True)}}}'
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.UserComment: _ASCII_COMMENT + comment.encode("ascii"), ExifTags.Base.ColorSpace: 1}
    )
    return exif


def read_aigc(path: Path) -> dict[str, str] | None:
    """The seven fields that a picture (JPEG, PNG, WebP) carries, from XMP, else EXIF, else a PNG text chunk.

    None when it carries none that can be read. Raises UnsupportedMedia when it is not a picture.
    """
    try:
        with Image.open(path) as picture:
            candidates = [_from_xmp(picture), _from_exif(picture), picture.info.get("AIGC")]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise UnsupportedMedia(f"{path.name} is not a picture that can be read") from None
    return next((fields for fields in map(_parsed, candidates) if fields), None)


def _from_xmp(picture: Image.Image) -> str | None:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    text = packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)
    found = _PROPERTY.search(text) if NAMESPACE.rstrip("/") in text else None
    return html.unescape(found[1] or found[2]) if found else None


def _from_exif(picture: Image.Image) -> str | None:
    comment = picture.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if not isinstance(comment, bytes):
        return comment if isinstance(comment, str) else None
    if comment.startswith(_UNICODE_COMMENT):
        return comment[len(_UNICODE_COMMENT) :].decode("utf-16", "replace")
    return comment.removeprefix(_ASCII_COMMENT).decode("utf-8", "replace")


def _parsed(text: object) -> dict[str, str] | None:
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(text.strip("\x00 "))
    except ValueError:
        return None
    if isinstance(value, dict) and isinstance(value.get("AIGC"), dict):
        value = value["AIGC"]
    if not isinstance(value, dict) or "Label" not in value:
        return None
    return {name: str(value.get(name, "")) for name in FIELDS}
