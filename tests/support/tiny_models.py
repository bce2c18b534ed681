"""What the tests of this folder share beside fixtures: texts, and how tiny random models are built."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

INSTRUCTION = "Generate a label that captures the overall theme of the document below."
TEXTS = [
    "How do I sort a list of tuples in Haskell by the second element?",
    "Spring MVC returns 404.",
    "a",
    "The goalie made forty saves and the team won in overtime.\n\nWhat a night! The crowd went home happy.",
    "LINQ to SQL: group by month",
    "Spring MVC returns 404.",
    "  The shuttle launch was delayed\ntwice because of the weather (again).  \n",
    "Wie heißt das? naïve café – 東京 🚀",
]


def train_tokenizer(kind: str) -> PreTrainedTokenizerFast:
    """A small tokeniser: "bytes" as GPT-2's, "metaspace" with a lone leading-space piece, "newlines" as Llama 3's,
    where punctuation takes the newlines after it into one token."""
    texts = [*TEXTS, *(f"{INSTRUCTION}\n\nDocument: {text.strip()}\n\nTopic:" for text in TEXTS)] * 3
    special = ["<s>", "</s>", "<unk>"]
    if kind == "metaspace":
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=False))
        # The space is split off as a piece of its own, so that no merge can join it to a word.
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Metaspace(prepend_scheme="never"), pre_tokenizers.Split("▁", "isolated")]
        )
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
        tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=400, special_tokens=special))
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    else:
        tokenizer = Tokenizer(models.BPE())
        bytelevel = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=kind == "bytes")
        llama3 = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        split = [] if kind == "bytes" else [pre_tokenizers.Split(Regex(llama3), "isolated")]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*split, bytelevel])
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=special, initial_alphabet=alphabet)
        tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def save_model(config, tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    """A model of random weights, large enough that its logits differ, as a Hugging Face folder."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=0.3)
            elif name.endswith("bias"):
                parameter.normal_(std=1.0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_llama_config(**changes) -> LlamaConfig:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    return LlamaConfig(
        **{**sizes, "num_key_value_heads": 2, "vocab_size": 512, "max_position_embeddings": 256, **changes}
    )
