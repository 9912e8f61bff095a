"""Stories: read them and change their shots, every change under the document's lock.

A story is the document ``{tenant}/stories/{story_id}/{user_id}``. Whatever changes it keeps these true: shot ids
are unique, ``sequence`` counts from 1 in order, texts are clean and of bearable length, ``updated_at`` moves.
All calls block on the disk for milliseconds; coroutines call them in a thread.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

from loguru import logger
from pydantic import ValidationError

from app.core.errors import CorruptDocument, NotFound, ValidationFailed
from app.core.ids import checked
from app.models.story import MEDIA, Medium, Shot, Story, Storyboard, Take, now
from app.services.shot_fields import checked_fields, checked_shot, clean, invalid
from app.storage.documents import Document, Documents

KEPT_STORYBOARDS = 20
"""How many former storyboards a story keeps."""
MAX_PAGE = 200
_CURSOR = re.compile(r"([0-9]{1,20}) (\S+)")
_NUMBERED = re.compile(r"shot_([0-9]{1,9})")
_STORY_TEXTS = ("display_name", "text", "style", "voice")
Page = tuple[list[Story], str]
"""Stories, and the cursor of the next page or ""."""


class Stories:
    """``user_id`` may be empty where the story id names one story of the tenant; with several it is needed.

    Every call may raise ValidationFailed (a bad id or value), NotFound, StorageFull, and CorruptDocument once for a
    document that was found damaged and set aside.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def find(self, tenant: str, story_id: str, user_id: str = "") -> Story:
        key = self._key(tenant, story_id, user_id)
        document = self._documents.read(key)
        if document is None:
            raise _no_story(story_id)
        return _story(key, document)

    def list(self, tenant: str, *, user_id: str = "", limit: int = 50, cursor: str = "") -> Page:
        """Up to ``limit`` (at most 200) stories, the last changed first, and the cursor of the next page or "".

        Reads only the page's documents. A story that changes meanwhile moves to the front; damaged ones are left out.
        """
        if user_id:
            checked(user_id, "user_id")
        limit = max(1, min(limit, MAX_PAGE))
        edge = _decoded(cursor) if cursor else None
        page: list[Story] = []
        last: tuple[int, str] | None = None
        for entry in self._documents.by_change(f"{checked(tenant, 'tenant')}/stories"):
            key = entry[1]
            if (edge and entry >= edge) or (user_id and key.rpartition("/")[2] != user_id):
                continue
            if len(page) == limit and last is not None:
                return page, _encoded(last)
            story = self._readable(key)
            if story is not None:
                page.append(story)
                last = entry
        return page, ""

    def put_storyboard(self, tenant: str, story: Story) -> Story:
        """Store ``story`` with its storyboard as the newest version; the former storyboard goes to the history.

        ``created_at``, the film and the history are kept. A job that puts its storyboard twice (a step run again)
        makes one version. Raises ValidationFailed without a storyboard.
        """
        if story.storyboard is None:
            raise ValidationFailed("a storyboard is needed")
        key = _story_key(tenant, story.story_id, story.user_id)
        shots = [checked_shot(shot) for shot in story.storyboard.shots]
        board = _ordered(story.storyboard.model_copy(update={"shots": shots}))
        story = story.model_copy(update={name: clean(getattr(story, name)) for name in _STORY_TEXTS})

        def succeed(document: Document) -> Document:
            return _dumped(_succeeding(_story(key, document), story, board))

        while True:
            try:
                return _story(key, self._documents.update(key, succeed))
            except (NotFound, CorruptDocument) as error:
                # A damaged one was set aside and logged by now, and a new storyboard needs nothing of it.
                first = _succeeding(None, story, board)
                if self._documents.create(key, _dumped(first)):
                    return first
                if isinstance(error, CorruptDocument):
                    raise  # sound JSON but no story: somebody has to look
                # else somebody created it just now

    def change(self, tenant: str, story_id: str, user_id: str, fn: Callable[[Story], Story | None]) -> Story:
        """Change a story under its lock: ``fn`` gets it and returns the new one, or None to leave it as it is.

        ``fn`` must not change documents itself. Returns what is stored afterwards.
        """
        key = self._key(tenant, story_id, user_id)
        found = False

        def changed(document: Document) -> Document | None:
            nonlocal found
            found = True
            story = fn(_story(key, document))
            if story is None:
                return None
            if story.storyboard is not None:
                _ordered(story.storyboard)
            return _dumped(story.model_copy(update={"updated_at": now()}))

        try:
            return _story(key, self._documents.update(key, changed))
        except NotFound:
            if found:
                raise  # something in the story
            raise _no_story(story_id) from None

    def patch_shot(self, tenant: str, story_id: str, user_id: str, shot_id: str, fields: dict[str, Any]) -> Shot:
        """Write fields of a shot (see :func:`app.services.shot_fields.checked_fields`).

        A ``detail`` with new words also replaces ``image_detail``, unless that is given too.
        """
        values = checked_fields(fields)

        def patched(shot: Shot) -> Shot:
            update = dict(values)
            if fields.get("image_detail") is None and update.get("detail") == shot.detail:
                update.pop("image_detail", None)
            return shot.model_copy(update=update)

        return self._change_shot(tenant, story_id, user_id, shot_id, patched)

    def insert_shot(self, tenant: str, story_id: str, user_id: str, fields: dict[str, Any], position: int = 0) -> Shot:
        """Add a shot as number ``position`` (from 1; 0: at the end), with an id that no shot here has had."""
        values = checked_fields(fields)
        made: list[str] = []

        def inserted(story: Story) -> Story:
            board = _board(story)
            if not 0 <= position <= len(board.shots) + 1:
                raise invalid("position", f"must be 1 to {len(board.shots) + 1}, or 0 for the end")
            number = _last_number(board) + 1
            made[:] = [f"shot_{number:02d}"]
            shot = Shot(id=made[0], sequence=0, **{"seed": story.seed, **values})
            board.shots.insert(position - 1 if position else len(board.shots), shot)
            return story

        return _shot(self.change(tenant, story_id, user_id, inserted), made)

    def delete_shot(self, tenant: str, story_id: str, user_id: str, shot_id: str) -> Story:
        """Remove a shot; the last one of a storyboard cannot be removed (ValidationFailed)."""

        def without(story: Story) -> Story:
            board = _board(story)
            shot = _named(board, shot_id)
            if len(board.shots) == 1:
                raise ValidationFailed("the only shot of a storyboard cannot be deleted")
            board.shots.remove(shot)
            return story

        return self.change(tenant, story_id, user_id, without)

    def reorder(self, tenant: str, story_id: str, user_id: str, shot_ids: Sequence[str]) -> Story:
        """Put the shots in this order; ``shot_ids`` names each of them once."""

        def reordered(story: Story) -> Story:
            board = _board(story)
            by_id = {shot.id: shot for shot in board.shots}
            if sorted(shot_ids) != sorted(by_id):
                raise invalid("shot_ids", f"must name each of these once: {', '.join(by_id)}")
            board.shots = [by_id[shot_id] for shot_id in shot_ids]
            return story

        return self.change(tenant, story_id, user_id, reordered)

    def add_take(self, tenant: str, story_id: str, user_id: str, shot_id: str, medium: Medium, take: Take) -> Shot:
        """Add a take with the next number and make it current; a pin ends.

        The same artifact under the same object key is the same take: it becomes current again, with what it was
        made from this time, so that a step run twice or a render with nothing new adds none.
        """

        def with_take(shot: Shot) -> Shot:
            takes = shot.takes.get(medium, [])
            for index, old in enumerate(takes):
                if (old.artifact, old.object_key) == (take.artifact, take.object_key):
                    takes[index] = old.model_copy(update={"made_from": take.made_from})
                    shot.current[medium] = old.number
                    shot.pinned = [pinned for pinned in shot.pinned if pinned != medium]
                    return shot
            shot.add_take(medium, take)
            return shot

        return self._change_shot(tenant, story_id, user_id, shot_id, with_take)

    def pin(self, tenant: str, story_id: str, user_id: str, shot_id: str, medium: Medium, number: int) -> Shot:
        """Use take ``number`` of ``medium`` as it is from now on, even when stale; 0 ends the pin. NotFound if none."""
        if medium not in MEDIA:
            raise invalid("medium", f"must be one of {', '.join(MEDIA)}")

        def pinned(shot: Shot) -> Shot:
            others = [one for one in shot.pinned if one != medium]
            if number == 0:
                shot.pinned = others
                return shot
            if all(take.number != number for take in shot.takes.get(medium, [])):
                raise NotFound(f"shot {shot_id} has no {medium} version {number}")
            shot.current[medium] = number
            shot.pinned = [*others, medium]
            return shot

        return self._change_shot(tenant, story_id, user_id, shot_id, pinned)

    def delete(self, tenant: str, story_id: str, user_id: str) -> None:
        """Remove the story, damaged or not. Its files go with the next cleanup."""
        if not self._documents.delete(self._key(tenant, story_id, user_id)):
            raise _no_story(story_id)

    def _change_shot(self, tenant: str, story_id: str, user_id: str, shot_id: str, fn: Callable[[Shot], Shot]) -> Shot:
        checked(shot_id, "shot_id")

        def changed(story: Story) -> Story:
            board = _board(story)
            shot = _named(board, shot_id)
            board.shots[board.shots.index(shot)] = fn(shot)
            return story

        return _shot(self.change(tenant, story_id, user_id, changed), [shot_id])

    def _key(self, tenant: str, story_id: str, user_id: str) -> str:
        if user_id:
            return _story_key(tenant, story_id, user_id)
        prefix = f"{checked(tenant, 'tenant')}/stories/{checked(story_id, 'story_id')}"
        keys = list(self._documents.keys(prefix))
        if not keys:
            raise _no_story(story_id)
        if len(keys) > 1:
            raise invalid("user_id", f"is needed: {len(keys)} users have a story {story_id}")
        return keys[0]

    def _readable(self, key: str) -> Story | None:
        """The story, or None if it is gone or damaged, which is logged where it is found."""
        try:
            document = self._documents.read(key)
            return None if document is None else _story(key, document)
        except CorruptDocument as error:
            logger.error("left out of a list: {}", error.detail)
            return None


