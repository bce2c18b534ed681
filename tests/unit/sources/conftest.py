"""A local server for the tests of this folder; no test asks any other."""

import pytest

from tests.support.serving import serving


@pytest.fixture
def site():
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def no_account(monkeypatch, tmp_path):
    """Neither a token nor a mirror of the machine the tests run on."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT", "http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
