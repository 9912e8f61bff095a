"""Live photos, talking heads and single generations: routes that older services lack, who then say so plainly."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.client.errors import TookTooLong, refused
from app.client.http import Call, Caller, read
from app.client.models import AvatarJob, Generation, LivePhoto, Upload

_POLL_S = 1.0
LIVE_PHOTOS, AVATARS, GENERATIONS = "live photos", "talking avatars", "single generations"


class SingleGenerations:
    """What is made of one photo, one sound or one sentence, without a story."""

    _caller: Caller

    # -- live photo ------------------------------------------------------------------------------------

    async def photo(
        self,
        path: str | Path,
        *,
        format: str = "",
        fps: int | None = None,
        num_frames: int | None = None,
        motion_bucket_id: int | None = None,
        noise_aug_strength: float | None = None,
        max_guidance_scale: float | None = None,
        timeout_s: float = 300,
    ) -> LivePhoto:
        """Make a photo move. ``format``: gif (default), mp4, webp or motion_photo. Busy is tried again as asked."""
        form = {
            "format": format,
            "fps": fps,
            "num_frames": num_frames,
            "motion_bucket_id": motion_bucket_id,
            "noise_aug_strength": noise_aug_strength,
            "max_guidance_scale": max_guidance_scale,
        }
        call = Call(
            "POST",
            "/generate",
            files={"file": await self._file(path)},
            form={name: str(value) for name, value in form.items() if value not in ("", None)},
            wait_s=timeout_s,
            repeatable=True,  # it leaves nothing behind: the answer is all there is
            new_route=LIVE_PHOTOS,
        )
        headers, content = await self._caller.content(call)
        return LivePhoto(content=content, media_type=headers.get("content-type", "").partition(";")[0].strip())

    # -- talking avatar --------------------------------------------------------------------------------

    async def upload_photo(self, path: str | Path) -> Upload:
        """``validation`` says where the face is; a photo without exactly one is refused."""
        return await self._upload("/api/avatar/upload-photo", path)

    async def upload_audio(self, path: str | Path) -> Upload:
        return await self._upload("/api/avatar/upload-audio", path)

    async def generate_avatar(
        self,
        /,
        photo_id: str,
        *,
        audio_id: str = "",
        audio_url: str = "",
        text: str = "",
        voice: str = "",
        emotion: int | None = None,
        preview_duration: float | None = None,
        **more: Any,
    ) -> AvatarJob:
        """Begin a talking head that says a sound, or ``text`` by ``voice``. ``more``: further fields of the route."""
        given = {"audio_id": audio_id, "audio_url": audio_url, "text": text, "voice": voice, "emotion": emotion}
        body = more | {"photo_id": photo_id, "preview_duration": preview_duration} | given
        call = Call("POST", "/api/avatar/generate", body=_given(body), new_route=AVATARS)
        return read(AvatarJob, await self._caller.json(call))

    async def avatar_status(self, job_id: str) -> AvatarJob:
        path = f"/api/avatar/job/{quote(job_id, safe='')}/status"
        return read(AvatarJob, await self._caller.json(Call("GET", path, new_route=AVATARS)))

    async def wait_for_avatar(
        self,
        job_id: str,
        *,
        timeout_s: float | None = None,
        on_status: Callable[[AvatarJob], object] | None = None,
    ) -> AvatarJob:
        """The talking head after its end. Raises the exception of its failure, TookTooLong after ``timeout_s``."""
        began = time.monotonic()
        while True:
            job = await self.avatar_status(job_id)
            if on_status is not None:
                on_status(job)
            if job.ended:
                break
            if timeout_s is not None and time.monotonic() - began >= timeout_s:
                raise TookTooLong(f"Job {job_id} has not ended after {timeout_s:g} s; it goes on.")
            await self._caller.line.sleep(_POLL_S)
        if job.status == "failed":
            error = job.error if isinstance(job.error, dict) else {"detail": job.error or job.message or "It failed."}
            raise refused(0, {"code": "ENGINE_FAILED", **error}, job=job)
        return job

    async def avatar(
        self,
        /,
        photo: str | Path,
        audio: str | Path | None = None,
        *,
        text: str = "",
        voice: str = "",
        timeout_s: float | None = None,
        **more: Any,
    ) -> AvatarJob:
        """From a photo and a sound file, or a text, to the finished talking head; ``video_url`` opens it."""
        if (audio is None) == (not text):
            raise ValueError("A talking avatar needs either a sound or a text.")
        photo_id = (await self.upload_photo(photo)).photo_id
        audio_id = (await self.upload_audio(audio)).audio_id if audio is not None else ""
        job = await self.generate_avatar(photo_id, audio_id=audio_id, text=text, voice=voice, **more)
        return await self.wait_for_avatar(job.job_id, timeout_s=timeout_s)

    # -- single generations ----------------------------------------------------------------------------

    async def generate_video(self, /, prompt: str = "", *, model_type: str = "", **more: Any) -> Generation:
        """A clip from a picture (``image_url``, ``image_path`` or ``image_base64``) and a prompt; ``params={...}``."""
        return await self._generate("videos/generate", more | {"prompt": prompt, "model_type": model_type})

    async def generate_images(self, /, prompt: str, **more: Any) -> Generation:
        return await self._generate("images/generate", more | {"prompt": prompt})

    async def generate_speech(self, /, text: str, *, voice: str = "", **more: Any) -> Generation:
        return await self._generate("speech/generate", more | {"text": text, "voice": voice})

    async def enhance_video(self, /, **fields: Any) -> Generation:
        return await self._generate("videos/enhance", fields)

    async def _generate(self, route: str, fields: Mapping[str, Any]) -> Generation:
        # Never sent twice: until the service names an operation for it, a second sending may be a second bill.
        call = Call("POST", f"/api/v1/{route}", body=_given(fields), new_route=GENERATIONS)
        return read(Generation, await self._caller.json(call))

    async def _upload(self, route: str, path: str | Path) -> Upload:
        call = Call("POST", route, files={"file": await self._file(path)}, new_route=AVATARS)
        return read(Upload, await self._caller.json(call))

    async def _file(self, path: str | Path) -> tuple[str, bytes, str]:
        path = Path(path)
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return path.name, await self._caller.line.work(path.read_bytes), media_type


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None)}
