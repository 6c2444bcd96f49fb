// SPDX-License-Identifier: Apache-2.0
// Runs in Chromium, in a page of another origin than the mirror's: @huggingface/hub and
// @huggingface/transformers through CORS. The page's origin serves this file, the packages below
// /npm/ and /task.json, and takes the result at /result.
import { downloadFile, listFiles } from "@huggingface/hub";
import { env, pipeline } from "@huggingface/transformers";

const { hubUrl, repo, path, token, model } = await (await fetch("/task.json")).json();

async function sha256(blob) {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function all(pages, key) {
    const found = [];
    for await (const item of pages) {
        found.push(item[key]);
    }
    return found;
}

// What a script of another origin may see of an answer.
async function seen(target, options) {
    const answer = await fetch(hubUrl + target, options);
    const names = ["x-repo-commit", "etag", "x-linked-size", "content-range", "x-error-code",
        "x-cache", "link"];
    return { status: answer.status,
        headers: Object.fromEntries(names.map((name) => [name, answer.headers.get(name)])) };
}

async function cosine() {
    env.remoteHost = hubUrl;
    env.backends.onnx.wasm.wasmPaths = new URL("/npm/onnxruntime-web/dist/", location).href;
    const embed = await pipeline("feature-extraction", model, { dtype: "q8", device: "wasm" });
    const [a, b] = (await embed(["The mirror keeps a copy of the model.",
        "A cache stores the weights locally."], { pooling: "mean", normalize: true })).tolist();
    return a.reduce((sum, value, at) => sum + value * b[at], 0);
}

async function work() {
    const file = `/${repo}/resolve/main/${path}`;
    return {
        files: await all(listFiles({ repo, hubUrl, recursive: true }), "path"),
        plain: await sha256(await downloadFile({ repo, hubUrl, path })),
        // A token makes the browser ask first, by OPTIONS.
        with_token: await sha256(await downloadFile({ repo, hubUrl, path, accessToken: token })),
        range: await seen(file, { headers: { Range: "bytes=0-0" } }),
        several: await seen(file, { headers: { Range: "bytes=0-0,5-9" } }),  // asks first, too
        absent: await seen(`/${repo}/resolve/main/absent`),
        tree: await seen("/api/models/demo/wide/tree/main/files"),
        cosine: model ? await cosine() : null,
    };
}

work().catch((error) => ({ error: String(error.stack ?? error) }))
    .then((result) => fetch("/result", { method: "POST", body: JSON.stringify(result) }));
