"""What pictures, clips and speech at Alibaba Cloud's Model Studio (DashScope) share: key, files, tasks, errors.

Protocol: help.aliyun.com/zh/model-studio and what the vendor's package ``dashscope`` 2.0.2 sends. The package itself is
not used: it sends an order a second time by itself when a connection drops (and it is paid for twice), asks for upload
places at the address in its module's globals whatever address a call names, uploads in threads that wait for an hour
and cannot be stopped, breaks with a KeyError on an error without a code, and its speech reads the key from a global.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from uuid import uuid4

import aiohttp
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from app.core.config import EngineSettings
from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout
from app.services.engines.base import Context
from app.services.engines.http import Answer, ExpiredLink, Http, reason_in
from app.services.engines.provider_task import Seen, Task, TaskGone, followed

_REGIONS = {
    "cn": "https://dashscope.aliyuncs.com/api/v1",
    "intl": "https://dashscope-intl.aliyuncs.com/api/v1",
    "us": "https://dashscope-us.aliyuncs.com/api/v1",
}
_HTTP_PATH, _WEBSOCKET_PATH = "/api/v1", "/api-ws/v1/inference"
_PASSING = ("InternalError", "Throttling", "ServiceUnavailable", "SystemError", "RequestTimeOut", "ResponseTimeout",
            "ModelServingError", "ModelUnavailable", "ServerError", "LimitRequests", "InternalServer")  # fmt: skip
"""What codes begin with whose trouble may pass; others (moderation, parameters, access, arrears) stay."""
_UNKNOWN, _CANCELED, _SUCCEEDED = "UNKNOWN", "CANCELED", "SUCCEEDED"
_WAITING = ("PENDING", "SUSPENDED")
_AT_WORK = "RUNNING"


def shared(kind: str, field: str, *older: str) -> AliasChoices:
    """Names of a setting that one engine may have for itself and that all DashScope engines share otherwise."""
    return AliasChoices(f"engine_{kind}_dashscope_{field}", f"dashscope_{field}", *older)


def settings_for(kind: str) -> SettingsConfigDict:
    return SettingsConfigDict(
        env_prefix=f"ENGINE_{kind.upper()}_DASHSCOPE_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )


class DashScopeSettings(EngineSettings):
    """Each engine names the first four anew, with its own name for them before the shared one."""

    api_key: SecretStr = SecretStr("")
    region: Literal["cn", "intl", "us"] = "cn"
    """Beijing, Singapore or Virginia; key and model must be of the same."""
    base_url: str = ""
    """Instead of the region's address: a workspace's own (``https://{workspace}.cn-beijing.maas.aliyuncs.com``)."""
    workspace: str = ""
    """A sub-workspace whose models and limits are used; empty: the key's own."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Of one call, seconds."""
    download_timeout_s: float = Field(default=600.0, gt=0)
    task_timeout_s: float = Field(default=3600.0, gt=0)
    """From order to result, its queue included, seconds: what takes longer is given up and ordered anew."""
    poll_s: float = Field(default=3.0, gt=0)

    def http_base(self) -> str:
        """With ``/api/v1`` at its end, also where only a host or its OpenAI-compatible address was written down."""
        base = self.base_url.strip().rstrip("/") or _REGIONS[self.region]
        base = base.removesuffix("/compatible-mode/v1")
        return base if base.endswith(_HTTP_PATH) else base + _HTTP_PATH

    def websocket_base(self) -> str:
        base = self.http_base().removesuffix(_HTTP_PATH)
        return "ws" + base.removeprefix("http") + _WEBSOCKET_PATH


class DashScope:
    """One engine's calls. ``who`` is what errors call it."""

    def __init__(self, who: str, settings: DashScopeSettings) -> None:
        self.who = who
        self.settings = settings
        self.key = settings.api_key.get_secret_value().strip()
        self.http = Http(
            who,
            settings.http_base(),
            headers=self.headers(),
            secrets=[self.key],
            timeout_s=settings.timeout_s,
        )
        # The store where files wait for a model is not DashScope: it must never see the key, and refuses it besides.
        self._store = Http(who, secrets=[self.key], timeout_s=settings.download_timeout_s)

    def headers(self) -> dict[str, str]:
        workspace = self.settings.workspace.strip()
        return {
            "Authorization": f"Bearer {self.key}",
            **({"X-DashScope-WorkSpace": workspace} if workspace else {}),
        }

    def missing(self) -> list[str]:
        return [] if self.key else ["DASHSCOPE_API_KEY"]

    def lane(self, kind: str) -> str:
        """Kinds of models have limits of their own, within one account."""
        return f"dashscope key {hashlib.sha256(self.key.encode()).hexdigest()[:4]} {kind}"

    async def unreachable(self) -> list[str]:
        """Any answer will do: to ask for something would cost something."""
        try:
            await self.http.call("GET", "/tasks/none", timeout_s=3, accept=range(400, 600))
        except AppError as error:
            return [error.detail]
        return []

    # -- orders ----------------------------------------------------------------------------------------

    async def answer(self, path: str, body: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """What a model answers at once: its ``output``."""
        answer = await self.http.call(
            "POST", path, json=body, headers=_resolving(body), timeout_s=timeout_s, accept=range(400, 600)
        )
        return self._output(answer)

    async def submit(self, path: str, body: Mapping[str, Any]) -> Task:
        """Order what takes a while. Returns the task to follow."""
        headers = {"X-DashScope-Async": "enable", **_resolving(body)}
        output = self._output(await self.http.call("POST", path, json=body, headers=headers, accept=range(400, 600)))
        task_id = output.get("task_id")
        if not isinstance(task_id, str) or not task_id:
            raise EngineFault(f"{self.who} took the order without saying its task")
        return {"task_id": task_id, "ordered_at": time.time()}

    async def follow(
        self, context: Context, order: Callable[[], Any], done: Callable[[dict[str, Any]], AppError | None]
    ) -> dict[str, Any]:
        """The ``output`` of the task that ``order`` returns, or of the one that is remembered.

        ``done`` looks at the output of a task that succeeded and says what is wrong with it, if anything.
        """

        async def submit(_: Task) -> Task:
            task: Task = await order()
            return task

        async def look(task: Task) -> Seen[dict[str, Any]]:
            return await self._look(task, done)

        return await followed(context, submit=submit, look=look, stop=self._stop, poll_s=self.settings.poll_s)

    async def _look(self, task: Task, done: Callable[[dict[str, Any]], AppError | None]) -> Seen[dict[str, Any]]:
        if "output" in task:  # the model answered at once, and somebody who died since kept the answer
            return Seen(result=task["output"])
        answer = await self.http.call("GET", f"/tasks/{quote(str(task['task_id']), safe='')}", accept=range(400, 600))
        if answer.status == 404:
            raise TaskGone
        output = self._output(answer)
        state = output.get("task_status")
        if state == _SUCCEEDED:
            wrong = done(output)
            return Seen(failed=wrong) if wrong is not None else Seen(result=output)
        if state == _UNKNOWN:
            raise TaskGone
        if state == _CANCELED:
            return Seen(failed=EngineFault(f"{self.who}: somebody canceled the task at DashScope"))
        if state in _WAITING or state == _AT_WORK:
            if time.time() - float(task.get("ordered_at") or time.time()) > self.settings.task_timeout_s:
                await self._stop(task)
                late = f"{self.who} had not finished its task after {self.settings.task_timeout_s:g} s"
                return Seen(failed=EngineTimeout(late))
            return Seen(
                waiting=state in _WAITING, progress=0.1 if state == _AT_WORK else 0.0, message=f"{state.lower()}"
            )
        if state != "FAILED":
            raise EngineFault(f"{self.who} told a state of its task that is not known: {str(state)[:40]}")
        return Seen(failed=self.failure(output.get("code"), output.get("message")))

    async def _stop(self, task: Task) -> None:
        """Only a task that still waits can be stopped; that the others cannot is no trouble."""
        if "task_id" in task:
            path = f"/tasks/{quote(str(task['task_id']), safe='')}/cancel"
            await self.http.call("POST", path, accept=range(400, 500))

    # -- files -----------------------------------------------------------------------------------------

    async def upload(self, model: str, file: Path) -> str:
        """Lay a file into DashScope's own store, for 48 hours and this model. Returns its ``oss://`` address."""
        params = {"action": "getPolicy", "model": model}
        answer = await self.http.call("GET", "/uploads", params=params, accept=range(400, 600))
        place = self._told(answer).get("data")
        if not isinstance(place, dict):
            raise EngineFault(f"{self.who} told no place to upload to")
        try:
            key = f"{place['upload_dir']}/{uuid4().hex}{file.suffix}"
            fields = {
                "OSSAccessKeyId": place["oss_access_key_id"],
                "Signature": place["signature"],
                "policy": place["policy"],
                "key": key,
                "x-oss-object-acl": place["x_oss_object_acl"],
                "x-oss-forbid-overwrite": place["x_oss_forbid_overwrite"],
                "success_action_status": "200",
                "x-oss-content-type": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
            }
            host = str(place["upload_host"])
        except KeyError as error:
            raise EngineFault(f"{self.who} told a place to upload to that lacks its {error.args[0]}") from error
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, str(value))
        # The file comes last: the store does not read what stands behind it.
        form.add_field("file", await asyncio.to_thread(file.read_bytes), filename=file.name)
        await self._store.call("POST", host, data=form)
        return f"oss://{key}"

    async def fetch(self, url: str, target: Path, context: Context) -> None:
        """Download a result; one that has expired is forgotten, so that the next try orders it anew."""
        if urlsplit(url).scheme not in ("http", "https"):
            await context.forget()
            raise EngineFault(f"{self.who} made something without saying where it is")
        try:
            await self._store.save(url, target, timeout_s=self.settings.download_timeout_s)
        except ExpiredLink:
            await context.forget()
            raise

    # -- errors ----------------------------------------------------------------------------------------

    def failure(self, code: Any, message: Any) -> AppError:
        """The error for a reason that DashScope gave without a status, by its code."""
        named = code if isinstance(code, str) and code else "no code"
        said = self.http.quoted(str(message or ""))
        text = f"{self.who} failed ({self.http.quoted(named)})" + (f": {said}" if said else "")
        return EngineFault(text) if named.startswith(_PASSING) else EngineFailed(text)

    def _output(self, answer: Answer) -> dict[str, Any]:
        """``output`` of a good answer; a reason that comes inside a 200 is raised."""
        told = self._told(answer)
        output = told.get("output")
        if isinstance(output, dict):
            return output
        if told.get("code"):
            raise self.failure(told["code"], told.get("message"))
        raise EngineFault(f"{self.who} answered without an output")

    def _told(self, answer: Answer) -> dict[str, Any]:
        if answer.status >= 400:
            raise self._refused(answer)
        told = self.http.parsed(answer.body)
        if not isinstance(told, dict):
            raise EngineFault(f"{self.who} answered in a form that is not DashScope's")
        return told

    def _refused(self, answer: Answer) -> AppError:
        """The error for a status, with DashScope's code, which says more than its message."""
        error = self.http.refused(answer.status, answer.headers, answer.body)
        code = code_in(self.http, answer.body)
        if code and code not in error.detail:
            return type(error)(f"{error.detail} [{self.http.quoted(code)}]", retry_after_s=error.retry_after_s)
        return error


def code_in(http: Http, body: bytes) -> str:
    """``code`` of an error's body, or nothing."""
    if not reason_in(body):
        return ""
    try:
        told = http.parsed(body)
    except EngineFault:
        return ""
    return str(told.get("code") or "") if isinstance(told, dict) else ""


def _resolving(body: Mapping[str, Any]) -> dict[str, str]:
    """The header without which ``oss://`` addresses in an order are not understood."""
    return {"X-DashScope-OssResourceResolve": "enable"} if _mentions_store(body) else {}


def _mentions_store(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("oss://")
    if isinstance(value, Mapping):
        return any(_mentions_store(one) for one in value.values())
    return isinstance(value, list) and any(_mentions_store(one) for one in value)
