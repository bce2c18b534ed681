"""The protocol's switches: presets, single ones, names."""

import jsonschema
import pytest
from pydantic import TypeAdapter

from topicbench.core.protocol import PRESETS, SWITCHES, Protocol

READ = TypeAdapter(Protocol).validate_python


def test_a_word_is_a_preset_and_a_section_sets_single_switches():
    for name, preset in PRESETS.items():
        protocol = READ(name)
        assert {switch: getattr(protocol, switch) for switch in SWITCHES} == preset
        assert protocol.name == name
        assert READ({"base": name}) == protocol
        assert READ(protocol.model_dump()) == protocol
    mixed = READ({"base": "corrected", "encoder_text": "bag_of_words"})
    assert mixed.name == "corrected with encoder_text: bag_of_words"
    assert mixed.duplicates == "drop"
    assert READ({"correction": "holm"}).name == "paper with correction: holm"
    assert READ({}) == Protocol() == READ("paper")


def test_switches_are_corrected_one_by_one_or_all_together():
    paper = READ("paper")
    for switch in SWITCHES:
        corrected = paper.corrected((switch,))
        assert getattr(corrected, switch) == PRESETS["corrected"][switch]
        assert [other for other in SWITCHES if getattr(corrected, other) != PRESETS["paper"][other]] == [switch]
    assert paper.corrected(SWITCHES).name == "corrected"


def test_the_schema_allows_both_spellings():
    schema = TypeAdapter(Protocol).json_schema()
    for value in ("paper", {"base": "paper", "duplicates": "drop"}):
        jsonschema.validate(value, schema)
    for value in ("fair", {"duplicates": "merge"}, {"copies": "drop"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, schema)
