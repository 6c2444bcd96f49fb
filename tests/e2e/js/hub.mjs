// SPDX-License-Identifier: Apache-2.0
// @huggingface/hub by its whole reading face: node hub.mjs ENDPOINT REPO. The endpoint is the
// client's own option; the result is one line of JSON with hashes for the test to compare.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { downloadFile, fileExists, listFiles, listModels, modelInfo, snapshotDownload }
    from "@huggingface/hub";

const [hubUrl, repo] = process.argv.slice(2);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function listed() {
    const found = {};
    for await (const item of listFiles({ repo, hubUrl, recursive: true })) {
        if (item.type === "file") {
            found[item.path] = item.size;
        }
    }
    return found;
}

async function downloaded(path) {
    const blob = await downloadFile({ repo, hubUrl, path });
    return blob && { size: blob.size, sha256: sha256(new Uint8Array(await blob.arrayBuffer())) };
}

async function part(path, from, to) {
    const blob = await downloadFile({ repo, hubUrl, path });
    return sha256(new Uint8Array(await blob.slice(from, to).arrayBuffer()));
}

function hashes(folder, below = folder) {
    return readdirSync(below).flatMap((name) => {
        const path = join(below, name);
        return statSync(path).isDirectory() ? hashes(folder, path)
            : [[relative(folder, path), sha256(readFileSync(path))]];
    });
}

const files = await listed();
const paths = Object.keys(files);
const biggest = paths.reduce((a, b) => files[a] >= files[b] ? a : b);
const info = await modelInfo({ name: repo, hubUrl, additionalFields: ["sha"] });
const cacheDir = mkdtempSync(join(process.env.HOME, "snapshot-"));
const names = [];
for await (const model of listModels({ hubUrl, search: { owner: "crowd" } })) {
    names.push(model.name);
}
console.log(JSON.stringify({
    files,
    sha: info.sha,
    one: [biggest, await downloaded(biggest)],
    part: await part(biggest, 1000, 5000),
    exists: [await fileExists({ repo, hubUrl, path: biggest }),
        await fileExists({ repo, hubUrl, path: "not there" })],
    absent: await downloadFile({ repo, hubUrl, path: "not there" }),
    snapshot: Object.fromEntries(hashes(await snapshotDownload({ repo, hubUrl, cacheDir }))),
    names,
}));
