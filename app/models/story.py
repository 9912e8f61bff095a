"""Story, storyboard and shot: the nouns of the house, as they are kept in documents.

A shot's pictures, sounds and clips are *takes*: numbered results that stay readable when a newer one
replaces them. ``current`` names the take in use. A take remembers the fingerprint of the words it was made
from, so that "stale" is a comparison and never a flag that somebody forgot to set.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Medium = Literal["image", "audio", "video"]
MEDIA: tuple[Medium, ...] = ("image", "audio", "video")
AspectRatio = Literal["16:9", "9:16", "1:1"]
Resolution = Literal["480p", "720p", "1080p"]

CAMERAS: dict[str, str] = {
    "crane": "垂直升降拍摄",
    "truck": "水平横移拍摄",
    "push_in": "镜头推进",
    "pull_back": "镜头后退",
    "tilt": "仰视或俯视调整",
    "roll_left": "绕轴横向左旋转",
    "roll_right": "绕轴横向右旋转",
    "orbit": "围绕主体拍摄",
    "full_orbit": "全方位环绕",
    "follow": "锁定主体移动",
    "static": "固定机位",
}
"""The eleven camera moves: English name to the Chinese word that clients send and get."""

_SHORT_SIDE: dict[Resolution, int] = {"480p": 480, "720p": 720, "1080p": 1080}
_LONG_SIDE: dict[Resolution, int] = {"480p": 854, "720p": 1280, "1080p": 1920}


def camera_name(word: str) -> str | None:
    """The English name of a camera move given in either language; None if it is neither."""
    if word in CAMERAS:
        return word
    return next((name for name, chinese in CAMERAS.items() if chinese == word), None)


def frame_size(aspect_ratio: AspectRatio, resolution: Resolution) -> tuple[int, int]:
    """Width and height in pixels, both even."""
    short, long = _SHORT_SIDE[resolution], _LONG_SIDE[resolution]
    if aspect_ratio == "1:1":
        return short, short
    return (long, short) if aspect_ratio == "16:9" else (short, long)


def now() -> str:
    """The time as RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Noun(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Character(Noun):
    """One of the cast: described once and drawn alike in every shot."""

    name: str
    description: str = ""
    reference_image_url: str = ""


class Take(Noun):
    """One made picture, sound or clip of a shot."""

    number: int
    artifact: str
    """Key of the artifact that holds it."""
    object_key: str
    """Where its published copy is; the URL is made from this on every read."""
    made_from: str
    """Fingerprint of what it was made from; differs from the shot's own when stale."""
    engine: str
    failed: list[str] = Field(default_factory=list)
    """Engines that were passed over or failed before this one, and why."""
    job_id: str
    created_at: str
    seed: int | None = None
    duration_s: float | None = None


class Shot(Noun):
    id: str
    sequence: int
    subject: str = ""
    detail: str = ""
    image_detail: str = ""
    camera: str = "static"
    """English name of one of CAMERAS."""
    narration: str = ""
    tone: str = ""
    sound: str = ""
    style: str = ""
    duration: float | None = None
    """Seconds asked for; the narration may need more."""
    seed: int = 0
    continues: bool = False
    """Its clip begins with the last frame of the shot before, instead of its own key frame."""
    takes: dict[Medium, list[Take]] = Field(default_factory=dict)
    current: dict[Medium, int] = Field(default_factory=dict)
    pinned: list[Medium] = Field(default_factory=list)
    """Media whose current take the user chose: used as they are, even when stale."""

    def take(self, medium: Medium) -> Take | None:
        """The take in use, or None."""
        number = self.current.get(medium, 0)
        return next((take for take in self.takes.get(medium, []) if take.number == number), None)

    def add_take(self, medium: Medium, take: Take) -> Take:
        """Append ``take`` with the next free number and make it current; a pin on the medium ends."""
        takes = self.takes.setdefault(medium, [])
        take = take.model_copy(update={"number": 1 + max((old.number for old in takes), default=0)})
        takes.append(take)
        self.current[medium] = take.number
        if medium in self.pinned:
            self.pinned.remove(medium)
        return take


class Storyboard(Noun):
    """One version of a story's ordered shots."""

    version: int
    job_id: str
    created_at: str
    shots: list[Shot] = Field(default_factory=list)
    last_number: int = 0
    """Highest number that a shot id here has had, so that the id of a deleted shot is not given again."""


class Film(Noun):
    """The last joined result of a story."""

    artifact: str
    object_key: str
    job_id: str
    created_at: str
    duration_s: float
    subtitles: dict[str, str] = Field(default_factory=dict)
    """Object keys of the subtitle files by extension, ``srt`` and ``vtt``."""


class Story(Noun):
    """Kept as one document under (tenant, story id, user id)."""

    story_id: str
    user_id: str
    display_name: str = ""
    text: str = ""
    style: str = ""
    language: str = ""
    aspect_ratio: AspectRatio = "16:9"
    resolution: Resolution = "720p"
    voice: str = ""
    seed: int = 0
    characters: list[Character] = Field(default_factory=list)
    storyboard: Storyboard | None = None
    history: list[Storyboard] = Field(default_factory=list)
    """Storyboards that newer ones replaced, oldest first."""
    film: Film | None = None
    created_at: str = Field(default_factory=now)
    updated_at: str = Field(default_factory=now)
