# SPDX-License-Identifier: Apache-2.0
# Every recorded answer that tests/hub/recordings/answers.json claims is reproduced by the
# running emulator: status, headers with the ETag, and the body where it was recorded.
import json
import os
import re
from urllib.parse import urlsplit

import pytest

from hub import recorded
from hub.git_objects import blob_id
from hub.headers import weak_etag

ANSWERS = recorded.load(recorded.FOLDER, "answers")
PLAIN = [a for a in ANSWERS if "headers" in a]
DOWNLOADS = [a for a in ANSWERS if "file_etag" in a]
PATTERNS = [a for a in ANSWERS if "pattern_headers" in a]


def name(answer):
    return f"{answer['source'].split('-')[0]}:{answer['id']}"


def local(value, hub):
    """A recorded header with the live hosts replaced by the emulator's."""
    return (value.replace("https://cas-server.xethub.hf.co", hub.cdn_url + "/cas")
            .replace("https://us.aws.cdn.hf.co", hub.cdn_url)
            .replace("https://huggingface.co", hub.url))


def check_header(key, wanted, answer, hub):
    found = answer.headers.get(key)
    assert found is not None, f"{key} is missing"
    if key == "access-control-allow-origin":
        assert found == wanted
    elif key == "location":
        wanted, found = urlsplit(local(wanted, hub)), urlsplit(found)
        assert (found.netloc, found.path) == (wanted.netloc, wanted.path)
    else:
        assert found == local(wanted, hub), key


@pytest.mark.parametrize("recording", PLAIN, ids=name)
def test_a_recorded_answer_is_reproduced(recording, hub, get):
    answer = get(recording["target"], recording["method"], token=recording["as"],
                 headers={"Accept-Encoding": "identity"})
    assert answer.status == recording["status"]
    for key, wanted in recording["headers"].items():
        check_header(key, wanted, answer, hub)
    if "body" in recording:
        assert answer.text == recording["body"]
    if "body_start" in recording:
        assert answer.text.startswith(recording["body_start"])
    if "json_first" in recording:
        wanted = recording["json_first"]
        assert json.loads(answer.body)[:len(wanted)] == wanted
    if "json_without" in recording:
        items = json.loads(answer.body)
        for item in items:
            for key in recording["json_without"]["keys"]:
                item.pop(key, None)
        assert items == recording["json_without"]["value"]


@pytest.mark.parametrize("recording", DOWNLOADS, ids=name)
def test_huggingface_js_sees_the_recorded_size_and_etag(recording, get):
    """It asks for one byte, and reads X-Linked-* first, then Content-Range and ETag."""
    options = {"headers": {"Range": recording["range"]}}
    answer = get(recording["target"], **options)
    if answer.status == 307:
        answer = get(answer.headers["location"], **options)
    if answer.status == 302:
        size, etag = answer.headers["x-linked-size"], answer.headers["x-linked-etag"]
    else:
        assert answer.status == 206
        size, etag = answer.headers["content-range"].split("/")[1], answer.headers["etag"]
    assert (int(size), etag) == (recording["file_size"], recording["file_etag"])


@pytest.mark.parametrize("recording", PATTERNS, ids=name)
def test_a_published_header_set_is_sent(recording, hub, get):
    """Names must all be there; values where the dump has no placeholder and is not a count."""
    answer = get(recording["target"], recording["method"])
    assert answer.status == recording["status"]
    for key, wanted in recording["pattern_headers"].items():
        if key in ("location", "link"):
            assert key in answer.headers
        elif key in ("ratelimit", "ratelimit-policy"):
            form = re.sub(r"\d+", r"\\d+", re.escape(wanted))
            assert re.fullmatch(form, answer.headers[key])
        elif "<" in wanted:
            assert key in answer.headers, key
        else:
            check_header(key, wanted, answer, hub)
    if "body" in recording:
        assert answer.text == recording["body"]


def test_the_etag_rule_holds_for_every_recorded_body():
    checked = 0
    for recording in PLAIN:
        etag = recording["headers"].get("etag")
        if etag is None or "body" not in recording:
            continue
        body = recording["body"].encode()
        assert etag == (weak_etag(body) if etag.startswith("W/") else f'"{blob_id(body)}"')
        checked += 1
    assert checked >= 20


def test_the_recordings_are_small_and_name_no_folder_outside():
    paths = [os.path.join(recorded.FOLDER, n) for n in os.listdir(recorded.FOLDER)]
    assert sum(os.path.getsize(p) for p in paths) < 300_000
    for path in paths:
        with open(path, encoding="utf-8") as file:
            assert "shared/" not in file.read()


def test_bytes_that_were_never_recorded_are_refused(hub, get):
    head = get("/openai-community/gpt2/resolve/main/model.safetensors", "HEAD")
    assert head.headers["x-linked-size"] == "548105171"
    assert get(head.headers["location"]).status == 503
    assert get("/api/models/google-bert/bert-base-uncased/tree/main").status == 503
