// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/report.h"

#include <algorithm>
#include <utility>

namespace hubfs::doctor {
namespace {

constexpr std::size_t kCheckWidth = 18;  // columns of the check's name
constexpr std::size_t kLineMax = 400;    // characters of a line; answers can be long

std::string printable(std::string_view text) {
    std::string out(text.substr(0, kLineMax));
    std::ranges::replace_if(out, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
    return text.size() > kLineMax ? out + "…" : out;
}

std::string_view word(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass: return "pass";
        case Verdict::fail: return "FAIL";
        case Verdict::note: return "note";
    }
    return "note";
}

}  // namespace

Finding passed(std::string_view check, std::string line) {
    return {Verdict::pass, std::string(check), std::move(line)};
}

Finding failed(std::string_view check, std::string line, std::string advice) {
    return {Verdict::fail, std::string(check), std::move(line), std::move(advice)};
}

Finding noted(std::string_view check, std::string line, std::string advice) {
    return {Verdict::note, std::string(check), std::move(line), std::move(advice)};
}

std::string to_text(const Finding& finding, std::string_view lead) {
    const std::size_t gap =
        finding.check.size() < kCheckWidth ? kCheckWidth - finding.check.size() : 1;
    std::string text = std::string(word(finding.verdict)) + "  " + finding.check +
                       std::string(gap, ' ') + printable(finding.line) + "\n";
    if (!finding.advice.empty() && finding.verdict != Verdict::pass) {
        text += "      " + std::string(lead) + ": " + printable(finding.advice) + "\n";
    }
    return text;
}

std::string summary(std::span<const Finding> findings) {
    const auto count = [&](Verdict verdict) {
        return std::to_string(std::ranges::count(findings, verdict, &Finding::verdict));
    };
    std::string text = count(Verdict::pass) + " passed, " + count(Verdict::fail) + " failed";
    if (const std::string notes = count(Verdict::note); notes != "0") {
        text += ", " + notes + (notes == "1" ? " note" : " notes");
    }
    return text + "\n";
}

bool any_failed(std::span<const Finding> findings) {
    return std::ranges::find(findings, Verdict::fail, &Finding::verdict) != findings.end();
}

}  // namespace hubfs::doctor
