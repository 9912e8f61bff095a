"""Server-sent events out of a byte stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Our own few lines, because a comment, by which the service says that it is still there, must be heard too: it is the
moment to look at the clock. Lines end with LF or CR LF; only these, so that a text may hold every other separator.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_EVENT_BYTES = 16_000_000


@dataclass(frozen=True)
class Message:
    id: str
    event: str
    data: str


class Decoder:
    """Give it the stream's bytes as they come. ``last_id`` is that of the last message that came whole."""

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self._rest = b""
        self._fields: dict[str, list[str]] = {}

    @property
    def overfull(self) -> bool:
        """Whether a line has come that no service of ours sends."""
        return len(self._rest) > MAX_EVENT_BYTES

    def messages(self, chunk: bytes) -> list[Message]:
        """The messages that ``chunk`` completes; one that the stream's end cuts off is none."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        found = []
        for line in lines:
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            if text:
                name, _, value = text.partition(":")
                self._fields.setdefault(name, []).append(value.removeprefix(" "))
                continue
            fields, self._fields = self._fields, {}
            self.last_id = fields.get("id", [self.last_id])[-1]
            if "data" in fields:
                event = fields.get("event", ["message"])[-1]
                found.append(Message(self.last_id, event, "\n".join(fields["data"])))
        return found
