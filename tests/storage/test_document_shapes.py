"""Sound JSON that its readers could not use counts as damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import CorruptDocument
from app.models.job import Delivery, Job, JobEvent
from app.models.story import Story, now
from app.storage.document_shapes import check_document, check_line
from app.storage.documents import Document
from app.storage.documents_json import JsonDocuments

JOB = Job(job_id="j", tenant="t", kind="shot", user_id="u", operation_id="o").model_dump()
GOOD: dict[str, Document] = {
    "t/stories/s/u": Story(story_id="s", user_id="u").model_dump(),
    "t/jobs/j": JOB,
    "t/operations/o": {"job_id": "j", "fingerprint": "f"},
    "t/deliveries/j/msg_j_x": Delivery(
        delivery_id="msg_j_x", tenant="t", job_id="j", url="http://x", from_request=False, type="shot.failed"
    ).model_dump(),
    "open/j": {"tenant": "t", "at": 1.0},
    "outbox/msg_j_x": {"tenant": "t", "job_id": "j", "delivery_id": "msg_j_x", "next_attempt_at": None},
}


@pytest.fixture
def documents(tmp_path: Path) -> JsonDocuments:
    return JsonDocuments(tmp_path, check=check_document, check_line=check_line)


@pytest.mark.parametrize("key", GOOD)
def test_what_the_house_writes_is_read_and_a_hollow_one_is_set_aside(documents: JsonDocuments, key: str) -> None:
    documents.put(key, GOOD[key])
    assert documents.read(key) == GOOD[key]
    for damaged in ({}, {**GOOD[key], "tenant": ["t"], "story_id": 5, "job_id": 5}):
        documents.put(key, damaged)
        with pytest.raises(CorruptDocument, match=key):
            documents.read(key)
        assert documents.read(key) is None and documents.create(key, GOOD[key])
        documents.put(key, damaged)
        with pytest.raises(CorruptDocument, match=key):
            documents.update(key, lambda document: document)
        assert documents.read(key) is None
    assert len(list(documents.damaged())) == 4


@pytest.mark.parametrize(
    "owed",
    [
        {"next_attempt_at": "soon"},
        {"tenant": "../.."},
        {"job_id": ""},
        {"delivery_id": "msg_j_y"},
    ],
)
def test_an_owed_callback_that_leads_elsewhere_is_set_aside(documents: JsonDocuments, owed: Document) -> None:
    documents.put("outbox/msg_j_x", GOOD["outbox/msg_j_x"] | owed)
    with pytest.raises(CorruptDocument):
        documents.read("outbox/msg_j_x")


def test_a_line_that_is_no_event_is_left_out_of_the_log(documents: JsonDocuments) -> None:
    event = JobEvent(id=1, event="status", at=now(), data={}).model_dump()
    documents.put("t/jobs/j", JOB)
    for line in (event, {}, {"id": "x"}, event | {"id": 2}):
        documents.append("t/jobs/j", line)
    assert [line["id"] for line in documents.log("t/jobs/j")] == [1, 2]


def test_collections_that_nobody_described_hold_anything(documents: JsonDocuments) -> None:
    documents.put("t/notes/n", {"n": 1})
    assert documents.read("t/notes/n") == {"n": 1}
