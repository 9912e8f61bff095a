"""What each medium of a shot is made from: equal fingerprints mean that a take still fits its words."""

from __future__ import annotations

from app.core.ids import fingerprint
from app.models.story import MEDIA, Medium, Shot, Story, Take


def basis(story: Story, shot: Shot, medium: Medium) -> str:
    """Fingerprint (64 hex digits) of everything in story and shot that decides how ``medium`` turns out."""
    if medium == "image":
        return fingerprint(
            {
                "words": [shot.image_detail, shot.subject, shot.detail, shot.tone],
                "style": shot.style or story.style,
                "camera": shot.camera,
                "characters": [one.model_dump() for one in story.characters],
                "size": [story.aspect_ratio, story.resolution],
                "seed": shot.seed,
            }
        )
    if medium == "audio":
        return fingerprint([shot.narration, shot.tone, story.language, story.voice])
    image = shot.take("image")
    picture = [image.artifact, image.made_from] if image and "image" in shot.pinned else None
    picture = picture or [image.artifact if image else "", basis(story, shot, "image")]
    parts = [*picture, shot.camera, shot.duration, shot.seed, shot.sound, basis(story, shot, "audio")]
    before = _shot_before(story, shot) if shot.continues else None
    if before is not None:
        clip = before.take("video")
        parts += [clip.artifact if clip and "video" in before.pinned else basis(story, before, "video")]
    return fingerprint(parts)


def _shot_before(story: Story, shot: Shot) -> Shot | None:
    shots = story.storyboard.shots if story.storyboard is not None else []
    places = [number for number, one in enumerate(shots) if one.id == shot.id]
    return shots[places[0] - 1] if places and places[0] > 0 else None


def is_stale(story: Story, shot: Shot, medium: Medium) -> bool:
    """Whether the take in use no longer fits the words; False if there is none or the user pinned it."""
    take = shot.take(medium)
    return take is not None and medium not in shot.pinned and take.made_from != basis(story, shot, medium)


def stale(story: Story, shot: Shot) -> list[Medium]:
    """The media of a shot whose takes no longer fit its words."""
    return [medium for medium in MEDIA if is_stale(story, shot, medium)]


def usable(story: Story, shot: Shot, medium: Medium) -> Take | None:
    """The take that a render may use as it is: there is one, and it is fresh or pinned."""
    take = shot.take(medium)
    return None if take is None or is_stale(story, shot, medium) else take
