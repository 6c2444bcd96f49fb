// SPDX-License-Identifier: Apache-2.0
// Readers that fetch a file's head by ranges: node heads.mjs ENDPOINT. @huggingface/gguf (its
// metadata) and hyparquet (the footer of a Parquet file).
import { gguf } from "@huggingface/gguf";
import { asyncBufferFromUrl, parquetMetadataAsync } from "hyparquet";

const endpoint = process.argv[2];
const { metadata } = await gguf(`${endpoint}/demo/gguf/resolve/main/demo-Q4_K_M.gguf`);
const url = `${endpoint}/datasets/demo/flights-3m/resolve/main/data/train-00000-of-00001.parquet`;
const footer = await parquetMetadataAsync(await asyncBufferFromUrl({ url }));
console.log(JSON.stringify({
    gguf: { architecture: metadata["general.architecture"], version: Number(metadata.version) },
    rows: Number(footer.num_rows),
    groups: footer.row_groups.length,
}));
