// SPDX-License-Identifier: Apache-2.0
// Puts the layers together: defaults, then the file, then --set. Every mistake is collected with
// the place it stands at; only a configuration without mistakes becomes an Options.
#include "fs/base/options.h"

#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "fs/base/address.h"
#include "fs/base/option_checks.h"
#include "fs/base/option_values.h"
#include "fs/base/text.h"
#include "fs/base/toml_reader.h"

namespace hubfs {
namespace {

constexpr const char* kDefaultFile = "/etc/hf-mirror/hf-mirror.toml";
constexpr const char* kFileVariable = "HF_MIRROR_CONFIG";

const OptionSpec* find_spec(std::string_view key) {
    const auto options = all_options();
    const auto found = std::ranges::find(options, key, &OptionSpec::key);
    return found == options.end() ? nullptr : &*found;
}

bool known_table(std::string_view name) {
    return std::ranges::any_of(all_options(), [name](const OptionSpec& spec) {
        return spec.key.substr(0, spec.key.find('.')) == name;
    });
}

[[noreturn]] void our_mistake(std::string_view key) {
    std::fprintf(stderr, "options: no option of that type: %s\n", std::string(key).c_str());
    std::abort();
}

class Loader {
public:
    explicit Loader(const std::vector<std::string_view>& tables) : tables_(tables) {
        for (const OptionSpec& spec : all_options()) {
            values_.emplace(spec.key, default_value(spec));
        }
    }

    void read_file(const std::string& file) {
        const auto text = slurp(file);
        if (!text) {
            return;
        }
        const auto entries = read_toml(*text);
        if (!entries) {
            const SyntaxMistake& mistake = entries.error();
            mistakes_.push_back(file + ":" + std::to_string(mistake.line) +
                                ": syntax: " + mistake.reason);
            return;
        }
        for (const RawEntry& entry : *entries) {
            take(file + ":" + std::to_string(entry.line), entry.key, entry.value, false);
        }
    }

    void read_set(const std::string& set) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos) {
            mistakes_.push_back("--set: " + set + ": wants TABLE.KEY=VALUE");
            return;
        }
        const std::string key(trimmed(set.substr(0, equals)));
        const std::string word(trimmed(set.substr(equals + 1)));
        const OptionSpec* const spec = find_spec(key);
        RawValue raw;
        raw.text = word;
        // A bare word is a string; what opens like TOML must be TOML.
        const bool is_text = spec != nullptr && spec->type == OptionType::text;
        const char* const openers = is_text ? "\"'" : "\"'[{";
        // An IPv6 address to listen on opens like a list.
        const bool opens = !word.empty() && std::strchr(openers, word.front()) != nullptr &&
                           !parse_listen_address(word);
        const auto parsed = read_toml_value(word);
        if (!parsed && opens) {
            blame("--set", key, parsed.error().reason);
            return;
        }
        if (parsed && (opens || !is_text)) {
            raw = *parsed;
        }
        take("--set", key, raw, true);
    }

    void check_all() {
        for (const auto& [key, other, reason] : check_together(values_)) {
            auto place = places_.find(key);
            if (place == places_.end()) {
                place = places_.find(other);
            }
            blame(place == places_.end() ? "default" : place->second, std::string(key), reason);
        }
    }

    // What cannot be looked at by this user is left to the program that reads it.
    void check_files() {
        for (const std::string_view key : {"upstream.ca_file", "upstream.token_file"}) {
            const auto& path = std::get<std::string>(values_.find(key)->second);
            struct stat status{};
            int error = path.empty() || ::stat(path.c_str(), &status) == 0 ? 0 : errno;
            if (error == 0 && !path.empty() && S_ISDIR(status.st_mode)) {
                error = EISDIR;
            }
            if (error != 0 && error != EACCES) {
                blame(places_.find(key)->second, std::string(key),
                      path + " cannot be read: " + std::strerror(error));
            }
        }
    }

    std::map<std::string, OptionValue, std::less<>> values_;
    std::map<std::string, std::string, std::less<>> places_;  // where a value was set
    std::vector<std::string> mistakes_;

private:
    [[nodiscard]] bool is_ours(std::string_view key) const {
        const std::string_view table = key.substr(0, key.find('.'));
        return tables_.empty() || !known_table(table) ||
               std::ranges::find(tables_, table) != tables_.end();
    }

    void blame(const std::string& where, const std::string& key, const std::string& reason) {
        if (is_ours(key)) {
            mistakes_.push_back(where + ": " + key + ": " + reason);
        }
    }

