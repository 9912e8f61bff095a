"""The cleanup of a bucket: the same rules as for files, for what this service put there and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from buckets import in_oss, in_s3
from fakes.base import Fault
from fakes.oss import Oss, Thing
from fakes.s3 import S3
from test_cleanup import DAY_S, House, S, T, U, board, logging_as_before, take

from app import cleanup
from app.models.story import Story

__all__ = ["logging_as_before"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["oss", "s3"])
def fake(request: pytest.FixtureRequest) -> Iterator[Oss]:
    with Oss() if request.param == "oss" else S3() as fake:
        yield fake


@pytest.fixture
def house(fake: Oss, tmp_path: Path) -> House:
    folder = tmp_path / "uploads"
    objects = in_s3(fake, folder) if isinstance(fake, S3) else in_oss(fake, folder)
    return House(tmp_path, objects)


def name(key: str) -> str:
    return key.removeprefix(f"{T}/")


def test_what_nothing_mentions_goes_and_the_rest_of_the_bucket_stays(house: House, fake: Oss) -> None:
    artifact = house.make("film", 5000)
    kept, stray = house.publish(artifact, "kept"), house.publish(artifact, "stray")
    house.stories.put_storyboard(T, Story(story_id=S, user_id=U, storyboard=board("j1")))
    house.stories.add_take(T, S, U, "shot_01", "image", take(artifact, kept))
    fake.objects["story/u/s/theirs.mp4"] = Thing(b"theirs", {}, 0)
    fake.objects["backup of 2019/a&b.tar"] = Thing(b"theirs", {}, 0)
    fake.age(2 * DAY_S)
    planned = house.clean(DAY_S, dry_run=True)
    assert name(stray) in fake.objects and house.said == [f"would remove object {stray}"]
    freed = house.clean(DAY_S)
    assert (freed.things, freed.bytes) == (planned.things, planned.bytes) == (1, 5000)
    assert set(fake.objects) == {name(kept), "story/u/s/theirs.mp4", "backup of 2019/a&b.tar"}


def test_what_an_unfinished_job_puts_again_stays(house: House, fake: Oss) -> None:
    artifact = house.make("clip")
    used, unused = house.publish(artifact, "used"), house.publish(artifact, "unused")
    fake.age(3 * DAY_S)
    house.job("running", age_s=DAY_S)
    assert house.publish(artifact, "used") == used
    house.clean()
    assert set(fake.objects) == {name(used)} and unused not in house.left()


@pytest.mark.usefixtures("logging_as_before")
def test_a_bucket_that_refuses_ends_the_cleanup_with_the_reason(
    house: House, fake: Oss, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if isinstance(fake, S3):
        values = {"OBJECTS": "s3", "S3_ACCESS_KEY_ID": fake.key_id, "S3_SECRET_ACCESS_KEY": fake.secret}
        values |= {"S3_ENDPOINT": fake.url, "S3_BUCKET": "films"}
    else:
        values = {"OBJECTS": "oss", "OSS_ACCESS_KEY_ID": fake.key_id, "OSS_ACCESS_KEY_SECRET": fake.secret}
        values |= {"OSS_ENDPOINT": fake.url, "OSS_BUCKET": "films", "OSS_REGION": fake.region}
    for setting, value in {**values, "DATA_DIR": str(house.root)}.items():
        monkeypatch.setenv(setting, value)
    house.publish(house.make("film"), "stray")
    fake.age(3 * DAY_S)
    fake.fail("DELETE .*", Fault(403))
    assert cleanup.main([]) == 1
    assert "bucket films: removing story/u/s/stray" in capsys.readouterr().err
    fake.mend()
    assert cleanup.main([]) == 0
    assert "removed object default/story/u/s/stray" in capsys.readouterr().out and not fake.objects
    monkeypatch.setenv("OBJECTS_PREFIX", "a/../b")
    assert cleanup.main([]) == 2
    assert "OBJECTS_PREFIX" in capsys.readouterr().err


def test_a_library_is_imported_only_for_the_store_that_is_chosen(tmp_path: Path) -> None:
    code = """
import json, sys
import app.main, app.worker, app.cleanup
from app.core.config import load_settings
from app.services.wiring import build
seen = []
for store in ("local", "oss", "s3"):
    build(load_settings(objects=store, oss_access_key_id="a", oss_access_key_secret="b", oss_bucket="films",
        oss_endpoint="oss-cn-hangzhou.aliyuncs.com", s3_access_key_id="a", s3_secret_access_key="b", s3_bucket="films"))
    seen.append([name for name in ("oss2", "boto3", "numpy", "av", "cv2", "torch") if name in sys.modules])
print(json.dumps(seen))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], ["oss2"], ["oss2", "boto3"]]


def test_what_is_remembered_of_a_provider_goes_after_a_week(tmp_path: Path) -> None:
    house, old, new = House(tmp_path), "a" * 64, "b" * 64
    for key in (old, new):
        house.documents.put(f"tasks/{key}", {"task_id": "t-1"})
    then = time.time() - 7 * DAY_S - 60
    house.set_back(f"tasks/{old}", then)
    house.set_back(f"tasks/{new}", then + 120)
    assert house.clean(dry_run=True).things == 1 and house.said == [f"would remove tasks/{old}"]
    assert house.clean().things == 1 and house.said == [f"removed tasks/{old}"]
    assert list(house.documents.keys("tasks")) == [f"tasks/{new}"]
