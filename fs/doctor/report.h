// SPDX-License-Identifier: Apache-2.0
// What a check found, and how it is printed: a line for each, and on failure a second one that says
// what to do, or what to send to whom. Pure; knows nothing of what is checked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hubfs::doctor {

enum class Verdict : std::uint8_t { pass, fail, note };  // note: worth knowing, harmless

struct Finding {
    Verdict verdict = Verdict::pass;
    std::string check;     // "small file"
    std::string line;      // what was seen; one line
    std::string advice{};  // for failures and notes: one sentence; may be empty
};

using Findings = std::vector<Finding>;

[[nodiscard]] Finding passed(std::string_view check, std::string line);
[[nodiscard]] Finding failed(std::string_view check, std::string line, std::string advice);
[[nodiscard]] Finding noted(std::string_view check, std::string line, std::string advice = {});

// "pass  small file   config.json, 519 bytes\n"; advice on a line of its own after `lead`, which
// says whom it is for ("to do"). Control characters of answers are shown as "?".
[[nodiscard]] std::string to_text(const Finding& finding, std::string_view lead);

// "12 passed, 1 failed\n"; notes are counted only when there are any.
[[nodiscard]] std::string summary(std::span<const Finding> findings);

[[nodiscard]] bool any_failed(std::span<const Finding> findings);

}  // namespace hubfs::doctor
