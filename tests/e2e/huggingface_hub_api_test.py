# SPDX-License-Identifier: Apache-2.0
"""HfApi's read calls: what each returns through the mirror is what it returns at the Hub.

The same program runs twice, before the emulated Hub and inside, before the mirror. Only what a
mirror hides on purpose (Xet) and the addresses may differ.
"""

import hashlib
import json

import pytest

VERSIONS = ["hub", "hub1", "hub036", "hub024"]

CODE = """
import json, sys
from huggingface_hub import HfApi
api = HfApi()

def plain(value):
    if hasattr(value, "__dict__"):
        value = vars(value)
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items() if "xet" not in str(key)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)

small, tiny = "demo/small", "demo/tiny"
calls = {
    "model_info": lambda: api.model_info(small),
    "files_metadata": lambda: api.model_info(small, files_metadata=True),
    "expand": lambda: api.model_info(small, expand=["sha", "siblings", "tags", "downloads"]),
    "revision": lambda: api.model_info(small, revision="dev"),
    "pull request": lambda: api.model_info(small, revision="refs/pr/1"),
    "dataset_info": lambda: api.dataset_info(tiny),
    "parquet": lambda: api.dataset_info(tiny, revision="refs/convert/parquet"),
    "space_info": lambda: api.space_info("demo/space"),
    "renamed": lambda: api.model_info("old-org/old-name"),
    "other case": lambda: api.model_info("DEMO/small"),
    "one segment": lambda: api.model_info("tinybert"),
    "tree": lambda: list(api.list_repo_tree(small, recursive=True)),
    "tree of a tag": lambda: list(api.list_repo_tree(small, revision="v1.0")),
    "expanded tree": lambda: list(api.list_repo_tree(small, expand=True)),
    "data tree": lambda: list(api.list_repo_tree(tiny, repo_type="dataset")),
    "paths": lambda: api.get_paths_info(small, ["config.json", "nope", "README.md"]),
    "expanded paths": lambda: api.get_paths_info(small, ["config.json"], expand=True),
    "files": lambda: api.list_repo_files(small),
    "refs": lambda: api.list_repo_refs(small, include_pull_requests=True),
    "commits": lambda: api.list_repo_commits(small, revision="feature/x"),
    "exists": lambda: [api.repo_exists(small), api.revision_exists(small, "v0"),
                       api.revision_exists(small, "nope"),
                       api.file_exists(small, "config.json"), api.file_exists(small, "nope")],
    "models": lambda: list(api.list_models(author="demo", sort="downloads", limit=7)),
    "full": lambda: list(api.list_models(author="demo", full=True, cardData=True)),
    "datasets": lambda: list(api.list_datasets(search="tiny", full=True)),
    "spaces": lambda: list(api.list_spaces(author="demo")),
    "tags": lambda: [api.get_model_tags(), api.get_dataset_tags()],
    "gated": lambda: api.model_info("gated-org/gated-model"),
    "gated tree": lambda: list(api.list_repo_tree("gated-org/gated-model")),
    "discussions": lambda: list(api.get_repo_discussions(small)),
}
answers = {}
for name, call in calls.items():
    try:
        answers[name] = plain(call())
    except Exception as error:
        answers[name] = [type(error).__name__, getattr(error, "server_message", None)]
print(json.dumps(answers))
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_every_read_call_answers_as_the_hub_does(hub, mirror, net, client, version):
    direct = client(version).run(CODE, HF_ENDPOINT=hub.url)
    truth = json.loads(direct.replace(hub.url, mirror.http).splitlines()[-1])
    out = client(version, net).run(CODE, HF_ENDPOINT=mirror.http)
    answers = json.loads(out.splitlines()[-1])
    different = {name: (answers[name], truth[name]) for name in truth
                 if answers[name] != truth[name]}
    assert different == {}
    refused = {name for name, answer in truth.items()
               if isinstance(answer, list) and answer and str(answer[0]).endswith("Error")}
    assert refused <= {"gated tree", "discussions"}, {name: truth[name] for name in refused}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_metadata_of_a_file_is_told_by_head(hub, mirror, net, client, version):
    """Commit, ETag and size of git files and LFS files; and that a repository does not exist."""
    files = [("demo/small", "config.json", False), ("tinybert", "config.json", False),
             ("demo/big", "blob-1m.bin", True)]
    out = client(version, net).run(f"""
import json
from huggingface_hub import get_hf_file_metadata, hf_hub_url, repo_exists
found = [get_hf_file_metadata(hf_hub_url(repo, file)) for repo, file, _ in {files}]
print(json.dumps([repo_exists("demo/nope"), *([f.commit_hash, f.etag, f.size] for f in found)]))
""", HF_ENDPOINT=mirror.http)
    nope, *answers = json.loads(out.splitlines()[-1])
    assert nope is False
    for (name, path, lfs), answer in zip(files, answers):
        content = hub.content_of("models", name, "main", path)
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        assert answer == [hub.refs("models", name)["main"],
                          hashlib.sha256(content).hexdigest() if lfs else blob, len(content)]
