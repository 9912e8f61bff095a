"""A story becomes a film over HTTP, by the builtin engines: the main job, and what a change costs afterwards.

The tests of this file are one story and run in order.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from living_service import SECRET, Business, Service
from standardwebhooks import Webhook

from app.services.media.probe import probe

IDS = {"story_id": "story-1", "user_id": "u-1"}
TEXT = "清晨，小狗在森林里醒来。它穿过下雨的村庄去找妈妈。傍晚，它们在海边相遇。"
STORY = IDS | {
    "display_name": "小狗",
    "script_content": TEXT,
    "style": "温馨可爱",
    "resolution": "480p",
    "aspect_ratio": "1:1",
    "shot_count": 3,
}


def stage(job: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in job["stages"] if one["name"] == name)


def made(job: dict[str, Any], name: str) -> int:
    """How many items of a stage were made and not found."""
    return int(stage(job, name)["done"]) - int(stage(job, name)["reused"])


@pytest.fixture(scope="module")
def told(service: Service) -> dict[str, Any]:
    """The storyboard, one shot of it redrawn, the film: the bodies as the routes answered."""
    board = service.post("/api/v1/storyboard/create", STORY | {"operation_id": "board"})
    shot = service.post("/api/v1/shot/regenerate", IDS | {"operation_id": "again", "shot_id": "shot_02", "seed": 5})
    film = service.post("/api/v1/video/render", IDS | {"operation_id": "film"})
    return {"board": board, "shot": shot, "film": film}


def test_the_storyboard_has_complete_shots_whose_pictures_open(service: Service, told: dict[str, Any]) -> None:
    shots = told["board"]["shots"]
    assert told["board"]["operation"]["status"] == "Success" and [shot["sequence"] for shot in shots] == [1, 2, 3]
    for shot in shots:
        assert all(shot[name] for name in ("subject", "detail", "image_detail", "camera", "narration", "tone", "style"))
        answer = service.http.get(shot["image_url"])
        assert answer.status_code == 200 and answer.headers["content-type"] == "image/jpeg"
        assert b"AIGC" in answer.content


def test_a_redrawn_shot_has_a_new_picture_and_the_others_keep_theirs(service: Service, told: dict[str, Any]) -> None:
    before, after = told["board"]["shots"], service.http.get("/api/v1/stories/story-1/shots").json()["shots"]
    assert told["shot"]["shot"]["image_url"] != before[1]["image_url"]
    assert [one["versions"]["image"] for one in after] == [1, 2, 1]
    assert [one["image_url"] for one in after][::2] == [one["image_url"] for one in before][::2]


def test_the_film_is_what_a_player_expects(service: Service, told: dict[str, Any], tmp_path: Path) -> None:
    path = service.fetch(told["film"]["video_url"], tmp_path / "film.mp4")
    facts = probe(path)
    assert facts.video and facts.audio
    video = facts.video
    assert (video.codec, video.profile, video.pixel_format) == ("h264", "High", "yuv420p")
    assert (video.width, video.height, video.color_space, video.color_range) == (480, 480, "bt709", "tv")
    assert (facts.audio.codec, facts.audio.sample_rate, facts.audio.channels) == ("aac", 48000, 2)
    assert abs(facts.audio.duration_s - video.frames / 12) < 0.001
    assert json.loads(facts.tags["AIGC"])["Label"] == "1" and facts.tags["title"] == "小狗"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_every_shot_has_a_clip_of_its_own_with_sound(service: Service, told: dict[str, Any], tmp_path: Path) -> None:
    for shot in service.http.get("/api/v1/stories/story-1/shots").json()["shots"]:
        facts = probe(service.fetch(shot["video_url"], tmp_path / f"{shot['id']}.mp4"))
        assert facts.video and facts.audio and facts.video.frames > 12 and "AIGC" in facts.tags
        assert service.http.get(shot["audio_url"]).status_code == 200


def sound_level(path: Path) -> np.ndarray:
    """RMS of every 10 ms of a film's sound, dBFS."""
    with av.open(str(path)) as media:
        resampler = av.AudioResampler("fltp", "mono", 48000)
        parts = [frame.to_ndarray()[0] for raw in media.decode(audio=0) for frame in resampler.resample(raw)]
    wave = np.concatenate(parts)
    blocks = wave[: len(wave) // 480 * 480].reshape(-1, 480)
    return 20 * np.log10(np.sqrt((blocks**2).mean(1)) + 1e-9)


def cues(srt: str) -> list[tuple[float, float, str]]:
    found = []
    for block in srt.strip().split("\n\n"):
        _, times, *text = block.splitlines()
        h1, m1, s1, h2, m2, s2 = (
            float(part.replace(",", ".")) for part in re.findall(r"[\d,]+", times.replace(":", " "))
        )
        found.append((h1 * 3600 + m1 * 60 + s1, h2 * 3600 + m2 * 60 + s2, "".join(text)))
    return found


def test_speech_sounds_where_subtitles_stand_and_is_silent_elsewhere(
    service: Service, told: dict[str, Any], tmp_path: Path
) -> None:
    body = service.post("/api/v1/video/render", IDS | {"operation_id": "mute", "bgm": "none", "ambience": False})
    level = sound_level(service.fetch(body["video_url"], tmp_path / "film.mp4"))
    srt = service.http.get(body["subtitle_urls"]["srt"]).text
    spoken = np.zeros(len(level), bool)
    for start, end, _ in cues(srt):
        first, last = round(start * 100), round(end * 100)
        spoken[max(0, first - 10) : last + 10] = True
        # The first sound of a cue comes within 80 ms of its subtitle (espeak fades in for some ms more).
        assert (level[first : first + 14] > -45).any(), f"nothing is said at {start}"
        assert (level[first:last] > -35).mean() > 0.4
    assert level[~spoken].max() < -50
    said = re.sub(r"[，。！？\s]", "", "".join(text for _, _, text in cues(srt)))
    shots = service.http.get("/api/v1/stories/story-1/shots").json()["shots"]
    assert said == re.sub(r"[，。！？\s]", "", "".join(shot["narration"] for shot in shots))


def test_with_no_change_the_same_bytes_come_at_once(service: Service, told: dict[str, Any]) -> None:
    again = service.post("/api/v1/video/render", IDS | {"operation_id": "film-2"})
    assert again["video_url"] == told["film"]["video_url"]
    job = service.job(again)
    assert sum(made(job, one["name"]) for one in job["stages"] if one["name"] != "publish") == 0


def test_after_a_change_of_music_only_sound_is_made(service: Service, told: dict[str, Any]) -> None:
    job = service.job(service.post("/api/v1/video/render", IDS | {"operation_id": "m", "bgm": "tense, minor"}))
    assert (made(job, "cut"), made(job, "draw"), made(job, "speak"), made(job, "mix"), made(job, "join")) == (
        0,
        0,
        0,
        1,
        1,
    )


def test_after_a_change_of_one_shot_only_it_and_its_transitions_are_made(
    service: Service, told: dict[str, Any]
) -> None:
    path = "/api/v1/stories/story-1/shots/shot_02"
    changed = service.http.patch(path, json={"image_detail": "雪地里的小狗，夜晚，月亮"}).json()
    assert "image" in changed["stale"] and "video" in changed["stale"]
    job = service.job(service.post("/api/v1/video/render", IDS | {"operation_id": "one"}))
    # Its body in two pieces and both transitions, and of the clips, which carry the label at their own beginning,
    # its transition and first piece, and the transition into the next shot. The other segments, cards too, are found.
    assert (made(job, "draw"), made(job, "speak"), made(job, "cut")) == (1, 0, 7)
    assert stage(job, "cut")["reused"] == 13
    after = service.http.get(path).json()
    assert after["stale"] == [] and after["versions"]["image"] == 3


def test_a_pinned_version_is_used_and_costs_nothing_new(service: Service, told: dict[str, Any]) -> None:
    path = "/api/v1/stories/story-1/shots/shot_02/versions"
    assert service.http.put(path, json={"image": 2}).status_code == 200
    body = service.post("/api/v1/video/render", IDS | {"operation_id": "pinned"})
    assert made(service.job(body), "draw") == 0
    assert body["video_url"] == told["film"]["video_url"]


def test_two_users_with_the_same_story_pay_once(service: Service, told: dict[str, Any]) -> None:
    other = STORY | {"user_id": "u-2", "story_id": "another", "operation_id": "theirs"}
    job = service.job(service.post("/api/v1/storyboard/create", other))
    assert (made(job, "write"), made(job, "draw")) == (0, 0)


def test_soft_subtitles_are_a_track(service: Service, told: dict[str, Any], tmp_path: Path) -> None:
    body = service.post(
        "/api/v1/video/render", IDS | {"operation_id": "soft", "subtitles": "soft", "transition": "cut"}
    )
    facts = probe(service.fetch(body["video_url"], tmp_path / "film.mp4"))
    assert facts.subtitles == ("chi",) or facts.subtitles == ("zho",)


def test_every_job_called_back_once_and_signed(service: Service, business: Business, told: dict[str, Any]) -> None:
    jobs = service.http.get("/api/v1/jobs?limit=200").json()["jobs"]
    got = [business.got.get(timeout=30) for _ in jobs]
    for headers, body in got:
        Webhook(SECRET).verify(body, headers)
    assert {headers["webhook-id"] for headers, _ in got} == {f"msg_{job['job_id']}_succeeded" for job in jobs}
    assert business.got.empty()
    film = next(json.loads(body) for _, body in got if json.loads(body)["data"]["operation"]["operation_id"] == "film")
    assert film["type"] == "video.succeeded" and film["data"]["video_url"] == told["film"]["video_url"]


def test_a_killed_service_ends_its_job_after_the_restart(service: Service, told: dict[str, Any]) -> None:
    body = service.post("/api/v1/video/render", IDS | {"operation_id": "killed", "transition": "fade", "fps": 24}, 0)
    while service.job(body)["progress"] < 30:
        assert service.job(body)["status"] in ("queued", "running")
    service.kill_everything()
    service.start()
    ended = service.post("/api/v1/video/render", IDS | {"operation_id": "killed", "transition": "fade", "fps": 24})
    assert ended["operation"]["status"] == "Success" and service.job(ended)["attempts"] == 2
