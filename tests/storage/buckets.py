"""Both kinds of bucket with their fakes, ready to be used and to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fakes.oss import Oss
from fakes.s3 import S3

from app.core.config import Settings, load_settings
from app.storage.objects_oss import OssBucket
from app.storage.objects_remote import RemoteObjects
from app.storage.objects_s3 import S3Bucket

KEY = "default/story/u-001/story-001/film-ab12cd34.mp4"
NAME = "story/u-001/story-001/film-ab12cd34.mp4"
OTHER = "acme/story/u-001/story-001/film-ab12cd34.mp4"
SECRET = "fake-secret-of-the-owner"


def oss_settings(fake: Oss, **more: Any) -> Settings:
    values = {
        "objects": "oss",
        "oss_access_key_id": fake.key_id,
        "oss_access_key_secret": fake.secret,
        "oss_endpoint": fake.url,
        "oss_region": fake.region,
        "oss_bucket": "films",
    }
    return load_settings(**{**values, **more})


def s3_settings(fake: S3, **more: Any) -> Settings:
    values = {
        "objects": "s3",
        "s3_access_key_id": fake.key_id,
        "s3_secret_access_key": fake.secret,
        "s3_endpoint": fake.url,
        "s3_bucket": "films",
    }
    return load_settings(**{**values, **more})


def in_oss(fake: Oss, folder: Path, **more: Any) -> RemoteObjects:
    """With small parts, short pauses and little patience."""
    settings = oss_settings(fake, **more)
    bucket = OssBucket(settings, folder, pauses_s=(0.01, 0.02, 0.03), timeouts_s=(0.5, 0.5), part_bytes=200_000)
    return RemoteObjects(bucket, settings, folder)


def in_s3(fake: S3, folder: Path, **more: Any) -> RemoteObjects:
    settings = s3_settings(fake, **more)
    bucket = S3Bucket(settings, tries=3, timeouts_s=(0.5, 0.5), part_bytes=5 * 1024 * 1024)
    return RemoteObjects(bucket, settings, folder)
