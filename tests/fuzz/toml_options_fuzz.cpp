// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file: the reader, the conversion of every known key, and values
// that are accepted must be written in a form that reads back as the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fs/base/address.h"
#include "fs/base/option_values.h"
#include "fs/base/options.h"
#include "fs/base/toml_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    (void)hubfs::parse_plain_url(text);
    (void)hubfs::parse_host_pattern(text);
    (void)hubfs::read_toml_value(text);
    const auto entries = hubfs::read_toml(text);
    if (!entries) {
        return 0;
    }
    for (const hubfs::RawEntry& entry : *entries) {
        (void)hubfs::suggestion(entry.key);
        for (const hubfs::OptionSpec& spec : hubfs::all_options()) {
            if (spec.key != entry.key) {
                continue;
            }
            const auto value = hubfs::option_value(spec, entry.value, false);
            if (!value) {
                continue;
            }
            const auto raw = hubfs::read_toml_value(hubfs::to_toml_value(spec.type, *value));
            if (!raw || hubfs::option_value(spec, *raw, false) != value) {
                std::abort();
            }
        }
    }
    return 0;
}
