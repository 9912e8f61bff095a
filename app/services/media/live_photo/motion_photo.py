"""A motion photo: one JPEG file for whatever shows pictures, with an MP4 behind it for what can show more.

Motion Photo format 1.0 (developer.android.com/media/platform/motion-photo-format): XMP in the picture says that
there is a film, when in it the picture was taken, and how many bytes at the end of the file it has. The fields of
the older MicroVideo format are written beside them. Both live in one namespace; its prefix is written ``GCamera``, as
phones do, which readers that only look for the letters find, too.
"""

from __future__ import annotations

import errno
import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image, ImageCms

from app.core.errors import StorageFull, UnsupportedMedia
from app.services.media.aigc import aigc_json
from app.services.media.picture_metadata import NAMESPACE as AIGC_NAMESPACE
from app.services.media.picture_metadata import exif_block

CAMERA = "http://ns.google.com/photos/1.0/camera/"
CONTAINER = "http://ns.google.com/photos/1.0/container/"
ITEM = "http://ns.google.com/photos/1.0/container/item/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_QUALITY = 92
NAME = "live_photoMP.jpg"
"""Names of motion photos end so, says the format; some readers look no further when one does not."""


def write(
    photo: Image.Image, film: Path, out: Path, *, presented_us: int, aigc: Mapping[str, str] | None = None
) -> None:
    """Write ``out``: the upright sRGB ``photo`` as JPEG and behind it the MP4 ``film``.

    ``presented_us``: the moment of the film that the photo shows, microseconds. ``aigc``: the implicit label, in the
    picture's XMP and EXIF. Raises StorageFull when the disk is; then ``out`` is gone.
    """
    video = film.read_bytes()
    labels: dict[str, Any] = {"exif": exif_block(aigc)} if aigc else {}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    try:
        with out.open("wb") as file:
            photo.save(
                file,
                "JPEG",
                quality=_QUALITY,
                optimize=True,
                icc_profile=_undated(profile),
                xmp=_packet(len(video), presented_us, aigc),
                **labels,
            )
            file.write(video)
    except OSError as error:
        out.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("No space is left for a live photo") from None
        raise


def film_of(path: Path) -> bytes:
    """The MP4 of a motion photo, found as its directory says.

    Raises UnsupportedMedia naming the file when it is none, or when its end is missing.
    """
    try:
        with Image.open(path) as picture:
            packet = picture.info.get("xmp") or b""
        root = ElementTree.fromstring(packet.strip(b"\x00 \n"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise UnsupportedMedia(f"{path.name} is not a motion photo") from None
    lengths = [
        int(item.get(f"{{{ITEM}}}Length", "0"))
        for item in root.iter(f"{{{CONTAINER}}}Item")
        if item.get(f"{{{ITEM}}}Semantic") == "MotionPhoto"
    ]
    data = path.read_bytes()
    if not lengths or not 8 < lengths[0] < len(data) or data[-lengths[0] :][4:8] != b"ftyp":
        raise UnsupportedMedia(f"{path.name} is not a motion photo")
    return data[-lengths[0] :]


def _packet(video_bytes: int, presented_us: int, aigc: Mapping[str, str] | None) -> bytes:
    label = f"<TC260:AIGC>{html.escape(aigc_json(aigc), quote=False)}</TC260:AIGC>" if aigc else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:GCamera="{CAMERA}" xmlns:Container="{CONTAINER}" xmlns:Item="{ITEM}"'
        f' xmlns:TC260="{AIGC_NAMESPACE}"'
        ' GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"'
        f' GCamera:MotionPhotoPresentationTimestampUs="{presented_us}"'
        f' GCamera:MicroVideo="1" GCamera:MicroVideoVersion="1" GCamera:MicroVideoOffset="{video_bytes}"'
        f' GCamera:MicroVideoPresentationTimestampUs="{presented_us}">'
        "<Container:Directory><rdf:Seq>"
        '<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary"'
        ' Item:Length="0" Item:Padding="0"/></rdf:li>'
        '<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto"'
        f' Item:Length="{video_bytes}" Item:Padding="0"/></rdf:li>'
        f"</rdf:Seq></Container:Directory>{label}</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def _undated(profile: bytes) -> bytes:
    """An ICC profile without the moment it was made (ICC.1:2022, 7.2.1: bytes 24 to 35), so that bytes repeat."""
    return profile[:24] + b"\x07\xd0\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00" + profile[36:]
