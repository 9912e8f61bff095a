"""Documents are whole, ordered, locked and locked in: one process at a time and many."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import CorruptDocument, InternalError, NotFound, ValidationFailed
from app.core.ids import new_id
from app.storage.documents_json import JsonDocuments


@pytest.fixture
def documents(tmp_path: Path) -> JsonDocuments:
    return JsonDocuments(tmp_path / "documents")


def files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and ".locks" not in p.parts)


def test_a_document_is_a_file_that_a_person_can_read(documents: JsonDocuments, tmp_path: Path) -> None:
    documents.put("default/stories/story-001/u-001", {"display_name": "温馨短片", "shots": []})
    path = tmp_path / "documents/default/stories/story-001/u-001.json"
    assert path.read_text() == '{\n  "display_name": "温馨短片",\n  "shots": []\n}\n'


def test_what_is_put_is_read_and_what_is_not_there_is_none(documents: JsonDocuments) -> None:
    assert documents.read("a/b") is None
    documents.put("a/b", {"n": 1})
    assert documents.read("a/b") == {"n": 1}
    assert documents.read("a") is None
    assert documents.read("a/b/c") is None


def test_create_refuses_a_taken_key(documents: JsonDocuments, tmp_path: Path) -> None:
    assert documents.create("a/b", {"n": 1})
    assert not documents.create("a/b", {"n": 2})
    assert documents.read("a/b") == {"n": 1}
    assert files(tmp_path) == ["documents/a/b.json"]


def test_update_changes_leaves_or_misses(documents: JsonDocuments) -> None:
    documents.put("a/b", {"n": 1})
    assert documents.update("a/b", lambda d: {"n": d["n"] + 1}) == {"n": 2}

    def scribble(document: dict[str, object]) -> None:
        document["n"] = "scribbled"

    assert documents.update("a/b", scribble) == {"n": 2}
    assert documents.read("a/b") == {"n": 2}
    with pytest.raises(NotFound):
        documents.update("a/c", lambda d: d)


def test_an_update_that_changes_nothing_writes_nothing(documents: JsonDocuments) -> None:
    documents.put("a/b", {"n": 1})
    before = documents.path("a/b").stat().st_ino
    documents.update("a/b", lambda d: d)
    assert documents.path("a/b").stat().st_ino == before


def test_a_change_that_fails_leaves_the_document(documents: JsonDocuments, tmp_path: Path) -> None:
    documents.put("a/b", {"n": 1})
    with pytest.raises(ZeroDivisionError):
        documents.update("a/b", lambda d: {"n": 1 // 0})
    with pytest.raises(ValueError, match="JSON"):
        documents.update("a/b", lambda d: {"n": float("nan")})
    assert documents.read("a/b") == {"n": 1}
    assert documents.update("a/b", lambda d: {"n": 2}) == {"n": 2}
    assert files(tmp_path) == ["documents/a/b.json"]


def test_a_change_inside_a_change_is_refused_and_not_a_deadlock(documents: JsonDocuments) -> None:
    documents.put("a/b", {})
    for nested in (documents.put, lambda key, d: documents.update(key, lambda _: d)):
        with pytest.raises(InternalError, match="inside the change of a/b"):
            documents.update("a/b", lambda d, nested=nested: nested("c/d", {}))
    with pytest.raises(InternalError, match="inside"):
        documents.update("a/b", lambda d: documents.delete("a/b") and None)
    assert documents.update("a/b", lambda d: {"created": documents.create("c/d", {})}) == {"created": True}


def test_delete_takes_the_log_and_empty_folders_along(documents: JsonDocuments, tmp_path: Path) -> None:
    documents.put("t/stories/s/u", {})
    documents.append("t/stories/s/u", {"id": 1})
    assert documents.delete("t/stories/s/u")
    assert not documents.delete("t/stories/s/u")
    assert documents.log("t/stories/s/u") == []
    assert not (tmp_path / "documents/t").exists()


@pytest.mark.parametrize(
    "key",
    ["", "/", "a//b", "../a", "a/../b", "a/..", ".hidden", "a/.locks", "/etc/passwd", "a\\b/ c", "a/b\x00", "a/b\n",
     "ä/b", "a" * 129, "a/" + "/".join("b" * 9), "%2e%2e/a", "~", "a/*", "@/a"],
)  # fmt: skip
def test_a_key_that_is_no_path_of_ids_is_refused_by_every_call(
    documents: JsonDocuments, tmp_path: Path, key: str
) -> None:
    calls = [
        lambda: documents.read(key),
        lambda: documents.create(key, {}),
        lambda: documents.put(key, {}),
        lambda: documents.update(key, lambda d: d),
        lambda: documents.delete(key),
        lambda: documents.append(key, {}),
        lambda: documents.log(key),
        lambda: list(documents.keys(key)) if key else documents.read(key),
        lambda: list(documents.keys("a", before=key)) if key else documents.read(key),
    ]
    for call in calls:
        with pytest.raises(ValidationFailed):
            call()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "bad", [b"", b"{", b'{"a": 1', b"[1]", b"\x00" * 100, b'{"a": "\xff"}', b"[" * 100_000, b"null"]
)
def test_a_corrupt_document_is_named_and_set_aside_and_the_rest_goes_on(documents: JsonDocuments, bad: bytes) -> None:
    documents.put("t/stories/s/u", {"n": 1})
    documents.put("t/stories/s/v", {"n": 2})
    path = documents.path("t/stories/s/u")
    path.write_bytes(bad)
    with pytest.raises(CorruptDocument) as caught:
        documents.read("t/stories/s/u")
    (aside,) = documents.damaged()
    assert "t/stories/s/u " in caught.value.detail
    assert aside.name in caught.value.detail
    assert str(path.parent.parent.parent.parent) not in caught.value.detail
    assert aside.read_bytes() == bad
    assert list(documents.keys("t/stories")) == ["t/stories/s/v"]
    assert documents.read("t/stories/s/u") is None
    assert documents.create("t/stories/s/u", {"n": 3})
    path.write_bytes(bad)
    with pytest.raises(CorruptDocument):
        documents.update("t/stories/s/u", lambda d: d)
    assert len(list(documents.damaged())) == 2


def test_half_a_surrogate_pair_and_nul_survive(documents: JsonDocuments) -> None:
    document = {"text": "a\ud83db\x00c 🐶 שלום"}
    documents.put("a/b", document)
    assert documents.read("a/b") == document
    assert "🐶" in documents.path("a/b").read_text()


def test_a_story_called_like_a_file_is_no_trouble(documents: JsonDocuments) -> None:
    names = ["s/a", "s.json/u", "s/u.events", "s/u", "s/u.json.corrupt-1"]
    keys = [f"t/stories/{name}" for name in names]
    for key in keys:
        documents.put(key, {"key": key})
        documents.append(key, {"key": key})
    assert sorted(documents.keys("t")) == sorted(keys)
    assert all(documents.read(key) == {"key": key} and documents.log(key) == [{"key": key}] for key in keys)
    assert list(documents.damaged()) == []


# Jobs, their folders and their order


def test_jobs_are_spread_over_folders_by_time_and_nobody_sees_it(documents: JsonDocuments, tmp_path: Path) -> None:
    job = "01KA7Z3MABCDEFGHJKMNPQRSTV"
    documents.put(f"default/jobs/{job}", {})
    documents.append(f"default/jobs/{job}", {"id": 1})
    documents.put(f"default/deliveries/{job}/msg_1", {})
    documents.put("default/jobs/by-hand", {})
    operation = "ab" * 32
    documents.put(f"default/operations/{operation}", {})
    assert files(tmp_path / "documents/default") == [
        f"deliveries/01KA/7Z/{job}/msg_1.json",
        f"jobs/01KA/7Z/{job}.events.jsonl",
        f"jobs/01KA/7Z/{job}.json",
        "jobs/@/by-hand.json",
        f"operations/ab/{operation}.json",
    ]
    assert list(documents.keys("")) == [
        f"default/deliveries/{job}/msg_1",
        f"default/jobs/{job}",
        "default/jobs/by-hand",
        f"default/operations/{operation}",
    ]
    assert list(documents.keys(f"default/deliveries/{job}")) == [f"default/deliveries/{job}/msg_1"]


ULID = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26)
NEAR = st.builds(lambda head, tail: "01KA" + head + "0" * 20 + tail, st.sampled_from(["00", "01", "0Z", "10"]), ULID)
JOB = st.one_of(ULID, NEAR.map(lambda text: text[:26]), st.from_regex(r"[A-Za-z0-9_:-]{1,6}", fullmatch=True))
KEY = st.one_of(
    JOB.map(lambda job: f"t/jobs/{job}"),
    st.builds("t/deliveries/{}/{}".format, JOB, st.sampled_from(["a", "b.c", "Z"])),
    st.builds("t/stories/{}/{}".format, st.sampled_from(["s", "s-1", "s.json"]), st.sampled_from(["u", "v", "u-2"])),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.sets(KEY, max_size=12), edge=KEY)
def test_keys_come_in_order_from_any_point(tmp_path_factory: pytest.TempPathFactory, keys: set[str], edge: str) -> None:
    root = tmp_path_factory.mktemp("ordered")
    documents = JsonDocuments(root)
    for key in keys:
        path = documents.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    for prefix in ("", "t", "t/jobs", "t/stories", "t/stories/s", "t/deliveries"):
        inside = sorted(tuple(k.split("/")) for k in keys if not prefix or k.startswith(prefix + "/"))
        assert list(documents.keys(prefix)) == ["/".join(parts) for parts in inside]
        below = ["/".join(parts) for parts in inside if parts < tuple(edge.split("/"))]
        assert list(documents.keys(prefix, before=edge)) == below
        assert list(documents.keys(prefix, newest_first=True, before=edge)) == below[::-1]


def test_ten_thousand_jobs_are_listed_newest_first_page_by_page(documents: JsonDocuments) -> None:
    jobs = [f"01K{i // 1000:X}{(i // 100) % 10}{i % 100:02d}{'0' * 19}" for i in range(10_000)]
    for job in jobs:
        path = documents.path(f"t/jobs/{job}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    expected = [f"t/jobs/{job}" for job in sorted(jobs, reverse=True)]
    seen: list[str] = []
    while page := [key for key, _ in zip(
        documents.keys("t/jobs", newest_first=True, before=seen[-1] if seen else ""), range(1500), strict=False
    )]:  # fmt: skip
        seen += page
    assert seen == expected


def test_only_the_newest_folders_are_read_for_the_newest_jobs(documents: JsonDocuments) -> None:
    old, new = "01KA7Z3MABCDEFGHJKMNPQRSTV", new_id()
    documents.put(f"t/jobs/{old}", {})
    documents.put(f"t/jobs/{new}", {})
    keys = documents.keys("t/jobs", newest_first=True)
    assert next(keys) == f"t/jobs/{new}"
    documents.delete(f"t/jobs/{old}")
    assert list(keys) == []


def test_documents_are_found_by_their_last_change(documents: JsonDocuments) -> None:
    for name in ("a", "b", "c"):
        documents.put(f"t/stories/{name}/u", {})
    documents.update("t/stories/b/u", lambda d: {"n": 1})
    changes = documents.by_change("t/stories")
    assert changes[0][1] == "t/stories/b/u"
    assert changes == sorted(changes, reverse=True)
    assert len(changes) == 3


# Logs


def test_a_log_keeps_its_lines_in_order(documents: JsonDocuments) -> None:
    for number in range(5):
        documents.append("t/jobs/j", {"id": number, "text": "一\n二"})
    assert [line["id"] for line in documents.log("t/jobs/j")] == [0, 1, 2, 3, 4]
    assert list(documents.keys("t/jobs")) == []


@pytest.mark.parametrize("torn", [b'{"id": 9', b'{"id": 9}', b"x" * 10_000, b"\x00"])
def test_a_torn_last_line_is_not_read_and_mended_by_the_next_append(documents: JsonDocuments, torn: bytes) -> None:
    documents.append("t/jobs/j", {"id": 1})
    path = documents.path("t/jobs/j").with_name("j.events.jsonl")
    with path.open("ab") as file:
        file.write(torn)
    assert documents.log("t/jobs/j") == [{"id": 1}]
    documents.append("t/jobs/j", {"id": 2})
    assert documents.log("t/jobs/j") == [{"id": 1}, {"id": 2}]
    assert path.read_bytes() == b'{"id": 1}\n{"id": 2}\n'


def test_a_damaged_line_inside_a_log_is_left_out(documents: JsonDocuments) -> None:
    documents.append("t/jobs/j", {"id": 1})
    with documents.path("t/jobs/j").with_name("j.events.jsonl").open("ab") as file:
        file.write(b"\x00\x00\x00\n")
    documents.append("t/jobs/j", {"id": 3})
    assert documents.log("t/jobs/j") == [{"id": 1}, {"id": 3}]


# Many at once (processes: test_documents_under_fire.py)


def test_threads_lose_no_change_and_no_log_line(documents: JsonDocuments) -> None:
    documents.put("t/jobs/j", {"n": 0})

    def work() -> None:
        for _ in range(25):
            documents.update("t/jobs/j", lambda d: {"n": d["n"] + 1})
            documents.append("t/jobs/j", {"text": "x" * 200})

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert documents.read("t/jobs/j") == {"n": 200}
    assert documents.log("t/jobs/j") == [{"text": "x" * 200}] * 200


def test_of_many_creators_one_wins_and_nothing_is_left_over(documents: JsonDocuments, tmp_path: Path) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        if documents.create("t/operations/o", {"by": number}):
            won.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [documents.read("t/operations/o")] == [{"by": number} for number in won]
    assert files(tmp_path) == ["documents/t/operations/@/o.json"]


def test_deleting_and_creating_in_one_folder_at_once_never_fails(documents: JsonDocuments) -> None:
    problems: list[Exception] = []

    def work(name: str) -> None:
        try:
            for _ in range(60):
                assert documents.create(f"t/stories/s/{name}", {})
                documents.append(f"t/stories/s/{name}", {})
                assert documents.delete(f"t/stories/s/{name}")
        except (OSError, AssertionError) as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(f"u{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_locks_do_not_pile_up(documents: JsonDocuments, tmp_path: Path) -> None:
    for number in range(4000):
        documents.delete(f"t/jobs/{number}")
    assert 500 < len(list((tmp_path / "documents/.locks").iterdir())) <= 1024
