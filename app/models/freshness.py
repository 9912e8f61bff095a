"""What each medium of a shot is made from: equal fingerprints mean that a take still fits its words."""

from __future__ import annotations

from app.core.ids import fingerprint
from app.models.story import MEDIA, Medium, Shot, Story, Take


def basis(story: Story, shot: Shot, medium: Medium, known: dict[str, str] | None = None) -> str:
    """Fingerprint (64 hex digits) of everything in story and shot that decides how ``medium`` turns out.

    ``known`` keeps those of clips by shot id, for who asks for many shots of the same story as it is.
    """
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
    return _of_clip(story, shot, {} if known is None else known)


def _of_clip(story: Story, shot: Shot, known: dict[str, str]) -> str:
    """A clip that goes on from another is based on that one, too: a loop, since such chains may be very long."""
    shots = story.storyboard.shots if story.storyboard is not None else []
    place = next((number for number, one in enumerate(shots) if one.id == shot.id), 0)
    chain, start = [shot], None
    while chain[-1].continues and place > 0:
        place -= 1
        before = shots[place]
        clip = before.take("video")
        start = clip.artifact if clip and "video" in before.pinned else known.get(before.id)
        if start is not None:
            break
        chain.append(before)
    for one in reversed(chain):
        start = known[one.id] = fingerprint(_parts(story, one) + ([] if start is None else [start]))
    return known[shot.id]


def _parts(story: Story, shot: Shot) -> list[object]:
    """What the shot itself gives to its clip."""
    image = shot.take("image")
    picture = [image.artifact, image.made_from] if image and "image" in shot.pinned else None
    picture = picture or [image.artifact if image else "", basis(story, shot, "image")]
    return [*picture, shot.camera, shot.duration, shot.seed, shot.sound, basis(story, shot, "audio")]


def is_stale(story: Story, shot: Shot, medium: Medium, known: dict[str, str] | None = None) -> bool:
    """Whether the take in use no longer fits the words; False if there is none or the user pinned it."""
    take = shot.take(medium)
    return take is not None and medium not in shot.pinned and take.made_from != basis(story, shot, medium, known)


def stale(story: Story, shot: Shot, known: dict[str, str] | None = None) -> list[Medium]:
    """The media of a shot whose takes no longer fit its words. ``known``: see :func:`basis`."""
    return [medium for medium in MEDIA if is_stale(story, shot, medium, known)]


def usable(story: Story, shot: Shot, medium: Medium) -> Take | None:
    """The take that a render may use as it is: there is one, and it is fresh or pinned."""
    take = shot.take(medium)
    return None if take is None or is_stale(story, shot, medium) else take
