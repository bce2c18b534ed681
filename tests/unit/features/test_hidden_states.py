import json

import numpy as np
import pytest
import torch
from transformers import Gemma2Config, GPT2Config, MambaConfig

from tests.support.tiny_models import INSTRUCTION, TEXTS, tiny_llama_config
from topicbench.core.errors import TopicbenchError
from topicbench.features.hidden_states import extract, last_hidden_states
from topicbench.features.prompts import Prompts, tokenise
from topicbench.features.soft_labels import logits, read_head

MANY = [f"{text} {number}" for number in range(6) for text in TEXTS[:5]]


def one_by_one(model, texts, max_document_tokens=None) -> np.ndarray:
    prompts = tokenise(model.tokenizer, INSTRUCTION, texts, model.context, max_document_tokens)
    with torch.inference_mode():
        states = [model.model.base_model(torch.tensor([ids])).last_hidden_state[0, -1] for ids in prompts.ids]
    return torch.stack(states).float().numpy()


class Forwards:
    """Counts forward passes and the prompts in them; may raise in one of them."""

    def __init__(self, model, largest=None, stop_after=None):
        self.batches = []
        self.largest, self.stop_after = largest, stop_after
        self.handle = model.model.base_model.register_forward_pre_hook(self, with_kwargs=True)

    def __call__(self, module, args, kwargs):
        rows = (args[0] if args else kwargs["input_ids"]).shape[0]
        if self.largest is not None and rows > self.largest:
            raise torch.cuda.OutOfMemoryError("out of memory")
        if self.stop_after is not None and len(self.batches) == self.stop_after:
            raise KeyboardInterrupt
        self.batches.append(rows)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.handle.remove()


def test_batched_is_one_by_one(tiny_llama, tmp_path):
    record = extract(tiny_llama, INSTRUCTION, TEXTS, tmp_path, batch_tokens=40, chunk_documents=3)
    hidden = np.load(tmp_path / "hidden.npy")
    assert hidden.dtype == np.float32
    assert hidden.shape == (len(TEXTS), 32)
    np.testing.assert_allclose(hidden, one_by_one(tiny_llama, TEXTS), atol=1e-5)
    assert record["prefix_cache"] is True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extraction.json", "hidden.npy"]


def test_batched_is_one_by_one_for_smollm2(smollm2, smollm2_folder, tmp_path):
    record = extract(smollm2, INSTRUCTION, TEXTS, tmp_path, batch_tokens=64)
    assert record["prefix_cache"] is True
    hidden = np.load(tmp_path / "hidden.npy")
    ids = tokenise(smollm2.tokenizer, INSTRUCTION, TEXTS).ids
    with torch.inference_mode():
        own = np.stack([smollm2.model(torch.tensor([tokens])).logits[0, -1].numpy() for tokens in ids])
    found = logits(hidden, read_head(smollm2_folder), np.arange(own.shape[1]))
    np.testing.assert_allclose(found, own, atol=1e-4)
    assert own.std() > 1


def test_logits_from_stored_states_are_the_models_own(tiny_llama, prepared_llama_folder, tmp_path):
    extract(tiny_llama, INSTRUCTION, TEXTS, tmp_path, batch_tokens=64)
    ids = np.array([5, 400, 7])
    found = logits(np.load(tmp_path / "hidden.npy"), read_head(prepared_llama_folder), ids)
    prompts = tokenise(tiny_llama.tokenizer, INSTRUCTION, TEXTS).ids
    with torch.inference_mode():
        own = [tiny_llama.model(torch.tensor([tokens])).logits[0, -1, ids].numpy() for tokens in prompts]
    np.testing.assert_allclose(found, np.stack(own), atol=1e-4)


def test_prefix_cache_changes_nothing_but_the_work(tiny_llama):
    prompts = tokenise(tiny_llama.tokenizer, INSTRUCTION, TEXTS)
    assert prompts.shared > 5
    on = last_hidden_states(tiny_llama, prompts)
    off = last_hidden_states(tiny_llama, Prompts(prompts.ids, 0, []))
    np.testing.assert_allclose(on, off, atol=1e-5)
    assert not np.allclose(on[0], on[1], atol=0.1)


SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "vocab_size": 512, "max_position_embeddings": 256}


@pytest.mark.parametrize(
    ("config", "cached"),
    [
        (GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=512, n_positions=256), True),
        (Gemma2Config(**SIZES, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
                      sliding_window=8), None),
        (MambaConfig(hidden_size=32, state_size=4, num_hidden_layers=2, vocab_size=512), False),
    ],
    ids=["learned positions", "sliding window", "no key-value cache"],
)  # fmt: skip
def test_other_architectures(config, cached, tiny_model, tmp_path):
    model = tiny_model(config)
    record = extract(model, INSTRUCTION, TEXTS, tmp_path / "out", batch_tokens=64)
    np.testing.assert_allclose(np.load(tmp_path / "out/hidden.npy"), one_by_one(model, TEXTS), atol=1e-4)
    if cached is not None:
        assert record["prefix_cache"] is cached


def test_killed_job_goes_on_where_it_stopped(tiny_llama, tmp_path):
    settings = {"batch_tokens": 60, "chunk_documents": 7}
    with Forwards(tiny_llama) as whole:
        extract(tiny_llama, INSTRUCTION, MANY, tmp_path / "whole", **settings)
    before = len(whole.batches) // 2
    with Forwards(tiny_llama, stop_after=before), pytest.raises(KeyboardInterrupt):
        extract(tiny_llama, INSTRUCTION, MANY, tmp_path / "killed", **settings)
    done = list((tmp_path / "killed").glob("chunks-*/*.npz"))
    assert 0 < len(done) < 5
    assert not (tmp_path / "killed/hidden.npy").exists()
    with Forwards(tiny_llama) as rest:
        record = extract(tiny_llama, INSTRUCTION, MANY, tmp_path / "killed", **settings)
    trial = 3  # the trial of the prefix cache: plain, prefix, cached
    assert sum(rest.batches[trial:]) == len(MANY) - 7 * len(done)
    assert (tmp_path / "killed/hidden.npy").read_bytes() == (tmp_path / "whole/hidden.npy").read_bytes()
    assert record["documents"] == len(MANY)
    assert list((tmp_path / "killed").glob("chunks-*")) == []


@pytest.mark.parametrize("change", ["texts", "instruction", "settings", "dtype"])
def test_chunks_of_another_job_are_not_used(tiny_llama, tmp_path, change):
    settings = {"batch_tokens": 60, "chunk_documents": 7}
    with Forwards(tiny_llama, stop_after=9), pytest.raises(KeyboardInterrupt):
        extract(tiny_llama, INSTRUCTION, MANY, tmp_path, **settings)
    stale = list(tmp_path.glob("chunks-*"))
    assert len(stale) == 1
    texts, instruction = list(MANY), INSTRUCTION
    if change == "texts":
        texts[3] += "!"
    elif change == "instruction":
        instruction = "Name the theme of the document."
    elif change == "settings":
        settings["batch_tokens"] = 80
    else:
        tiny_llama.model.to(torch.bfloat16)
    with Forwards(tiny_llama) as forwards:
        extract(tiny_llama, instruction, texts, tmp_path, **settings)
    assert sum(forwards.batches[3:]) == len(MANY)
    assert not stale[0].exists()


def test_same_bytes_twice(tiny_llama, tmp_path):
    for name in ("one", "two"):
        extract(tiny_llama, INSTRUCTION, MANY, tmp_path / name, batch_tokens=60, chunk_documents=7)
    assert (tmp_path / "one/hidden.npy").read_bytes() == (tmp_path / "two/hidden.npy").read_bytes()


def test_equal_documents_are_computed_once(tiny_llama, tmp_path):
    with Forwards(tiny_llama) as forwards:
        record = extract(tiny_llama, INSTRUCTION, ["b", "a", "b", " a\n"] * 5, tmp_path)
    assert sum(forwards.batches[3:]) == record["distinct_documents"] == 2
    hidden = np.load(tmp_path / "hidden.npy")
    np.testing.assert_allclose(hidden, one_by_one(tiny_llama, ["b", "a"] * 10), atol=1e-5)


