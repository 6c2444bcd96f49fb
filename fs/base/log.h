// SPDX-License-Identifier: Apache-2.0
// The log: one line per event, `event key=value …`, on standard error (and in a file when set up
// so). Values are quoted when they hold spaces. Never pass a secret: tokens, signed addresses and
// query strings have no place here. Thread-safe. Hits are counters, not lines.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace hubfs::log {

enum class Level { debug, info, warn, error };

struct Field {
    std::string_view key;
    std::string value;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(v) {}
    template <class N>
        requires std::is_arithmetic_v<N>
    Field(std::string_view k, N v) : key(k), value(std::to_string(v)) {}
};

// Called once by main. level: debug, info, warn or error; file empty: standard error.
void open(std::string_view program, std::string_view level, const std::string& file = {});
void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::error, event, fields);
}

}  // namespace hubfs::log
