"""The configuration: what it accepts, what it says of what it does not, and that its documentation is current."""

import json

import jsonschema
import pytest
import yaml

from tests.support import ROOT, configurations
from topicbench.config import documentation as config_docs
from topicbench.config.load import from_workflow, load, parse, read_yaml
from topicbench.core.errors import TopicbenchError

CONFIGURATIONS = sorted((ROOT / "config").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_every_configuration_in_the_repository_is_valid(path):
    config = load(path)
    jsonschema.validate(yaml.safe_load(path.read_text()), json.loads((ROOT / "config/schema.json").read_text()))
    assert from_workflow(yaml.safe_load(path.read_text()), [path], ROOT) == config


def test_the_documentation_is_generated_from_the_models():
    assert (ROOT / "docs/configuration.md").read_text() == config_docs.readme(), "run `make docs`"
    assert (ROOT / "config/schema.json").read_text() == config_docs.schema(), "run `make docs`"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["seed"], [1], "seed: unknown key\n  did you mean 'seeds'?"),
        (["colour"], 1, "colour: unknown key\n  allowed here: "),
        (
            ["corpora", "stackoverflow", "smaple"],
            {},
            "corpora.stackoverflow.smaple: unknown key\n  did you mean 'sample'?",
        ),
        (["corpora"], {}, "corpora: Dictionary should have at least 1 item"),
        (["corpora", "Stack Overflow"], {"title": "x", "path": "y"}, "corpora.Stack Overflow: not a usable name"),
        (["corpora", "stackoverflow", "path"], None, "corpora.stackoverflow.path: Input should be a valid string"),
        (["corpora", "stackoverflow", "sha256"], "abc", "corpora.stackoverflow.sha256: String should match pattern"),
        (["corpora", "stackoverflow", "sample", "documents"], 0, "sample.documents: Input should be greater than"),
        (["num_topics"], [], "num_topics: List should have at least 1 item"),
        (["num_topics"], [0], "num_topics.0: Input should be greater than or equal to 2 (given: 0)"),
        (["num_topics"], [5, 5], "num_topics: values repeat: 5"),
        (["num_topics"], [2000], "num_topics: K = 2000 exceeds vocabulary_size = 1000"),
        (["seeds"], [1.5], "seeds.0: Input should be a valid integer (given: 1.5)"),
        (["seeds"], [True], "seeds.0: Input should be a valid integer (given: True)"),
        (["seeds"], [-1], "seeds.0: Input should be greater than or equal to 0"),
        (["seeds"], ["one"], "seeds.0: Input should be a valid integer"),
        (["protocol"], "fair", "protocol.base: Input should be 'paper' or 'corrected' (given: 'fair')"),
        (["protocol"], {"duplicate": "drop"}, "protocol.duplicate: unknown key\n  did you mean 'duplicates'?"),
        (
            ["protocol"],
            {"duplicates": "merge"},
            "protocol.duplicates: Input should be 'keep' or 'drop' (given: 'merge')",
        ),
        (["protocol"], 3, "protocol: Input should be a valid dictionary"),
        (
            ["controls"],
            ["chance"],
            "controls: unknown control 'chance'\n  there are: label-oracle, random-topics, shuffled-documents",
        ),
        (["controls"], ["label-oracle", "label-oracle"], "controls: values repeat: label-oracle"),
        (["second_reference"], {"name": "x", "path": "y"}, "second_reference.title: required"),
        (["methods"], {}, "methods: Dictionary should have at least 1 item"),
        (["methods", "hdp"], {}, "methods.hdp: unknown method\n  there are: bertopic, "),
        (["methods", "lda"], {"pases": 2}, "methods.lda.pases: Extra inputs are not permitted (given: 2)"),
        (
            ["methods", "softlabel"],
            {"temperature": -1},
            "methods.softlabel.temperature: Input should be greater than 0",
        ),
        (["methods", "etm"], {"word_vectors": "glove"}, "methods.etm.word_vectors: 'glove' is not one of word_vectors"),
        (["encoder"], None, "methods.combinedtm: reads embeddings, and no encoder is configured"),
        (["slms"], {}, "reads a language model, and none is configured"),
        (["slms", "smollm2", "hub"], "some/model", "slms.smollm2: exactly one of gguf, folder, hub and"),
        (["slms", "other"], {"title": "x", "hub": "some/model"}, "slms.other: hub needs a pinned revision"),
        (["slms", "smollm2", "dtype"], "int8", "slms.smollm2.dtype: Input should be 'auto', "),
        (["encoder", "trust_remote_code"], True, "encoder: trust_remote_code is only for a source"),
        (["reference"], None, "reference: Input should be a valid dictionary"),
        (["prompts"], {"other": "Name it."}, "prompts needs an entry 'default'"),
        (["judge"], {"title": "x"}, "judge: exactly one of slm and model is needed"),
        (["judge"], {"title": "x", "slm": "gpt"}, "judge.slm: 'gpt' is not one of slms"),
        (["experiments", "mian"], {}, "experiments.mian: unknown key\n  did you mean 'main'?"),
        (
            ["experiments", "temperature"],
            {"temperatures": [1, 0]},
            "temperature.temperatures.1: Input should be greater",
        ),
        (["experiments", "temperature"], {"slm": "x"}, "experiments.temperature.slm: 'x' is not configured"),
        (["experiments", "vocabulary"], {"corpus": "x"}, "experiments.vocabulary.corpus: 'x' is not configured"),
        (["experiments", "prompts"], {"prompts": ["a", "b"]}, "experiments.prompts.prompts: 'a' is not configured"),
        (["experiments", "prompts"], {"seeds": [0]}, "experiments.prompts.seeds: one seed is no factor"),
        (["experiments", "backbones"], {"slm": "x"}, "experiments.backbones.slm: 'x' is not configured"),
        (["experiments", "backbones"], {"corpora": ["x"]}, "experiments.backbones.corpora: 'x' is not configured"),
        (
            ["experiments", "backbones"],
            {"methods": ["lda"]},
            "experiments.backbones.methods.0: Input should be 'etm', ",
        ),
        (["experiments", "heldout"], {"corpora": ["x"]}, "experiments.heldout.corpora: 'x' is not configured"),
        (["experiments", "heldout"], {"methods": ["hdp"]}, "experiments.heldout.methods: 'hdp' is not configured"),
        (
            ["experiments", "heldout"],
            {"share": 0.6},
            "experiments.heldout.share: Input should be less than or equal to",
        ),
        (["experiments", "ablation"], {"slms": ["x"]}, "experiments.ablation.slms: 'x' is not configured"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, path, value, message):
    values = configurations.values()
    section = values
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
    with pytest.raises(TopicbenchError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}, line ") or message.startswith("prompts needs")
    assert message in str(error.value)


