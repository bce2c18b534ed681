"""What a user can get wrong: one clear message, and no result file."""

import gzip

import pytest

from tests.support import ROOT
from tests.support.running import snakemake


def refused(folder, configfile, *targets):
    """Everything the command printed, after checking that it failed without a traceback of ours."""
    result = snakemake(folder, *(targets or ["all"]), configfile=configfile)
    printed = result.stdout
    assert result.returncode != 0, printed[-3000:]
    assert "Traceback" not in printed
    return printed


def results(folder):
    return sorted(str(path.relative_to(folder)) for path in (folder / "results").rglob("*.*") if path.is_file())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.update(sedes=[1]), "line 12: sedes: unknown key\n  did you mean 'seeds'?"),
        (lambda v: v.update(num_topics=[6, 200]), "num_topics: K = 200 exceeds vocabulary_size = 120"),
        (lambda v: v["methods"]["etm"].update(word_vectors="none"), "'none' is not one of word_vectors"),
        (
            lambda v: v["corpora"]["stackoverflow"].update(path="data/none.tsv"),
            "corpora.stackoverflow.path: no such file: data/none.tsv",
        ),
    ],
)
def test_a_bad_configuration_stops_before_any_job(tmp_path, tiny, configured, change, message):
    change(tiny)
    folder = tmp_path / "run"
    printed = refused(folder, configured(dict(sorted(tiny.items(), reverse=True)) if "sedes" in tiny else tiny))
    assert message.replace("line 12: ", "") in printed
    assert ", line " in printed
    assert results(folder) == []


def test_one_table_needs_no_option(tmp_path, tiny, configured):
    """No error: profiles/default says how many cores there are."""
    folder = tmp_path / "run"
    result = snakemake(folder, "results/table8.md", configfile=configured(tiny), cores=None)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "captures the overall theme" in (folder / "results/table8.md").read_text()


def test_a_table_of_an_experiment_left_out_is_refused(tmp_path, tiny, configured):
    tiny["experiments"] = {"main": {}}
    configfile = configured(tiny)
    for item, where, experiment in (
        ("table3.tex", "results/table3", "ablation"),
        ("figure5.pdf", "results/figure5", "vocabulary"),
        ("experiments/ablation.csv", "experiments.ablation", "ablation"),
    ):
        printed = refused(tmp_path / "run", configfile, f"results/{item}")
        said = f"topicbench: {where}: the configuration leaves out experiment '{experiment}'"
        assert said in printed.splitlines()


def test_a_run_nobody_asks_for_is_refused(tmp_path, tiny, configured):
    path = "results/runs/stackoverflow/v120/lda/default/K99/seed0"
    printed = refused(tmp_path / "run", configured(tiny), path)
    assert f"topicbench: {path}: no experiment of the configuration asks for this run" in printed
    known = path.replace("K99", "K6")
    printed = refused(tmp_path / "run", configured(tiny), f"{known}/theta.npy")
    assert f"topicbench: {known}/theta.npy: is a part of a run\n  ask for its folder, {known}" in printed


def corpus_at(tiny, path, content):
    path.write_bytes(content)
    tiny["corpora"]["stackoverflow"].update(path=str(path))
    tiny["corpora"]["stackoverflow"].pop("sha256", None)
    tiny["corpora"]["stackoverflow"].pop("sample", None)


def test_a_wrong_checksum_is_refused(tmp_path, tiny, configured):
    tiny["corpora"]["stackoverflow"]["sha256"] = "0" * 64
    folder = tmp_path / "run"
    printed = refused(folder, configured(tiny), "results/corpora/stackoverflow/v120/vocabulary.txt")
    assert "stackoverflow.tsv.gz: wrong checksum: SHA-256 is 7a35c223" in printed
    assert results(folder) == []


def test_a_malformed_row_is_refused(tmp_path, tiny, configured):
    titles = gzip.decompress((ROOT / "data/stackoverflow.tsv.gz").read_bytes()).splitlines(keepends=True)[:50]
    corpus_at(tiny, tmp_path / "mine.tsv", b"".join([*titles, b"one field only\n"]))
    folder = tmp_path / "run"
    printed = refused(folder, configured(tiny), "results/corpora/stackoverflow/v120/vocabulary.txt")
    assert "mine.tsv, line 51: 1 fields where the header has 3" in printed
    assert results(folder) == []


def test_more_topics_than_documents_are_refused(tmp_path, tiny, configured):
    text = " ".join(f"word{a}{b}" for a in "abcdefghijkl" for b in "abcdefghijkl")
    rows = [f"the {text.replace('word', 'noun')}\t1\tone\n"] * 4
    corpus_at(tiny, tmp_path / "mine.tsv", ("text\tlabel\tlabel_name\n" + "".join(rows)).encode())
    tiny["methods"] = {"lda": {}}
    tiny["experiments"] = {"main": {}}
    folder = tmp_path / "run"
    printed = refused(folder, configured(tiny), "results/runs/stackoverflow/v120/lda/default/K6/seed0")
    assert "stackoverflow, lda, K = 6: more topics than documents (4)" in printed
    assert not [path for path in results(folder) if "runs" in path]


def test_a_language_model_cut_short_is_refused(tmp_path, tiny, configured):
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "llama"}')
    (model / "model.safetensors").write_bytes(b"\x40\0\0\0\0\0\0\0{")
    tiny["slms"]["smollm2"] = {"title": "Broken", "folder": str(model)}
    folder = tmp_path / "run"
    printed = refused(folder, configured(tiny), "results/models/slm/smollm2")
    assert "topicbench: " in printed
    assert str(model) in printed
    assert results(folder) == []


def test_a_corpus_without_labels_gets_its_other_scores(tmp_path, tiny, configured):
    """No error: the metrics that need labels are left out, and the table says so."""
    titles = gzip.decompress((ROOT / "data/stackoverflow.tsv.gz").read_bytes()).splitlines(keepends=True)[:400]
    corpus_at(tiny, tmp_path / "mine.tsv", b"".join(titles))
    tiny["corpora"]["stackoverflow"].update(label_column=None, label_name_column=None)
    tiny.update(methods={"lda": {}}, judge=None, experiments={"main": {}}, slms={}, seeds=[0, 1])
    folder = tmp_path / "run"
    result = snakemake(folder, "results/table1.md", configfile=configured(tiny))
    assert result.returncode == 0, result.stdout[-3000:]
    table = (folder / "results/table1.md").read_text()
    assert "metrics that need labels are not available on StackOverflow" in table
    row = next(line for line in table.splitlines() if line.startswith("| LDA"))
    assert row.count("–") == 2  # the rating and purity
