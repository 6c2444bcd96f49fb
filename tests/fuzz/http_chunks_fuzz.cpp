// SPDX-License-Identifier: Apache-2.0
// Any bytes as a chunked body: the result must not depend on how they are cut on the way.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "httpd/h1/body_framing.h"

namespace {

struct Result {
    bool good = true;
    bool done = false;
    std::string body;
    friend bool operator==(const Result&, const Result&) = default;
};

Result run(std::string_view wire, std::size_t step) {
    auto framing = httpd::h1::BodyFraming::chunked();
    Result result;
    std::string buffer;
    while (!wire.empty() && !framing.done()) {
        buffer += wire.substr(0, step);
        wire.remove_prefix(std::min(step, wire.size()));
        const auto used = framing.feed(buffer, result.body);
        if (!used) {
            return {false, false, {}};
        }
        buffer.erase(0, *used);
    }
    result.done = framing.done();
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view wire(reinterpret_cast<const char*>(data), size);
    if (!(run(wire, 1) == run(wire, size + 1))) {
        std::abort();
    }
    return 0;
}
