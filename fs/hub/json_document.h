// SPDX-License-Identifier: Apache-2.0
// One JSON text as a tree of values, read strictly: UTF-8, bounded nesting, no key twice in one
// object (the Hub never sends that, and two readers could disagree about it). Internal to fs/hub:
// the only header that shows Boost.JSON. Knows nothing of what the text means.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "fs/base/result.h"

namespace hubfs::hub {

// Owns the memory that its values and their strings point into. Move-only, immutable.
class JsonDocument {
public:
    // Anything wrong is Code::protocol.
    static Result<JsonDocument> parse(std::string_view text);
    [[nodiscard]] const boost::json::value& root() const { return *root_; }

private:
    using Memory = boost::json::monotonic_resource;
    JsonDocument(std::unique_ptr<Memory> memory, std::unique_ptr<boost::json::value> root)
        : memory_(std::move(memory)), root_(std::move(root)) {}

    std::unique_ptr<Memory> memory_;  // before root_: it must die last
    std::unique_ptr<boost::json::value> root_;
};

// Members of an object by type. Absent and null are the same; another type is Code::protocol and
// names the key. Text lives as long as the document.
[[nodiscard]] Result<std::optional<std::string_view>> text_at(const boost::json::object& object,
                                                              std::string_view key);
[[nodiscard]] Result<std::string_view> required_text(const boost::json::object& object,
                                                     std::string_view key);
[[nodiscard]] Result<bool> flag_at(const boost::json::object& object, std::string_view key);
// A whole number from 0 to kSizeMax; must be there.
[[nodiscard]] Result<std::uint64_t> size_at(const boost::json::object& object,
                                            std::string_view key);

}  // namespace hubfs::hub