    std::optional<std::string> slurp(const std::string& file) {
        errno = 0;
        struct stat status{};
        std::ifstream in(file, std::ios::binary);
        if (in && ::stat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
            errno = EISDIR;
            in.setstate(std::ios::failbit);
        }
        if (!in) {
            mistakes_.push_back(file + ":1: file: cannot be read: " + std::strerror(errno));
            return std::nullopt;
        }
        // One byte more than allowed is enough for the reader to refuse it.
        std::string text(kTomlBytesMax + 1, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        return text;
    }

    void take(const std::string& where, const std::string& key, const RawValue& raw, bool bare) {
        const OptionSpec* const spec = find_spec(key);
        if (spec == nullptr) {
            if (bare || is_ours(key)) {
                take_unknown(where, key, raw);
            }
            return;
        }
        auto value = option_value(*spec, raw, bare);
        if (!value) {
            blame(where, key, value.error());
            return;
        }
        values_.insert_or_assign(key, std::move(*value));
        places_.insert_or_assign(key, where);
    }

    void take_unknown(const std::string& where, const std::string& key, const RawValue& raw) {
        const std::size_t dot = key.find('.');
        const std::string table = key.substr(0, dot);
        std::string reason;
        if (dot == std::string::npos && known_table(table)) {
            if (raw.kind == RawKind::table) {
                return;  // a known table without keys
            }
            reason = "is a table: its keys stand below [" + table + "]";
        } else if (!known_table(table)) {
            reason = "unknown table " + table + suggestion(key);
        } else {
            reason = "unknown key" + suggestion(key);
        }
        mistakes_.push_back(where + ": " + key + ": " + reason);
    }

    const std::vector<std::string_view>& tables_;  // empty: all
};

// Which file is read, if any.
std::string chosen_file(const ConfigSource& source) {
    if (source.file) {
        return *source.file;
    }
    const char* const from_environment = std::getenv(kFileVariable);
    if (from_environment != nullptr && *from_environment != '\0') {
        return from_environment;
    }
    struct stat status{};
    return ::stat(kDefaultFile, &status) == 0 ? kDefaultFile : "";
}

template <class T, class Values>
const T& value_as(const Values& values, std::string_view key) {
    const auto found = values.find(key);
    if (found == values.end() || !std::holds_alternative<T>(found->second)) {
        our_mistake(key);
    }
    return std::get<T>(found->second);
}

// A count and a size are both numbers: the table says which of the two a key is.
std::uint64_t number_as(std::string_view key, OptionType type, std::uint64_t number) {
    const OptionSpec* const spec = find_spec(key);
    if (spec == nullptr || spec->type != type) {
        our_mistake(key);
    }
    return number;
}

}  // namespace

std::expected<Options, std::vector<std::string>> Options::load(const ConfigSource& source) {
    Loader loader(source.tables);
    const std::string file = chosen_file(source);
    if (!file.empty() || source.file) {
        loader.read_file(file);
    }
    for (const std::string& set : source.sets) {
        loader.read_set(set);
    }
    loader.check_all();
    if (source.files_must_exist) {
        loader.check_files();
    }
    if (!loader.mistakes_.empty()) {
        return std::unexpected(std::move(loader.mistakes_));
    }
    Options options;
    options.values_ = std::move(loader.values_);
    options.file_ = file;
    return options;
}

const std::string& Options::text(std::string_view key) const {
    return value_as<std::string>(values_, key);
}

bool Options::flag(std::string_view key) const {
    return value_as<bool>(values_, key);
}

std::uint64_t Options::count(std::string_view key) const {
    return number_as(key, OptionType::count, value_as<std::uint64_t>(values_, key));
}

std::chrono::milliseconds Options::duration(std::string_view key) const {
    return value_as<std::chrono::milliseconds>(values_, key);
}

std::uint64_t Options::size(std::string_view key) const {
    return number_as(key, OptionType::size, value_as<std::uint64_t>(values_, key));
}

const std::vector<std::string>& Options::list(std::string_view key) const {
    return value_as<std::vector<std::string>>(values_, key);
}

std::string Options::to_toml() const {
    std::string out;
    std::string_view table;
    for (const OptionSpec& spec : all_options()) {
        const std::size_t dot = spec.key.find('.');
        if (spec.key.substr(0, dot) != table) {
            out += out.empty() ? "[" : "\n[";
            table = spec.key.substr(0, dot);
            out += std::string(table) + "]\n";
        }
        out += std::string(spec.key.substr(dot + 1)) + " = " +
               to_toml_value(spec.type, values_.find(spec.key)->second) + "\n";
    }
    return out;
}

}  // namespace hubfs
