// SPDX-License-Identifier: Apache-2.0
// One pass over the text. Bytes are copied only once the first member has been removed; until then
// the scanner just walks.
#include "httpd/http/json_filter.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace httpd::http {

namespace {

// Whether a key as it is written, escapes and all, spells this (ASCII) name.
bool spells(std::string_view written, std::string_view name) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < written.size(); ++i, ++n) {
        char c = written[i];
        if (c == '\\' && i + 1 < written.size()) {
            c = written[++i];
            if (c == 'u') {
                unsigned code = 0;
                const std::string_view hex = written.substr(i + 1, 4);
                std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
                c = code < 0x80 ? static_cast<char>(code) : '\0';
                i += hex.size();
            }
        }
        if (n >= name.size() || name[n] != c) {
            return false;
        }
    }
    return n == name.size();
}

class Scanner {
public:
    Scanner(std::string_view json, std::string_view name) : json_(json), name_(name) {}

    std::optional<Filtered> run() {
        skip_space();
        if (!value(0)) {
            return std::nullopt;
        }
        skip_space();
        if (at_ != json_.size()) {
            return std::nullopt;
        }
        if (changed_) {
            out_.append(json_.substr(copied_));
        }
        return Filtered{changed_, std::move(out_)};
    }

private:
    [[nodiscard]] char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
    bool take(char c) {
        if (at_ < json_.size() && json_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    void skip_space() {
        while (at_ < json_.size() && (json_[at_] == ' ' || json_[at_] == '\n' ||
                                      json_[at_] == '\r' || json_[at_] == '\t')) {
            ++at_;
        }
    }
    // Leaves json_[first, end) out of the result.
    void cut(std::size_t first, std::size_t end) {
        if (inside_removed_ > 0) {
            return;  // goes with the member around it
        }
        out_.append(json_.substr(copied_, first - copied_));
        copied_ = end;
        changed_ = true;
    }

    bool value(int depth) {
        if (depth > kJsonDepthMax) {
            return false;
        }
        switch (peek()) {
            case '{': return object(depth);
            case '[': return array(depth);
            case '"': return text();
            case 't': return word("true");
            case 'f': return word("false");
            case 'n': return word("null");
            default: return number();
        }
    }

    // Commas: a removed member takes the comma before it along; the first member, the one after.
    bool object(int depth) {
        take('{');
        skip_space();
        if (take('}')) {
            return true;
        }
        bool kept_one = false;
        std::size_t start = at_;  // where the member begins, its leading comma included
        while (true) {
            skip_space();
            const std::size_t key_start = at_;
            if (peek() != '"' || !text()) {
                return false;
            }
            const bool hit = spells(json_.substr(key_start + 1, at_ - key_start - 2), name_);
            inside_removed_ += hit ? 1 : 0;
            skip_space();
            if (!take(':')) {
                return false;
            }
            skip_space();
            if (!value(depth + 1)) {
                return false;
            }
            inside_removed_ -= hit ? 1 : 0;
            const std::size_t value_end = at_;
            skip_space();
            const bool more = peek() == ',';
            if (hit) {
                cut(start, !kept_one && more ? at_ + 1 : value_end);
            } else {
                kept_one = true;
            }
            start = hit && !kept_one && more ? at_ + 1 : at_;
            if (take(',')) {
                continue;
            }
            return take('}');
        }
    }

    bool array(int depth) {
        take('[');
        skip_space();
        if (take(']')) {
            return true;
        }
        while (true) {
            skip_space();
            if (!value(depth + 1)) {
                return false;
            }
            skip_space();
            if (!take(',')) {
                return take(']');
            }
        }
    }

    bool text() {
        take('"');
        while (at_ < json_.size()) {
            const char c = json_[at_++];
            if (c == '"') {
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return false;
            }
            if (c == '\\' && at_++ >= json_.size()) {
                return false;
            }
        }
        return false;
    }

    bool word(std::string_view expected) {
        if (json_.substr(at_, expected.size()) != expected) {
            return false;
        }
        at_ += expected.size();
        return true;
    }

    bool number() {
        const std::size_t end =
            std::min(json_.find_first_not_of("+-.0123456789eE", at_), json_.size());
        const bool some =
            end > at_ && (json_[at_] == '-' || (json_[at_] >= '0' && json_[at_] <= '9'));
        at_ = end;
        return some;
    }

    std::string_view json_;
    std::string_view name_;
    std::size_t at_ = 0;
    std::size_t copied_ = 0;
    int inside_removed_ = 0;
    bool changed_ = false;
    std::string out_;
};

}  // namespace

std::optional<Filtered> remove_members(std::string_view json, std::string_view name) {
    return Scanner(json, name).run();
}

std::string json_string(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace httpd::http
