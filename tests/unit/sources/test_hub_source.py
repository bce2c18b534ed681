"""Repositories of the Hub: from a server with the Hub's interface, from a cache of it, from a model's folder."""

import json
import os

import pytest

from tests.support.serving import Page, quick
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.sources.fetch import fetch
from topicbench.sources.section import Source

REVISION = "0123456789abcdef" * 2 + "01234567"
FILES = {
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": bytes(range(256)) * 8,
    "1_Pooling/config.json": b"{}",
    "onnx/model.onnx": b"not wanted",
    "README.md": b"not wanted either",
}
WANTED = ["1_Pooling/config.json", "config.json", "model.safetensors"]


def entry(**changes):
    return Source(**{"licence": "free", "hub": "org/model", "revision": REVISION, **changes})


def fetched(tmp_path, source, **how):
    folder = tmp_path / "results/sources/model"
    fetch("model", source, folder, tmp_path / "lock.json", tmp_path, quick(**how))
    return folder


def refused(tmp_path, source, **how):
    with pytest.raises(TopicbenchError) as error:
        fetched(tmp_path, source, **how)
    assert not (tmp_path / "results/sources/model").exists()
    return str(error.value)


def files_of(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.name != "source.json"}


@pytest.fixture
def hub(site, monkeypatch):
    """The local server in the place of the Hub itself."""
    monkeypatch.setenv("HF_ENDPOINT", site.address)
    site.add_repository("org/model", REVISION, FILES)
    return site


def test_the_wanted_files_of_the_revision_arrive(hub, tmp_path):
    folder = fetched(tmp_path, entry())
    assert files_of(folder) == {name: FILES[name] for name in WANTED}
    record = read_json(folder / "source.json")
    assert record["taken_from"] == "org/model"
    assert record["source"]["revision"] == REVISION
    assert sorted(record["files"]) == WANTED
    assert sorted(os.listdir(folder.parent)) == ["model"], "what was begun is cleared away"


def test_another_kind_of_repository_has_addresses_of_its_own(hub, tmp_path):
    hub.add_repository("org/texts", REVISION, {"dataset/a.json": b"{}", "dataset/b.csv": b""}, kind="dataset")
    source = entry(hub="org/texts", kind="dataset", include=["dataset/*.json"])
    assert files_of(fetched(tmp_path, source)) == {"dataset/a.json": b"{}"}


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_file_that_is_not_that_of_the_commit_is_refused(hub, tmp_path, name):
    page = hub.pages[f"/org/model/resolve/{REVISION}/{name}"]
    page.body = page.body[:-1] + b"!"
    assert "wrong checksum: " in refused(tmp_path, entry())


def test_a_hub_that_dies_half_way_is_asked_for_the_rest_only(hub, tmp_path):
    weights = hub.pages[f"/org/model/resolve/{REVISION}/model.safetensors"]
    weights.deaths, weights.dies_after = 1, 1000
    assert "the body ended after 1,000 of 2,048 bytes" in refused(tmp_path, entry(), attempts=1)
    hub.requests.clear()
    assert files_of(fetched(tmp_path, entry()))["model.safetensors"] == FILES["model.safetensors"]
    asked = {path.rsplit("/", 1)[1]: headers.get("Range") for path, headers in hub.requests if "/resolve/" in path}
    assert asked["model.safetensors"] == "bytes=1000-"


def test_a_gated_model_without_a_token_says_what_to_do(hub, tmp_path):
    hub.add_repository("org/model", REVISION, FILES, token="secret")
    said = refused(tmp_path, entry(gated=True))
    assert said.startswith("sources.model: org/model is gated, and there is no HF_TOKEN")
    assert "accept its licence on https://huggingface.co/org/model, set HF_TOKEN to a token of that account" in said
    assert "https://huggingface.co/settings/tokens" in said
    assert "or name a folder that has it in sources.model.mirror" in said
    assert len([path for path, _ in hub.requests if "/resolve/" in path]) == 1, "a refusal is not repeated"


