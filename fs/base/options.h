// SPDX-License-Identifier: Apache-2.0
// The configuration of all programs: one table of options (type, default, unit, help), read from a
// TOML file and --set TABLE.KEY=VALUE (repeatable, wins). Every mistake is named as
// "file:line: key: reason" (for --set the file is "--set"). Values are immutable once loaded.
//
// Each program reads only its own tables: a mistake in another program's is not its business (see
// ConfigSource::tables). An unknown table belongs to nobody and is an error in all of them.
// A key whose feature is not built yet is refused, with that reason, at any value but its default.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hubfs {

enum class OptionType : std::uint8_t { text, flag, count, duration, size, list };

struct OptionSpec {
    std::string_view key;  // "upstream.deadline"
    OptionType type;
    std::string_view default_value;  // as TOML: "\"30s\"", "true", "[]"
    std::string_view unit;           // "duration", "bytes", "connections", …; empty for text
    std::string_view help;           // one sentence
    std::string_view unbuilt;        // why another value is refused; empty when it is built
};

// Every option there is, in the order of the documentation.
[[nodiscard]] std::span<const OptionSpec> all_options();

// What every program's command line may carry besides its own words.
struct ConfigSource {
    std::optional<std::string> file;  // --config; else $HF_MIRROR_CONFIG; else the default file
    std::vector<std::string> sets;    // "TABLE.KEY=VALUE"; a TOML value, a bare word is a string
    // The tables this program reads; empty: all. In the known tables of others every mistake is
    // passed over and the default stays, but for unknown keys of --set: those are typed by hand.
    std::vector<std::string_view> tables = {};
    // Whether files that options name must be there (a node about to start, config check).
    bool files_must_exist = false;
};

// "250ms 10s 5m 1h 14d"; "1MiB 10GB 4096"; nothing for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

class Options {
public:
    // On failure every mistake found, one line each, in file order.
    static std::expected<Options, std::vector<std::string>> load(const ConfigSource& source);

    // Asking for a key that is not in the table, or by the wrong type, is our own mistake: abort.
    [[nodiscard]] const std::string& text(std::string_view key) const;
    [[nodiscard]] bool flag(std::string_view key) const;
    [[nodiscard]] std::uint64_t count(std::string_view key) const;
    [[nodiscard]] std::chrono::milliseconds duration(std::string_view key) const;
    [[nodiscard]] std::uint64_t size(std::string_view key) const;
    [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const;

    // The whole configuration as TOML with defaults filled in: reading it gives the same values.
    [[nodiscard]] std::string to_toml() const;
    // Where the file came from, empty when there was none.
    [[nodiscard]] const std::string& file() const { return file_; }

private:
    using Value = std::variant<std::string, bool, std::uint64_t, std::chrono::milliseconds,
                               std::vector<std::string>>;
    std::map<std::string, Value, std::less<>> values_;
    std::string file_;
};

}  // namespace hubfs
