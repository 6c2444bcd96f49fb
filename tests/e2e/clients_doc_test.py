# SPDX-License-Identifier: Apache-2.0
"""docs/clients.md: every block of it is run by some test; those for CI services are run here."""

import json
import pathlib

import pytest

from clients_doc import ADDRESS, PAGE, snippet, snippets
from conftest import sha256_of

MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def test_every_block_is_named_and_run_by_a_test():
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("\n```") == 2 * len(snippets()), "a block without a name"
    tests = "".join(path.read_text(encoding="utf-8")
                    for path in pathlib.Path(__file__).parent.glob("*_test.py"))
    assert [name for name in snippets() if f'"{name}"' not in tests] == []


def test_the_page_names_one_address():
    """Whoever copies a block has one name to replace."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("mirror.example") == text.count(ADDRESS)


def job_of(name, config):
    """(variables, command lines) of the job that a CI service would run."""
    if name == "github-actions":
        job = config["jobs"]["test"]
        return job["env"], [step["run"] for step in job["steps"] if "run" in step]
    return config["variables"], config["test"]["script"]


@pytest.mark.parametrize("name", ["github-actions", "gitlab-ci"])
def test_a_job_of_a_ci_service_downloads_through_the_mirror(hub, net, client, repo, name):
    """Its lines as they are, in bash, but for pip: the package is installed already."""
    model, sha = repo([("model.safetensors", 300_000)])
    python = client("hub", net)
    text = snippet(name, net.url).replace(MINILM, model)
    parsed = python.run(f"import json, yaml\nprint(json.dumps(yaml.safe_load({text!r})))")
    variables, lines = job_of(name, json.loads(parsed))
    assert lines.pop(0) == "pip install huggingface_hub"
    variables = {key: value.replace("$CI_PROJECT_DIR", str(python.home))
                 for key, value in variables.items()}
    python.execute(["bash", "-ec", "\n".join(lines)], **variables)
    found = python.home.glob(f"**/snapshots/{sha}/model.safetensors")
    assert [sha256_of(path) for path in found] == [hub.sha256("models", model, sha,
                                                              "model.safetensors")]
