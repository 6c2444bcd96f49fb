// SPDX-License-Identifier: Apache-2.0
// Writing: to_json() of json.h, byte for byte as the Hub does (JSON.stringify, ECMA-262 25.5.2.3):
// no spaces, UTF-8 as it is, only quotes, backslashes and control characters escaped.
#include "fs/hub/json.h"

namespace hubfs::hub {

namespace {

void append_text(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
                    out += "\\u00";
                    out += kHex[byte >> 4U];
                    out += kHex[byte & 0xfU];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

}  // namespace

std::string to_json(const TreeEntry& entry) {
    std::string out;
    out.reserve(192 + entry.path.size() + entry.lfs_oid.size() + entry.xet_hash.size());
    out += entry.directory ? R"({"type":"directory","oid":)" : R"({"type":"file","oid":)";
    append_text(out, entry.oid);
    out += R"(,"size":)";
    out += std::to_string(entry.size);
    if (entry.lfs()) {
        out += R"(,"lfs":{"oid":)";
        append_text(out, entry.lfs_oid);
        out += R"(,"size":)";
        out += std::to_string(entry.size);
        out += R"(,"pointerSize":)";
        out += std::to_string(entry.pointer_size);
        out += '}';
    }
    if (!entry.xet_hash.empty()) {
        out += R"(,"xetHash":)";
        append_text(out, entry.xet_hash);
    }
    out += R"(,"path":)";
    append_text(out, entry.path);
    out += '}';
    return out;
}

}  // namespace hubfs::hub
