// SPDX-License-Identifier: Apache-2.0
// The three doctors, as `hf-mirror doctor` runs them: they ask, print to standard output, and
// return the exit code: 0 when nothing failed, 1 when something did or nobody answered, 2 for words
// that can never work. The one header of this folder that others include.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fs/base/options.h"

namespace hubfs::doctor {

struct ClientWords {
    std::string url;
    std::string repo{};     // empty: kDefaultRepo
    std::string token{};    // empty: none
    std::string ca_file{};  // empty: the system's
};

// Small enough to ask for anywhere; the recordings are of it, too.
inline constexpr const char* kDefaultRepo = "openai-community/gpt2";

// A mirror, from the side of its clients; a proxy is used as the environment says.
int run_client(const ClientWords& words);

// A Hub against the recorded facts. `url` empty: upstream.url. The way there (proxy, authorities,
// hosts of content) is that of the configuration.
int run_upstream(const Options& options, const std::string& url, const std::string& repo);

// This machine and its configuration. `held_bytes`: what the running hubfs says it holds.
int run_node(const Options& options, std::optional<std::uint64_t> held_bytes);

}  // namespace hubfs::doctor
