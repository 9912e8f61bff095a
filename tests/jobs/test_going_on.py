"""Shots that begin with the last frame of the shot before."""

from __future__ import annotations

import pytest

from app.models.freshness import basis
from app.models.story import Shot, Story, Storyboard, Take
from app.services.workflows.render_video import waves


def shots(pattern: str) -> list[Shot]:
    """One shot per letter; ``c`` goes on from the one before."""
    return [Shot(id=f"s{n}", sequence=n, continues=letter == "c") for n, letter in enumerate(pattern, 1)]


@pytest.mark.parametrize(
    ("pattern", "kept", "expected"),
    [
        ("ooo", "", ["s1 s2 s3"]),
        ("occ", "", ["s1", "s2<s1", "s3<s2"]),
        ("ocoococ", "", ["s1 s3 s4 s6", "s2<s1 s5<s4 s7<s6"]),
        ("coo", "", ["s1 s2 s3"]),
        ("occ", "s2", ["s1 s3<s2"]),
        ("occ", "s1", ["s2<s1", "s3<s2"]),
        ("oo", "s1 s2", []),
    ],
)
def test_a_wave_goes_on_only_from_what_is_there(pattern: str, kept: str, expected: list[str]) -> None:
    found = waves(shots(pattern), kept.split())
    named = [" ".join(f"{shot.id}<{before}" if before else shot.id for shot, before in wave) for wave in found]
    assert named == expected


def test_every_shot_is_in_one_wave() -> None:
    pattern = "ocooccocco"
    found = [shot.id for wave in waves(shots(pattern), {"s3"}) for shot, _ in wave]
    assert sorted(found) == sorted(f"s{n}" for n in range(1, 11) if n != 3)


def take(artifact: str) -> Take:
    return Take(number=0, artifact=artifact, object_key="", made_from="", engine="e", job_id="j", created_at="t")


def test_a_clip_that_goes_on_is_stale_when_the_one_before_changes() -> None:
    first, second = shots("oc")
    story = Story(story_id="s", user_id="u", storyboard=Storyboard(version=1, job_id="j", created_at="t"))
    assert story.storyboard is not None
    story.storyboard.shots = [first, second]
    before = basis(story, second, "video")
    first.image_detail = "another picture"
    assert basis(story, second, "video") != before
    second.continues = False
    apart = basis(story, second, "video")
    first.image_detail = "and another"
    assert basis(story, second, "video") == apart


def test_a_chosen_clip_is_what_the_next_one_goes_on_from() -> None:
    first, second = shots("oc")
    story = Story(story_id="s", user_id="u", storyboard=Storyboard(version=1, job_id="j", created_at="t"))
    assert story.storyboard is not None
    story.storyboard.shots = [first, second]
    first.add_take("video", take("one"))
    first.pinned = ["video"]
    before = basis(story, second, "video")
    first.image_detail = "another picture"
    assert basis(story, second, "video") == before
    first.add_take("video", take("two"))
    first.pinned = ["video"]
    assert basis(story, second, "video") != before