def test_a_gated_model_with_a_token_that_is_not_let_in(hub, tmp_path, monkeypatch):
    hub.add_repository("org/model", REVISION, FILES, token="secret")
    monkeypatch.setenv("HF_TOKEN", "another")
    assert "is gated, and the account of HF_TOKEN has not been let in" in refused(tmp_path, entry(gated=True))


def test_a_gated_model_with_its_token_arrives(hub, tmp_path, monkeypatch):
    hub.add_repository("org/model", REVISION, FILES, token="secret")
    monkeypatch.setenv("HF_TOKEN", "secret")
    folder = fetched(tmp_path, entry(gated=True))
    assert sorted(files_of(folder)) == WANTED
    assert "secret" not in (folder / "source.json").read_text() + (tmp_path / "lock.json").read_text()


def test_a_mirror_of_the_hub_is_not_given_the_token(site, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    site.add_repository("org/model", REVISION, FILES)
    assert sorted(files_of(fetched(tmp_path, entry(mirror=site.address)))) == WANTED
    assert all("Authorization" not in headers for _, headers in site.requests)


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("RevisionNotFound", 404, f"org/model has no revision {REVISION}\n  take a commit's full hash from https://"),
        ("RepoNotFound", 404, "org/model does not exist, or is private\n  check https://huggingface.co/org/model"),
        ("", 401, "org/model does not exist, or is private"),
        ("", 404, "org/model cannot be downloaded (404 Not Found)"),
    ],
)
def test_what_the_hub_does_not_have_is_named(hub, tmp_path, code, status, message):
    tree = hub.pages[f"/api/models/org/model/tree/{REVISION}"]
    tree.status, tree.headers = status, {"X-Error-Code": code} if code else {}
    assert message in refused(tmp_path, entry())


def test_a_page_instead_of_the_listing_is_refused(hub, tmp_path):
    hub.pages[f"/api/models/org/model/tree/{REVISION}"] = Page(b"<html>please log in to this network</html>")
    said = refused(tmp_path, entry())
    assert "sources.model: org/model cannot be downloaded (JSONDecodeError: " in said
    assert "without a network, name a folder that has it in sources.model.mirror" in said


def test_a_file_that_vanished_is_named(hub, tmp_path):
    page = hub.pages[f"/org/model/resolve/{REVISION}/config.json"]
    page.status, page.headers = 404, {"X-Error-Code": "EntryNotFound"}
    assert "org/model has no file " in refused(tmp_path, entry())


def test_patterns_that_match_nothing_are_an_error(hub, tmp_path):
    assert "org/model has no file that matches include (*.gguf)" in refused(tmp_path, entry(include=["*.gguf"]))


def test_a_listing_that_leaves_the_folder_is_refused(hub, tmp_path):
    hub.add_repository("org/model", REVISION, {"../../outside.json": b"{}"})
    assert "lists a file outside itself: ../../outside.json" in refused(tmp_path, entry())
    assert list(tmp_path.rglob("outside.json")) == []


def write(folder, files):
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


def test_a_folder_of_the_model_is_a_mirror(tmp_path):
    write(tmp_path / "mine", FILES)
    folder = fetched(tmp_path, entry(mirror="mine"))
    assert files_of(folder) == {name: FILES[name] for name in WANTED}
    assert read_json(folder / "source.json")["taken_from"] == "mine"


def test_a_cache_of_the_hub_is_a_mirror(tmp_path):
    cache = tmp_path / "hub/models--org--model"
    write(cache / "blobs", {"one": FILES["config.json"], "two": FILES["model.safetensors"]})
    snapshot = cache / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").symlink_to("../../blobs/one")
    (snapshot / "model.safetensors").symlink_to("../../blobs/two")
    folder = fetched(tmp_path, entry(mirror=str(tmp_path / "hub")))
    assert files_of(folder) == {name: FILES[name] for name in ("config.json", "model.safetensors")}
    assert not any(path.is_symlink() for path in folder.iterdir()), "it outlives the cache"


