"""The client for programs without an event loop: the same methods, which wait."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from functools import update_wrapper
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from app.client.asynchronous import DEFAULT_URL, AsyncClient
from app.client.transport import BlockingLine, each, finish

P = ParamSpec("P")
T = TypeVar("T")


class _Waiting(Generic[P, T]):
    """A method of AsyncClient that a Client waits for, with the same arguments, result and documentation."""

    def __init__(self, method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]) -> None:
        self._method = method
        update_wrapper(self, method)  # type: ignore[arg-type]  # for help(); a descriptor is no function

    @overload
    def __get__(self, client: None, owner: type[Client]) -> _Waiting[P, T]: ...
    @overload
    def __get__(self, client: Client, owner: type[Client]) -> Callable[P, T]: ...
    def __get__(self, client: Client | None, owner: type[Client]) -> _Waiting[P, T] | Callable[P, T]:
        if client is None:
            return self
        inner = client._inner

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return finish(self._method(inner, *args, **kwargs))

        return update_wrapper(call, self._method)


class _Following(Generic[P, T]):
    """The same for a method that yields."""

    def __init__(self, method: Callable[Concatenate[AsyncClient, P], AsyncGenerator[T]]) -> None:
        self._method = method
        update_wrapper(self, method)  # type: ignore[arg-type]  # as above

    @overload
    def __get__(self, client: None, owner: type[Client]) -> _Following[P, T]: ...
    @overload
    def __get__(self, client: Client, owner: type[Client]) -> Callable[P, Iterator[T]]: ...
    def __get__(self, client: Client | None, owner: type[Client]) -> _Following[P, T] | Callable[P, Iterator[T]]:
        if client is None:
            return self
        inner = client._inner

        def call(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            return each(self._method(inner, *args, **kwargs))

        return update_wrapper(call, self._method)


class Client:
    """A service and the user on whose behalf it is asked; see :class:`AsyncClient`. Close it, or use it in ``with``."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        api_key: str = "",
        timeout_s: float = 60,
        user_id: str = "",
        retries: int = 4,
    ) -> None:
        self._inner = AsyncClient(base_url, api_key, timeout_s, user_id, retries, line=BlockingLine(base_url))

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    create_storyboard = _Waiting(AsyncClient.create_storyboard)
    regenerate_shot = _Waiting(AsyncClient.regenerate_shot)
    render = _Waiting(AsyncClient.render)

    job = _Waiting(AsyncClient.job)
    jobs = _Waiting(AsyncClient.jobs)
    cancel = _Waiting(AsyncClient.cancel)
    retry = _Waiting(AsyncClient.retry)
    follow = _Following(AsyncClient.follow)
    wait = _Waiting(AsyncClient.wait)
    deliveries = _Waiting(AsyncClient.deliveries)
    redeliver = _Waiting(AsyncClient.redeliver)

    stories = _Waiting(AsyncClient.stories)
    story = _Waiting(AsyncClient.story)
    delete_story = _Waiting(AsyncClient.delete_story)
    shots = _Waiting(AsyncClient.shots)
    shot = _Waiting(AsyncClient.shot)
    patch_shot = _Waiting(AsyncClient.patch_shot)
    insert_shot = _Waiting(AsyncClient.insert_shot)
    delete_shot = _Waiting(AsyncClient.delete_shot)
    order = _Waiting(AsyncClient.order)
    versions = _Waiting(AsyncClient.versions)
    pin = _Waiting(AsyncClient.pin)

    engines = _Waiting(AsyncClient.engines)
    download = _Waiting(AsyncClient.download)

    photo = _Waiting(AsyncClient.photo)
    upload_photo = _Waiting(AsyncClient.upload_photo)
    upload_audio = _Waiting(AsyncClient.upload_audio)
    generate_avatar = _Waiting(AsyncClient.generate_avatar)
    avatar_status = _Waiting(AsyncClient.avatar_status)
    wait_for_avatar = _Waiting(AsyncClient.wait_for_avatar)
    avatar = _Waiting(AsyncClient.avatar)
    generate_video = _Waiting(AsyncClient.generate_video)
    generate_images = _Waiting(AsyncClient.generate_images)
    generate_speech = _Waiting(AsyncClient.generate_speech)
    enhance_video = _Waiting(AsyncClient.enhance_video)
    close = _Waiting(AsyncClient.close)
