"""Nothing in the package or its scripts loads what can run code: pickles, PyTorch files, YAML with objects, strings."""

import ast

import pytest

from tests.support import ROOT

WORKFLOW = ROOT / "workflow"
FILES = sorted([*WORKFLOW.glob("topicbench/**/*.py"), *WORKFLOW.glob("scripts/*.py")])
FORBIDDEN = {
    *(
        "pickle.load",
        "pickle.loads",
        "pickle.Unpickler",
        "joblib.load",
        "dill.load",
        "cloudpickle.load",
        "marshal.load",
    ),
    *("torch.load", "KeyedVectors.load", "pd.read_pickle", "yaml.load", "yaml.unsafe_load", "eval", "exec"),
}


def unsafe(tree):
    """Calls, as (line, what), that load what can run code."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if name in FORBIDDEN or any(name.endswith(f".{each}") for each in FORBIDDEN if "." in each):
            yield node.lineno, name
        if name == "np.load" and given.get("allow_pickle") != "False":
            yield node.lineno, "np.load without allow_pickle=False"
        if given.get("allow_pickle") == "True" or given.get("trust_remote_code") == "True":
            yield node.lineno, ast.unparse(node)
        if name.endswith("AutoModelForCausalLM.from_pretrained") and given.get("use_safetensors") != "True":
            yield node.lineno, "a model loaded without use_safetensors=True"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(WORKFLOW).as_posix())
def test_nothing_that_can_run_code_is_loaded(path):
    assert list(unsafe(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "call",
    [
        "pickle.load(file)",
        "torch.load(path)",
        "gensim.models.KeyedVectors.load(path)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "AutoModelForCausalLM.from_pretrained(path)",
        "AutoTokenizer.from_pretrained(path, trust_remote_code=True)",
        "eval(text)",
    ],
)
def test_what_could_is_found(call):
    assert list(unsafe(ast.parse(call)))
