import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.tiny_models import INSTRUCTION, TEXTS
from topicbench.core.errors import TopicbenchError
from topicbench.features.prompts import before_document, encode, prompt, tokenise

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = ["bytes_tokenizer", "metaspace_tokenizer", "newlines_tokenizer"]
DOCUMENTS = st.text(st.sampled_from("ab .,:\n\t(1é東🚀"), max_size=80)


@pytest.fixture(params=KINDS)
def tokenizer(request):
    return request.getfixturevalue(request.param)


def test_prompt_is_the_papers():
    assert prompt("Tag it.", "A text.") == "Tag it.\n\nDocument: A text.\n\nTopic:"


@RELAXED
@given(documents=st.lists(DOCUMENTS, min_size=1, max_size=4))
def test_tokens_are_those_of_the_whole_prompt(tokenizer, documents):
    prompts = tokenise(tokenizer, INSTRUCTION, documents)
    assert prompts.ids == [tokenizer(prompt(INSTRUCTION, document.strip()))["input_ids"] for document in documents]
    assert prompts.truncated == []
    prefix = tokenizer(before_document(INSTRUCTION))["input_ids"]
    assert prompts.shared <= len(prefix)
    assert all(ids[: prompts.shared] == prefix[: prompts.shared] for ids in prompts.ids)
    assert all(len(ids) > prompts.shared for ids in prompts.ids)


def test_parts_tokenised_apart_would_differ(newlines_tokenizer):
    # A full stop takes the blank line after it into its token: why prompts are tokenised whole.
    apart = [before_document(INSTRUCTION), " Spring MVC returns 404.", "\n\nTopic:"]
    joined = [token for part in apart for token in newlines_tokenizer(part)["input_ids"]]
    assert tokenise(newlines_tokenizer, INSTRUCTION, ["Spring MVC returns 404."]).ids != [joined]


@pytest.mark.parametrize("kind", KINDS)
def test_all_of_the_instruction_is_shared(request, kind):
    prompts = tokenise(request.getfixturevalue(kind), INSTRUCTION, TEXTS)
    assert prompts.shared == len(encode(request.getfixturevalue(kind), [before_document(INSTRUCTION)])[0])


@RELAXED
@given(document=st.text(st.sampled_from("ab .\n(é東🚀"), max_size=200), limit=st.integers(1, 30))
def test_only_the_document_is_cut(tokenizer, document, limit):
    prompts = tokenise(tokenizer, INSTRUCTION, [document], None, limit)
    frame = len(tokenizer(prompt(INSTRUCTION, "a"))["input_ids"]) - 1
    whole = tokenizer(prompt(INSTRUCTION, document.strip()))["input_ids"]
    assert prompts.truncated == ([0] if len(whole) > frame + limit else [])
    assert len(prompts.ids[0]) <= max(frame + limit, len(tokenizer(prompt(INSTRUCTION, ""))["input_ids"]))
    beginnings = [document.strip()[:end].rstrip() for end in range(len(document) + 1)]
    assert prompts.ids[0] in encode(tokenizer, [prompt(INSTRUCTION, beginning) for beginning in beginnings])


def test_cut_keeps_as_many_tokens_as_allowed(bytes_tokenizer):
    text = "sort a list of tuples " * 50
    cut = tokenise(bytes_tokenizer, INSTRUCTION, [text, "sort"], None, 7)
    frame = len(bytes_tokenizer(prompt(INSTRUCTION, "a"))["input_ids"]) - 1
    assert cut.truncated == [0]
    assert len(cut.ids[0]) == frame + 7
    shown = bytes_tokenizer.decode(cut.ids[0])
    assert shown.startswith(before_document(INSTRUCTION) + " sort a")
    assert shown.endswith("\n\nTopic:")
    by_context = tokenise(bytes_tokenizer, INSTRUCTION, [text, "sort"], frame + 7, None)
    assert by_context == cut
    assert tokenise(bytes_tokenizer, INSTRUCTION, [text, "sort"], frame + 7, 100) == cut


def test_tokeniser_without_places_cuts_as_well(bytes_tokenizer):
    class WithoutPlaces:
        is_fast = False

        def __call__(self, texts, **options):
            return bytes_tokenizer(texts, **options)

    text = "sort a list of tuples " * 50
    cut = tokenise(WithoutPlaces(), INSTRUCTION, [text], None, 7).ids[0]
    assert len(cut) == len(tokenise(bytes_tokenizer, INSTRUCTION, [text], None, 7).ids[0])


def test_instruction_longer_than_context_is_an_error(bytes_tokenizer):
    with pytest.raises(TopicbenchError, match="context is 20"):
        tokenise(bytes_tokenizer, INSTRUCTION * 3, ["a"], 20)


def test_control_tokens_in_a_document_are_text(bytes_tokenizer):
    ids = tokenise(bytes_tokenizer, INSTRUCTION, ["<s>struck</s>"]).ids[0]
    assert not {bytes_tokenizer.bos_token_id, bytes_tokenizer.eos_token_id} & set(ids)
    assert bytes_tokenizer.decode(ids) == prompt(INSTRUCTION, "<s>struck</s>")


def test_beginning_of_text_token_comes_first_and_once(metaspace_tokenizer):
    ids = encode(metaspace_tokenizer, ["a list", ""])
    assert ids[0][0] == metaspace_tokenizer.bos_token_id
    assert ids[0].count(metaspace_tokenizer.bos_token_id) == 1
    assert ids[1] == [metaspace_tokenizer.bos_token_id]


def test_smollm2_boundaries(smollm2):
    documents = [*TEXTS, "\n\nleading", "trailing \n\n", "", "ends with stop.", "(", "123 456", ": :"]
    prompts = tokenise(smollm2.tokenizer, INSTRUCTION, documents)
    parts = [[before_document(INSTRUCTION), f" {document.strip()}", "\n\nTopic:"] for document in documents]
    whole = [smollm2.tokenizer("".join(part))["input_ids"] for part in parts]
    assert prompts.ids == whole
    # Tokenised apart they are the same but for the empty document, whose space joins the line's end.
    apart = [[token for text in part for token in smollm2.tokenizer(text)["input_ids"]] for part in parts]
    assert [row for row in range(len(documents)) if apart[row] != whole[row]] == [documents.index("")]