def test_the_line_is_that_of_the_key(tmp_path):
    file = tmp_path / "mine.yaml"
    text = yaml.safe_dump(configurations.values(seeds=[0, 1]), sort_keys=False)
    file.write_text(text.replace("seeds:\n- 0\n- 1\n", "seeds: [0, 1, x]\n"))
    line = 1 + file.read_text().splitlines().index("seeds: [0, 1, x]")
    with pytest.raises(TopicbenchError, match=f"mine.yaml, line {line}: seeds.2: "):
        load(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a mapping of keys to values"),
        ("- a\n- b\n", "expected a mapping of keys to values"),
        ("a: 1\nb: 2\na: 3\n", "line 3: a: key is given twice"),
        ("a: [1, 2\nb: 3\n", "line 2: not valid YAML"),
        ("a: {b: 1, c: &x 2, b: *x}\n", "line 1: b: key is given twice"),
        ("a:\n\t- b\n", "line 2: not valid YAML"),
    ],
)
def test_malformed_yaml_is_named_with_its_line(tmp_path, text, message):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(TopicbenchError, match=message):
        read_yaml(file)


def test_missing_and_undecodable_files_are_named(tmp_path):
    with pytest.raises(TopicbenchError, match=r"none\.yaml: file not found"):
        load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("titel: Übung".encode("latin-1"))
    with pytest.raises(TopicbenchError, match="not UTF-8 text"):
        load(tmp_path / "latin.yaml")


def test_a_missing_input_file_is_found_before_any_job(tmp_path):
    values = configurations.values()
    values["corpora"]["stackoverflow"]["path"] = "data/none.tsv"
    with pytest.raises(TopicbenchError, match=r"corpora\.stackoverflow\.path: no such file: data/none\.tsv"):
        from_workflow(values, [ROOT / "config/config.yaml"], ROOT)


def test_numbers_given_on_the_command_line_are_numbers():
    """Snakemake reads `--config 'seeds=[0]'` as a list of text."""
    given = {"seeds": ["0", "1"], "corpora": {"stackoverflow": {"sample": {"documents": "50"}}}}
    values = configurations.values()
    values["seeds"] = ["0", "1"]
    values["corpora"]["stackoverflow"]["sample"] = {"documents": "50"}
    config = from_workflow(values, [ROOT / "config/config.yaml"], ROOT, given)
    assert config.seeds == [0, 1]
    assert config.corpora["stackoverflow"].sample.documents == 50
    values["seeds"] = given["seeds"] = ["0", "one"]
    with pytest.raises(TopicbenchError, match=r"^config/config\.yaml, --config: seeds\.1: .* \(given: 'one'\)"):
        from_workflow(values, [ROOT / "config/config.yaml"], ROOT, given)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"language": "zz"}, r"corpora\.stackoverflow\.language: spaCy has no tokeniser for 'zz'\n  there are: af, "),
        ({"tokens": {"stop_words": "no.txt"}}, r"corpora\.stackoverflow\.tokens\.stop_words: no such file: no\.txt"),
        ({"tokens": {"case": "upper"}}, r"corpora\.stackoverflow\.tokens\.case: Input should be 'as_written' or"),
    ],
)
def test_a_bad_language_or_filter_is_found_before_any_job(settings, message):
    values = configurations.values()
    values["corpora"]["stackoverflow"].update(settings)
    with pytest.raises(TopicbenchError, match=message):
        from_workflow(values, [ROOT / "config/config.yaml"], ROOT)


def test_a_corpus_without_labels_cannot_be_qualitative():
    values = configurations.values()
    values["corpora"]["20newsgroups"]["label_column"] = None
    values["corpora"]["20newsgroups"].pop("label_name_column")
    values["experiments"]["qualitative"] = {}
    with pytest.raises(TopicbenchError, match=r"experiments\.qualitative\.corpus: '20newsgroups' has no labels"):
        parse(values)
    del values["experiments"]["qualitative"]
    values["experiments"]["heldout"] = {"corpora": ["20newsgroups"]}
    with pytest.raises(TopicbenchError, match=r"experiments\.heldout\.corpora: '20newsgroups' has no labels"):
        parse(values)
