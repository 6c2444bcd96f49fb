// SPDX-License-Identifier: Apache-2.0
// node-llama-cpp: node llama.mjs ADDRESS [load]. Fetches a GGUF by an hf: address (the endpoint is
// HF_ENDPOINT) and, told to load, embeds two sentences with it on the processor alone.
import { getLlama, resolveModelFile } from "node-llama-cpp";

const [address, load] = process.argv.slice(2);
const path = await resolveModelFile(address, "models");
let cosine = null;
if (load) {
    const llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
    const model = await llama.loadModel({ modelPath: path });
    const context = await model.createEmbeddingContext();
    const first = await context.getEmbeddingFor("The mirror keeps a copy of the model.");
    const second = await context.getEmbeddingFor("A cache stores the weights locally.");
    cosine = first.calculateCosineSimilarity(second);
    await llama.dispose();
}
console.log(JSON.stringify({ path, cosine }));
