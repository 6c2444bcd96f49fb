// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/truncate_address.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hubfs::cli {
namespace {

TEST(TruncateAddresses, CutsWhatCouldNameAPerson) {
    const std::pair<const char*, const char*> cases[] = {
        {"", ""},
        {"no address here", "no address here"},
        {"192.0.2.77", "192.0.2.0"},
        {"connect from UNDETERMINED (192.0.2.77)", "connect from UNDETERMINED (192.0.2.0)"},
        {"192.0.2.77:1234 and 198.51.100.9.", "192.0.2.0:1234 and 198.51.100.0."},
        {"x=192.0.2.77,y", "x=192.0.2.0,y"},
        {"face192.0.2.77", "face192.0.2.0"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"},
        {"[2001:db8:1:2::9]:80", "[2001:db8:1::]:80"},
        {"2001:DB8:1:2::9 x", "2001:db8:1:: x"},
        {"from ::1", "from ::"},
        {"fe80::1%eth0", "fe80::%eth0"},
        {"::ffff:192.0.2.77", "192.0.2.0"},
        {"::ffff:c000:24d", "192.0.2.0"},
        {"2026/11/21 15:04:05 [1234] building file list",
         "2026/11/21 15:04:05 [1234] building file list"},
        {"models/org/name/0123456789abcdef0123456789abcdef01234567/a.bin 12 34",
         "models/org/name/0123456789abcdef0123456789abcdef01234567/a.bin 12 34"},
        {"version 1.2.3.4", "version 1.2.3.0"},
        {"256.1.1.1", "256.1.1.0"},  // no address, but it holds one
        {"1.2.3", "1.2.3"},
        {":", ":"},
        {"192.0.2.", "192.0.2."},
    };
    for (const auto& [line, cut] : cases) {
        EXPECT_EQ(truncate_addresses(line), cut) << line;
    }
}

TEST(TruncateAddresses, LeavesNoLastOctetInALongLine) {
    std::string line;
    for (int i = 0; i < 1000; ++i) {
        line += "203.0.113." + std::to_string(1 + i % 255) + " ";
    }
    const std::string cut = truncate_addresses(line);
    for (std::size_t at = cut.find("203.0.113."); at != std::string::npos;
         at = cut.find("203.0.113.", at + 1)) {
        EXPECT_EQ(cut.substr(at, 12), "203.0.113.0 ");
    }
}

}  // namespace
}  // namespace hubfs::cli
