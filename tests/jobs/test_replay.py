"""Jobs that an earlier version left half done are finished by today's worker: rule 4 of the job runtime.

A step that was renamed, left out or moved makes this fail: changes of a workflow's shape go through DBOS.patch.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from place import Place

from app.models.job import Job

RECORDINGS = sorted((Path(__file__).parent / "data").glob("half_done_*.tar.xz"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name.split(".")[0])
async def test_jobs_of_an_earlier_version_are_finished(place: Place, recording: Path) -> None:
    data = place.settings.data_dir
    with tarfile.open(recording) as tar:
        tar.extractall(data, filter="data")
    open_jobs = [key.rpartition("/")[2] for key in place.services.documents.keys("open")]
    assert len(open_jobs) == 3
    place.worker()
    jobs: list[Job] = []
    for job_id in open_jobs:
        jobs.append(await place.ended(await place.jobs.get("default", job_id)))
    assert {(job.kind, job.status, job.attempts) for job in jobs} == {
        ("storyboard", "succeeded", 2),
        ("shot", "succeeded", 2),
        ("video", "succeeded", 2),
    }, [job.error for job in jobs]
    # What was recorded is not made again: the narrations and the quick picture.
    assert not [kind for kind, _ in place.made() if kind == "narration"]
    assert sum(kind == "key_frame" for kind, _ in place.made()) == 3
