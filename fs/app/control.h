// SPDX-License-Identifier: Apache-2.0
// The control socket <run_dir>/hubfs.sock: one JSON object per line, each answered by one line.
//   {"op":"status"} -> the counters of every layer      {"op":"flush"} -> {"ok":true}
//   {"op":"stop"}   -> {"ok":true}, then the end        anything else  -> {"error":"…"}
//   {"op":"reload"} -> {"ok":true}, then another daemon (docs/threading.md)
// Whoever can open the socket (mode 0600: the daemon's user) may ask. One thread serves all
// clients; operations run on it, one after the other.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "fs/base/result.h"

namespace hubfs::app {

// One operation: its answer as a JSON text of one line. `request` is the line as it came.
using ControlOp = std::function<std::string(std::string_view request)>;
using ControlOps = std::map<std::string, ControlOp, std::less<>>;

// The answer to one line, without its line feed. Never fails.
[[nodiscard]] std::string answer_control(std::string_view line, const ControlOps& ops);

// {"error":"…"} with the text quoted as JSON.
[[nodiscard]] std::string control_error(std::string_view reason);

class ControlServer {
public:
    // Replaces a socket that an earlier daemon left (the run directory's lock is ours). `ops` must
    // stay callable until the server is destroyed.
    static Result<std::unique_ptr<ControlServer>> open(const std::string& path, ControlOps ops);
    virtual ~ControlServer() = default;  // ends the thread, closes clients, removes the socket
};

}  // namespace hubfs::app