def _story_key(tenant: str, story_id: str, user_id: str) -> str:
    return f"{checked(tenant, 'tenant')}/stories/{checked(story_id, 'story_id')}/{checked(user_id, 'user_id')}"


def _no_story(story_id: str) -> NotFound:
    return NotFound(f"there is no story {story_id}")


def _story(key: str, document: Document) -> Story:
    try:
        return Story.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CorruptDocument(f"document {key} is not a story: {where}: {first['msg']}") from error


def _dumped(story: Story) -> Document:
    return story.model_dump(mode="json")


def _succeeding(former: Story | None, story: Story, board: Storyboard) -> Story:
    """``story`` with ``board`` as the next version after those of ``former``."""
    moment = now()
    history, film, created_at, version = [], story.film, moment, 1
    if former is not None:
        old, history = former.storyboard, former.history
        if old is not None and old.job_id == board.job_id:
            version = old.version
        else:
            history = [*history, *([old] if old is not None else [])][-KEPT_STORYBOARDS:]
            version = 1 + max((one.version for one in history), default=0)
        film, created_at = film or former.film, former.created_at
    return story.model_copy(
        update={
            "storyboard": board.model_copy(update={"version": version}),
            "history": history,
            "film": film,
            "created_at": created_at,
            "updated_at": moment,
        }
    )


