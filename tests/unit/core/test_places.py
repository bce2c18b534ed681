"""Clocks that were wrong, and folders that cannot be written to."""

import os

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.core.preflight import clear_partials, require_past, require_writable

NOW = 1_800_000_000.0


def dated(path, seconds):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (NOW + seconds, NOW + seconds))
    return path


@pytest.mark.parametrize(
    ("ahead", "span"), [(90, "90 seconds"), (600, "10 minutes"), (4 * 3600, "4 hours"), (30 * 86400, "30 days")]
)
def test_an_input_of_the_future_is_refused(tmp_path, ahead, span):
    file = dated(tmp_path / "mine.csv", ahead)
    with pytest.raises(TopicbenchError) as error:
        require_past([file], NOW)
    assert str(error.value).startswith(f"{file}: was last changed in the future, {span} from now")
    assert str(error.value).endswith(f"then: touch {file}")


def test_clocks_may_differ_a_little_and_files_be_missing(tmp_path):
    require_past([dated(tmp_path / "a", 50), dated(tmp_path / "b", -1e8), tmp_path / "none"], NOW)


def test_what_killed_jobs_left_is_cleared_away_once_nobody_can_be_writing(tmp_path):
    old = dated(tmp_path / "x/.partial-12-a.npy", -5000)
    kept = [dated(tmp_path / "x/.partial-13-b.npy", -60), dated(tmp_path / "x/a.npy", -5000)]
    writing = dated(tmp_path / "model/.partial-14-slm/weights", -60)
    left = dated(tmp_path / "model/.partial-15-slm/weights", -5000)
    for folder in (writing.parent, left.parent):
        os.utime(folder, (NOW - 5000, NOW - 5000))
    assert clear_partials(tmp_path, NOW) == 2
    assert [path.exists() for path in (old, left.parent, *kept, writing)] == [False, False, True, True, True]


def test_a_folder_that_can_be_written_to_is_allowed(tmp_path):
    require_writable(tmp_path)
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(TopicbenchError, match="this user may not write here"):
            require_writable(tmp_path)
        tmp_path.chmod(0o700)