def test_only_the_document_is_cut(tiny_llama, tmp_path):
    long = "The goalie made forty saves and the team won in overtime. " * 40
    record = extract(tiny_llama, INSTRUCTION, [long, "a"], tmp_path / "context")
    assert record["truncated_documents"] == 1
    np.testing.assert_allclose(np.load(tmp_path / "context/hidden.npy"), one_by_one(tiny_llama, [long, "a"]), atol=1e-5)
    cut = extract(tiny_llama, INSTRUCTION, [long, "a"], tmp_path / "cut", max_document_tokens=9)
    np.testing.assert_allclose(np.load(tmp_path / "cut/hidden.npy"), one_by_one(tiny_llama, [long, "a"], 9), atol=1e-5)
    assert cut["computed_tokens"] < record["computed_tokens"]


def test_record_says_what_was_done(tiny_llama, tmp_path):
    record = extract(tiny_llama, INSTRUCTION, TEXTS, tmp_path, batch_tokens=64, chunk_documents=4)
    assert json.loads((tmp_path / "extraction.json").read_text()) == record
    prompts = tokenise(tiny_llama.tokenizer, INSTRUCTION, TEXTS)
    assert record["model"] == tiny_llama.prepared["source"]
    assert (record["documents"], record["distinct_documents"]) == (len(TEXTS), len(TEXTS) - 1)
    assert record["prompt_tokens"] == sum(map(len, prompts.ids))
    assert record["shared_tokens"] == prompts.shared
    assert (record["dtype"], record["device"]) == ("float32", "cpu")
    assert (record["batch_tokens"], record["chunk_documents"], record["truncated_documents"]) == (64, 4, 0)
    assert record["seconds"] > 0


def test_batch_is_halved_until_it_fits(tiny_llama, tmp_path):
    plain = extract(tiny_llama, INSTRUCTION, MANY, tmp_path / "plain")
    with Forwards(tiny_llama, largest=4) as forwards:
        record = extract(tiny_llama, INSTRUCTION, MANY, tmp_path / "halved")
    assert max(forwards.batches) <= 4
    assert record["smallest_batch_tokens"] < record["batch_tokens"] == plain["smallest_batch_tokens"] == 4096
    np.testing.assert_allclose(
        np.load(tmp_path / "halved/hidden.npy"), np.load(tmp_path / "plain/hidden.npy"), atol=1e-5
    )


def test_document_too_large_for_the_memory_is_named(tiny_llama, tmp_path):
    with Forwards(tiny_llama, largest=0), pytest.raises(TopicbenchError, match="document 7: its prompt of"):
        extract(tiny_llama, INSTRUCTION, ["short", TEXTS[3]], tmp_path, document_ids=[5, 7])


def test_state_that_is_not_finite_names_its_document(tiny_llama, tmp_path):
    ids = tokenise(tiny_llama.tokenizer, INSTRUCTION, TEXTS).ids
    only_there = sorted(set(ids[7]).difference(*ids[:7]))
    with torch.no_grad():
        tiny_llama.model.get_input_embeddings().weight[only_there] = torch.nan
    with pytest.raises(TopicbenchError, match=r"document d7: .*not finite in torch\.float32"):
        extract(tiny_llama, INSTRUCTION, TEXTS, tmp_path, document_ids=[f"d{row}" for row in range(len(TEXTS))])
    assert not (tmp_path / "hidden.npy").exists()


def test_no_documents(tiny_llama, tmp_path):
    with pytest.raises(TopicbenchError, match="no documents"):
        extract(tiny_llama, INSTRUCTION, [], tmp_path)


def test_short_context_is_kept_to(tiny_model, tmp_path):
    model = tiny_model(tiny_llama_config(max_position_embeddings=40))
    record = extract(model, INSTRUCTION, TEXTS, tmp_path / "out")
    assert record["truncated_documents"] > 0
    assert record["prompt_tokens"] <= 40 * len(TEXTS)
