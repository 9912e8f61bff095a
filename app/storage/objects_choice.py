"""Opens the object store that the settings name. A bucket's library is imported only when that one is chosen."""

from __future__ import annotations

from app.core.config import Settings
from app.storage.objects import Objects
from app.storage.objects_local import LocalObjects
from app.storage.objects_remote import RemoteObjects


def open_objects(settings: Settings, link_secret: bytes | None) -> Objects:
    """Asks nothing and makes no folder; ``settings.data_dir`` should be absolute.

    ``link_secret`` signs links to local files, None: they are open. Raises SettingsError for a setting that no
    bucket can have, or a package that is not installed.
    """
    if settings.objects == "local":
        return LocalObjects(settings.data_dir / "objects", link_secret)
    folder = settings.data_dir / "uploads"
    if settings.objects == "oss":
        from app.storage.objects_oss import OssBucket

        return RemoteObjects(OssBucket(settings, folder), settings, folder)
    from app.storage.objects_s3 import S3Bucket

    return RemoteObjects(S3Bucket(settings), settings, folder)
