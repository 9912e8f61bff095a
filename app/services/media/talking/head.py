"""A head that moves in its picture: smooth fields that bend the photo around the face and are nothing at its border.

Every movement (a tilt, a nod, a breath ...) is one field, known once at every eighth pixel; a frame is their sum with
the pose's amounts, so that it costs no more than drawing the picture. Mouth and lids are bent and painted within it.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.services.media.talking import inner, lids, mouth
from app.services.media.talking.curves import ramp
from app.services.media.talking.face import Face
from app.services.media.talking.life import Pose

Field = NDArray[np.float32]
_STEP = 8
_NECK = 2.3
"""Where the head turns on, units below the pupils."""
_SURE = 0.33
_NO_MAP = np.empty(0, np.float32)
"""Both coordinates are in the first map."""


class Head:
    """The frames of one talking head. ``photo`` is the frame as it was taken (BGR); ``face`` was found in it."""

    def __init__(self, photo: NDArray[np.uint8], face: Face) -> None:
        self._photo = photo
        self.height, self.width = photo.shape[:2]
        self._unit = face.unit
        self._to_face = face.to_face.astype(np.float32)
        back = cv2.invertAffineTransform(face.to_face)
        self._to_photo = np.asarray(back, np.float64)
        scale = float(np.clip(2 * face.unit, 96, 320))
        self._mouth = mouth.Mouth(face.mouth, inner.drawn(photo, self._to_photo, face.mouth, scale))
        self._lids = (
            [lids.Lid(photo, self._to_photo, 0.5 * side, side) for side in (-1, 1)] if face.sure > _SURE else []
        )
        self._fields = self._known()
        ys, xs = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        self._still = np.stack([xs, ys], 2)
        around = mouth.REACH
        middle = face.mouth.center
        row = self._mouth.row
        self._mouth_part = self._part((middle - around[0], middle + around[0]), (row - around[1], row + around[2]))
        self._lid_parts = [
            self._part((lid.u - lids.REACH[0], lid.u + lids.REACH[0]), (-lids.REACH[1], lids.REACH[1]))
            for lid in self._lids
        ]

    @property
    def blinks(self) -> bool:
        """Whether its eyes were seen: those that are only guessed stay open."""
        return bool(self._lids)

    def draw(self, pose: Pose) -> NDArray[np.uint8]:
        """The picture of a pose, BGR."""
        amounts = np.array([pose.tilt, pose.right, pose.down, pose.turn, pose.nod, pose.breath, pose.brows], np.float32)
        coarse = np.tensordot(amounts, self._fields, 1)
        field = _float(cv2.resize(coarse, None, fx=_STEP, fy=_STEP, interpolation=cv2.INTER_LINEAR))
        source = self._still - field[: self.height, : self.width]
        spoken = self._spoken(source, pose)
        picture = np.asarray(
            cv2.remap(self._photo, source, _NO_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
        if spoken is not None:
            fields, v = spoken
            self._mouth.paint(picture[self._mouth_part], fields, v, self._unit, pose.open)
        if pose.blink > 0.01:
            for lid, part in zip(self._lids, self._lid_parts, strict=True):
                lid.paint(picture[part], *self._placed(source[part]), pose.blink, self._unit)
        return picture

    def _spoken(self, source: Field, pose: Pose) -> tuple[tuple[Field, Field, Field, Field], Field] | None:
        """Bend ``source`` around the mouth, in place; what :meth:`mouth.Mouth.paint` needs."""
        part = source[self._mouth_part]
        if not part.size:
            return None
        u, v = self._placed(part)
        fields = self._mouth.bend(u, v, pose.open, pose.wide)
        right, down = (fields[0] - u), (fields[1] - v)
        m = self._to_photo.astype(np.float32)
        part[..., 0] += m[0, 0] * right + m[0, 1] * down
        part[..., 1] += m[1, 0] * right + m[1, 1] * down
        return fields, v

    def _placed(self, source: Field) -> tuple[Field, Field]:
        """Pixels of the photo as places in the face."""
        m, x, y = self._to_face, source[..., 0], source[..., 1]
        return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]

    def _part(self, u: tuple[float, float], v: tuple[float, float]) -> tuple[slice, slice]:
        """The rectangle of the frame that holds a rectangle of the face however it moves."""
        corners = np.array([[a, b, 1.0] for a in u for b in v]) @ self._to_photo.T
        margin = 0.12 * self._unit
        low, high = np.floor(corners.min(0) - margin), np.ceil(corners.max(0) + margin)
        left, right = np.clip([low[0], high[0]], 0, self.width).astype(int)
        top, bottom = np.clip([low[1], high[1]], 0, self.height).astype(int)
        return slice(top, bottom), slice(left, right)

    def _known(self) -> Field:
        """What one unit (or radian) of each movement shifts, pixels: (movements, rows, columns, 2)."""
        rows, columns = -(-self.height // _STEP), -(-self.width // _STEP)
        ys, xs = np.mgrid[0:rows, 0:columns].astype(np.float32) * _STEP + (_STEP - 1) / 2
        u, v = self._placed(np.stack([xs, ys], 2))
        head = 1 - ramp((np.hypot(u / 1.35, (v - 0.35) / 1.8) - 0.8) / 0.75)
        features = np.exp(-((u / 0.8) ** 2) - ((v - 0.5) / 0.95) ** 2)
        chest = ramp((v - 1.4) / 1.2) * (1 - 0.5 * ramp((np.abs(u) - 1.5) / 2))
        brows = np.exp(-(((np.abs(u) - 0.5) / 0.34) ** 2) - ((v + 0.3) / 0.15) ** 2)
        none = np.zeros_like(u)
        moves = [
            (-(v - _NECK) * head, u * head),
            (head, none),
            (none, head),
            (features, none),
            (none, features),
            (none, -0.03 * (chest + 0.35 * head * (1 - chest))),
            (none, -brows),
        ]
        border = self._border(xs, ys)
        m = self._to_photo.astype(np.float32)
        shifts = [
            np.stack([m[0, 0] * right + m[0, 1] * down, m[1, 0] * right + m[1, 1] * down], 2) * border[..., None]
            for right, down in moves
        ]
        return np.ascontiguousarray(np.stack(shifts), np.float32)

    def _border(self, xs: Field, ys: Field) -> Field:
        """0 at the edges of the frame, 1 a little inside, so that nothing beyond the photo is ever needed."""
        wide, high = 0.10 * self.width, 0.10 * self.height
        share = ramp(np.minimum(xs, self.width - 1 - xs) / wide) * ramp(np.minimum(ys, self.height - 1 - ys) / high)
        return np.asarray(share, np.float32)


def _float(array: Any) -> Field:
    return np.asarray(array, np.float32)
