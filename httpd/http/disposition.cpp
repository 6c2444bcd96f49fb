// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/disposition.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fs/base/percent.h"
#include "httpd/http/headers.h"

namespace httpd::http {

namespace {

constexpr std::string_view kBinary = "application/octet-stream";

// Active content (HTML, SVG) stays text: a mirror must never run what strangers uploaded.
constexpr std::array<std::pair<std::string_view, std::string_view>, 34> kTypes = {{
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"ico", "image/x-icon"},
    {"bmp", "image/bmp"},
    {"wav", "audio/wav"},
    {"mp3", "audio/mpeg"},
    {"flac", "audio/flac"},
    {"ogg", "audio/ogg"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
    {"pdf", "application/pdf"},
    {"zip", "application/zip"},
    {"gz", "application/gzip"},
    {"bin", kBinary},
    {"safetensors", kBinary},
    {"onnx", kBinary},
    {"gguf", kBinary},
    {"pt", kBinary},
    {"pth", kBinary},
    {"ckpt", kBinary},
    {"pkl", kBinary},
    {"pickle", kBinary},
    {"npy", kBinary},
    {"npz", kBinary},
    {"parquet", kBinary},
    {"arrow", kBinary},
    {"model", kBinary},
    {"tflite", kBinary},
    {"h5", kBinary},
    {"msgpack", kBinary},
    {"7z", kBinary},
}};

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string content_disposition(std::string_view path, bool attachment) {
    const std::string_view name = base_name(path);
    std::string plain_name;
    for (const char c : name) {
        if (c == '"' || c == '\\') {
            plain_name += '\\';
        }
        plain_name += c >= 0x20 && c < 0x7f ? c : '?';
    }
    std::string value = attachment ? "attachment" : "inline";
    value += "; filename*=UTF-8''" + hubfs::percent_encode(name);
    value += "; filename=\"" + plain_name + "\";";
    return value;
}

std::string_view media_type(std::string_view path, bool lfs) {
    if (lfs) {
        return kBinary;
    }
    const std::string_view name = base_name(path);
    const auto dot = name.rfind('.');
    if (dot != std::string_view::npos) {
        const std::string ending = to_lower(name.substr(dot + 1));
        const auto found =
            std::ranges::find_if(kTypes, [&](const auto& row) { return row.first == ending; });
        if (found != kTypes.end()) {
            return found->second;
        }
    }
    return "text/plain; charset=utf-8";
}

}  // namespace httpd::http
