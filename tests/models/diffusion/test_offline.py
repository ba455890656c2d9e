"""Nothing is fetched, whatever the shell says that the product was started from."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FETCHING = {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "DIFFUSERS_ATTN_BACKEND": "flash_hub",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "false",
}
OPEN = "from secondunit.generators.diffusion.loading import engine; d = engine(); "


def said(code: str) -> str:
    """What a process prints that was started by somebody who allows fetching."""
    run = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **FETCHING}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    return run.stdout + run.stderr


def test_the_libraries_are_offline_and_use_their_own_attention():
    told = said(
        OPEN + "from huggingface_hub import constants as c; from diffusers.models import"
        " attention_dispatch as a; from transformers.utils import hub;"
        "print(c.HF_HUB_OFFLINE, a._AttentionBackendRegistry.get_active_backend()[0].value,"
        " d.utils.constants.DIFFUSERS_DISABLE_REMOTE_CODE, hub.is_offline_mode())"
    )
    assert told.splitlines()[-1] == "True native True True"


@pytest.mark.long
def test_libraries_that_somebody_imported_before_are_refused_while_they_may_fetch():
    told = said("import huggingface_hub.constants; " + OPEN + "print('opened')")
    assert "PlugInRefused" in told
    assert "HF_HUB_OFFLINE" in told
    assert "opened" not in told


@pytest.mark.long
def test_libraries_that_somebody_imported_offline_are_taken():
    told = said(
        "import os; os.environ['HF_HUB_OFFLINE'] = '1'; import huggingface_hub.constants; "
        + OPEN + "print('opened')"
    )  # fmt: skip
    assert told.splitlines()[-1] == "opened"