def _ordered(board: Storyboard) -> Storyboard:
    """``board`` with its shots numbered from 1. Raises ValidationFailed unless their ids are good and different."""
    seen: set[str] = set()
    for index, shot in enumerate(board.shots):
        if checked(shot.id, "shot id") in seen:
            raise invalid("shots", f"hold the id {shot.id} twice")
        seen.add(shot.id)
        shot.sequence = index + 1
    board.last_number = _last_number(board)
    return board


def _last_number(board: Storyboard) -> int:
    return max([board.last_number, *(int(match[1]) for shot in board.shots if (match := _NUMBERED.fullmatch(shot.id)))])


def _board(story: Story) -> Storyboard:
    if story.storyboard is None or not story.storyboard.shots:
        raise NotFound(f"story {story.story_id} has no storyboard")
    return story.storyboard


def _named(board: Storyboard, shot_id: str) -> Shot:
    for shot in board.shots:
        if shot.id == shot_id:
            return shot
    raise NotFound(f"there is no shot {shot_id}")


def _shot(story: Story, ids: Sequence[str]) -> Shot:
    return _named(_board(story), ids[0])


def _encoded(entry: tuple[int, str]) -> str:
    return base64.urlsafe_b64encode(f"{entry[0]} {entry[1]}".encode()).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[int, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:  # binascii.Error and UnicodeDecodeError are of this kind
        text = ""
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise invalid("cursor", "is not one that this service gave")
    return int(match[1]), match[2]