def test_a_cache_of_another_revision_is_refused(tmp_path):
    write(tmp_path / "hub/models--org--model/snapshots/fedcba", FILES)
    said = refused(tmp_path, entry(mirror="hub"))
    assert f"has no revision {REVISION}; it has fedcba\n  fetch that revision into it, or pin one that it has" in said


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "sources.model.mirror: no such file or folder: mine"),
        (lambda path: path.write_bytes(b""), "is a file\n  name the folder that has the model's files"),
        (lambda path: path.mkdir(), "has no file that matches include"),
    ],
)
def test_a_mirror_that_is_not_one_is_named(tmp_path, make, message):
    make(tmp_path / "mine")
    assert message in refused(tmp_path, entry(mirror="mine"))


CODE = {"hub": "org/code", "revision": "f" * 40}
OWN = {
    "configuration.py": b"""
from transformers import PretrainedConfig
class OwnConfig(PretrainedConfig):
    model_type = "own"
""",
    "modeling.py": b"""
import torch
from transformers import PreTrainedModel
from .configuration import OwnConfig
class OwnModel(PreTrainedModel):
    config_class = OwnConfig
    def __init__(self, config):
        super().__init__(config)
        self.layer = torch.nn.Linear(2, 3)
        self.post_init()
    def forward(self, inputs):
        return self.layer(inputs)
""",
}
REMOTE = {"AutoConfig": "org/code--configuration.OwnConfig", "AutoModel": "org/code--modeling.OwnModel"}


def own_model_files():
    import torch
    from safetensors.torch import save

    weights = {"layer.weight": torch.arange(6.0).reshape(3, 2), "layer.bias": torch.zeros(3)}
    config = {"model_type": "own", "architectures": ["OwnModel"], "auto_map": REMOTE, "torch_dtype": "float32"}
    return {
        "config.json": json.dumps(config).encode(),
        "model.safetensors": save(weights, metadata={"format": "pt"}),
    }


def loads_its_own_code(folder, monkeypatch, tmp_path):
    import torch
    from transformers import AutoModel

    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    model = AutoModel.from_pretrained(folder, trust_remote_code=True, local_files_only=True)
    assert model(torch.tensor([1.0, 1.0])).tolist() == [1.0, 5.0, 9.0]


def test_code_of_another_repository_is_fetched_at_its_revision_and_used_from_the_folder(hub, tmp_path, monkeypatch):
    hub.add_repository("org/model", REVISION, own_model_files())
    hub.add_repository("org/code", CODE["revision"], {**OWN, "README.md": b""})
    folder = fetched(tmp_path, entry(code=CODE))
    assert sorted(files_of(folder)) == ["config.json", "configuration.py", "model.safetensors", "modeling.py"]
    hub.requests.clear()
    loads_its_own_code(folder, monkeypatch, tmp_path)
    assert hub.requests == []


def test_code_in_a_mirror_leaves_the_mirror_as_it_is(tmp_path, monkeypatch):
    files = {**own_model_files(), **OWN}
    mirror = write(tmp_path / "mine", files)
    folder = fetched(tmp_path, entry(code=CODE, mirror="mine"))
    loads_its_own_code(folder, monkeypatch, tmp_path)
    assert files_of(mirror) == files


def test_code_of_a_third_repository_is_refused(hub, tmp_path):
    files = own_model_files()
    files["config.json"] = json.dumps({"auto_map": {"AutoModel": "other/code--modeling.OwnModel"}}).encode()
    hub.add_repository("org/model", REVISION, files)
    hub.add_repository("org/code", CODE["revision"], OWN)
    said = refused(tmp_path, entry(code=CODE))
    assert "sources.model.code: config.json refers to other/code--modeling.OwnModel" in said


def test_code_that_nothing_refers_to_is_refused(hub, tmp_path):
    hub.add_repository("org/code", CODE["revision"], OWN)
    assert "sources.model.code: config.json refers to no code" in refused(tmp_path, entry(code=CODE))


def test_code_that_is_not_there_is_named(hub, tmp_path):
    hub.add_repository("org/model", REVISION, own_model_files())
    hub.add_repository("org/code", CODE["revision"], {"configuration.py": b"", "x.py": b""})
    assert "sources.model.code: org/code has no modeling.py" in refused(tmp_path, entry(code=CODE))
