// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/status.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "fs/base/readable.h"
#include "fs/cli/control_client.h"

namespace hubfs::cli {
namespace {

namespace json = boost::json;

using Row = std::pair<std::string, std::string>;  // "cache.used_bytes", as shown

constexpr int kDepthMax = 8;

// "used_bytes" and "bytes_served" alike.
bool counts_bytes(std::string_view key) {
    const std::string_view name = key.substr(key.rfind('.') + 1);
    return name.ends_with("bytes") || name.starts_with("bytes");
}

std::string shown(std::string_view key, const json::value& value) {
    if (value.is_string()) {
        return std::string(value.get_string());
    }
    if (value.is_number() && counts_bytes(key)) {
        return readable_size(value.to_number<double>());
    }
    return json::serialize(value);
}

void flatten(const std::string& prefix, const json::object& object, int depth,
             std::vector<Row>& rows) {
    for (const auto& [key, value] : object) {
        const std::string name = prefix + std::string(key);
        if (value.is_object() && depth < kDepthMax) {
            flatten(name + ".", value.get_object(), depth + 1, rows);
        } else {
            rows.emplace_back(name, shown(name, value));
        }
    }
}

Result<std::vector<Row>> rows_of(std::string_view text) {
    boost::system::error_code bad;
    const json::value value = json::parse(text, bad);
    if (bad || !value.is_object()) {
        return fail(Code::invalid, "the answer is no JSON object");
    }
    std::vector<Row> rows;
    flatten("", value.get_object(), 0, rows);
    return rows;
}

struct LineItem {
    std::string_view label;
    std::string_view key;
};

constexpr auto kLine = std::to_array<LineItem>({
    {"up s", "uptime_seconds"},
    {"repositories", "catalog.repos"},
    {"asked", "catalog.asked"},
    {"fetched", "cache.bytes_fetched"},
    {"served", "cache.bytes_served"},
    {"cached", "cache.used_bytes"},
    {"of", "cache.limit_bytes"},
    {"files", "cache.contents"},
    {"verified", "cache.verified_contents"},
});

}  // namespace

Result<std::string> status_table(std::string_view text) {
    const auto rows = rows_of(text);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::size_t width = 0;
    for (const Row& row : *rows) {
        width = std::max(width, row.first.size());
    }
    std::string out;
    for (const auto& [name, value] : *rows) {
        out += name + std::string(width - name.size() + 2, ' ') + value + "\n";
    }
    return out;
}

Result<std::string> status_line(std::string_view text) {
    const auto rows = rows_of(text);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::string out;
    for (const LineItem& item : kLine) {
        const auto row = std::ranges::find(*rows, item.key, &Row::first);
        if (row != rows->end()) {
            out += (out.empty() ? "" : "  ") + std::string(item.label) + " " + row->second;
        }
    }
    return out + "\n";
}

int run_status(const Options& options, bool as_json, bool as_line) {
    const std::string socket = options.text("node.run_dir") + "/hubfs.sock";
    auto answer = ask(socket, R"({"op":"status"})");
    if (!answer) {
        const bool absent = answer.error().code == Code::unreachable;
        std::fprintf(stderr, "hf-mirror: hubfs %s (%s)\n",
                     absent ? "is not running" : "does not answer", answer.error().message.c_str());
        return 1;
    }
    if (as_json) {
        std::printf("%s\n", answer->c_str());
        return 0;
    }
    const auto text = as_line ? status_line(*answer) : status_table(*answer);
    if (!text) {
        std::fprintf(stderr, "hf-mirror: %s\n", text.error().message.c_str());
        return 1;
    }
    std::fputs(text->c_str(), stdout);
    return 0;
}

}  // namespace hubfs::cli
