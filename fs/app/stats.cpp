// SPDX-License-Identifier: Apache-2.0
#include "fs/app/stats.h"

namespace hubfs::app {

std::string stats_json(Instant started, Instant now, const std::vector<StatsSource>& sources) {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now - started);
    std::string json = "{\"version\":\"" HFM_VERSION "\"";
    json += ",\"started\":\"" + to_text(started) + "\"";
    json += ",\"uptime_seconds\":" + std::to_string(uptime.count());
    for (const auto& [name, make] : sources) {
        json.append(",\"").append(name).append("\":").append(make());
    }
    return json + "}";
}

}  // namespace hubfs::app
