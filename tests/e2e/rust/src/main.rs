// SPDX-License-Identifier: Apache-2.0
// hf-hub as candle and others use it. The endpoint and the cache are HF_ENDPOINT and HF_HOME.
//   hf-hub-client                          the lines of docs/clients.md; prints the file's path
//   hf-hub-client [datasets/]REPO FILE...  prints the commit and each file's path

use hf_hub::api::sync::ApiBuilder;
use hf_hub::{Repo, RepoType};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn page() -> Outcome {
    let api = hf_hub::api::sync::ApiBuilder::from_env().build()?;
    let path = api.model("demo/small".to_string()).get("config.json")?;
    println!("{}", path.display());
    Ok(())
}

fn fetch(id: String, files: impl Iterator<Item = String>) -> Outcome {
    let repo = match id.strip_prefix("datasets/") {
        Some(name) => Repo::new(name.to_string(), RepoType::Dataset),
        None => Repo::new(id, RepoType::Model),
    };
    let api = ApiBuilder::from_env().with_progress(false).build()?.repo(repo);
    println!("{}", api.info()?.sha);
    for file in files {
        println!("{}", api.get(&file)?.display());
    }
    Ok(())
}

fn main() -> Outcome {
    let mut words = std::env::args().skip(1);
    match words.next() {
        Some(id) => fetch(id, words),
        None => page(),
    }
}
