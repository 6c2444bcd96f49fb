// SPDX-License-Identifier: Apache-2.0
// Any body and Link field against every recorded fact: judged without end or crash, and an answer
// that is no JSON never passes where JSON was recorded. The first byte chooses the fact.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fs/doctor/facts.h"
#include "fs/doctor/upstream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto facts = hubfs::doctor::parse_facts(hubfs::doctor::recorded_facts()).value();
    if (size == 0) {
        return 0;
    }
    const hubfs::doctor::Fact& fact = facts[data[0] % facts.size()];
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    hubfs::upstream::OneAnswer answer;
    answer.head.status = fact.status;
    answer.head.fields = {{"link", std::string(text)}, {"etag", std::string(text)}};
    answer.body = text;
    const auto findings = hubfs::doctor::judge(fact, answer);
    if (findings.empty() ||
        (!fact.body.is_null() && text.empty() && !hubfs::doctor::any_failed(findings))) {
        std::abort();
    }
    for (const auto& finding : findings) {
        if (hubfs::doctor::to_text(finding, "to do").find('\x1b') != std::string::npos) {
            std::abort();
        }
    }
    return 0;
}
