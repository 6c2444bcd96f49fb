// SPDX-License-Identifier: Apache-2.0
// The library's exceptions are compiled out: a mistake is a value here too. Its assertions as well:
// some of them fail for what merely is bad TOML ("[!]"), abort in a debug build and promise the
// optimizer something untrue in a release build; its error handling behind them is right. The same
// goes for places it calls unreachable: "ä = 1" reaches one (its table of white space ends there).
#include "fs/base/toml_reader.h"

#undef NDEBUG  // with it the assertions become assumptions, whatever TOML_ASSERT is
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/impl/forward_declarations.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE \
    return {}
#include <toml++/impl/unicode.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE __builtin_unreachable()
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace hubfs {
namespace {

// Nested values beyond this are no option's; they arrive as empty lists.
constexpr int kDepthMax = 4;

RawValue raw_of(const toml::node& node, int depth) {
    RawValue raw;
    if (const auto* text = node.as_string()) {
        raw.kind = RawKind::text;
        raw.text = text->get();
    } else if (const auto* flag = node.as_boolean()) {
        raw.kind = RawKind::flag;
        raw.flag = flag->get();
    } else if (const auto* integer = node.as_integer()) {
        raw.kind = RawKind::integer;
        raw.integer = integer->get();
    } else if (node.is_floating_point()) {
        raw.kind = RawKind::real;
    } else if (const auto* list = node.as_array()) {
        raw.kind = RawKind::list;
        if (depth < kDepthMax) {
            for (const toml::node& item : *list) {
                raw.items.push_back(raw_of(item, depth + 1));
            }
        }
    } else if (node.is_table()) {
        raw.kind = RawKind::table;
    } else {
        raw.kind = RawKind::date;
    }
    return raw;
}

SyntaxMistake mistake_of(const toml::parse_error& error) {
    return {error.source().begin.line, std::string(error.description())};
}

std::size_t line_of(const toml::key& key) {
    return key.source().begin.line;
}

}  // namespace

std::expected<std::vector<RawEntry>, SyntaxMistake> read_toml(std::string_view text) {
    if (text.size() > kTomlBytesMax) {
        return std::unexpected(SyntaxMistake{1, "the file is larger than 1 MiB"});
    }
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        return std::unexpected(mistake_of(parsed.error()));
    }
    std::vector<RawEntry> entries;
    for (const auto& [table_key, node] : parsed.table()) {
        const std::string table_name(table_key.str());
        const toml::table* const table = node.as_table();
        if (table == nullptr) {
            entries.push_back({table_name, line_of(table_key), raw_of(node, 0)});
            continue;
        }
        if (table->empty()) {
            entries.push_back({table_name, line_of(table_key), raw_of(node, 0)});
        }
        for (const auto& [key, value] : *table) {
            entries.push_back(
                {table_name + "." + std::string(key.str()), line_of(key), raw_of(value, 0)});
        }
    }
    std::ranges::stable_sort(entries, {}, &RawEntry::line);
    return entries;
}

std::expected<RawValue, SyntaxMistake> read_toml_value(std::string_view text) {
    const std::string line = "value = " + std::string(text);
    if (line.size() > kTomlBytesMax) {
        return std::unexpected(SyntaxMistake{1, "the value is larger than 1 MiB"});
    }
    const toml::parse_result parsed = toml::parse(std::string_view(line));
    if (!parsed) {
        return std::unexpected(mistake_of(parsed.error()));
    }
    const toml::node* const node = parsed.table().get("value");
    if (node == nullptr || parsed.table().size() != 1) {
        return std::unexpected(SyntaxMistake{1, "more than one value"});
    }
    return raw_of(*node, 0);
}

std::string_view name_of(RawKind kind) {
    switch (kind) {
        case RawKind::text: return "text";
        case RawKind::flag: return "true or false";
        case RawKind::integer: return "an integer";
        case RawKind::real: return "a number with a fraction";
        case RawKind::date: return "a date or time";
        case RawKind::list: return "a list";
        case RawKind::table: return "a table";
    }
    return "something else";
}

}  // namespace hubfs
