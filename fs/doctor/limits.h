// SPDX-License-Identifier: Apache-2.0
// Every bound of this folder, by name and unit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubfs::doctor {

// For one exchange: a cold mirror may have to ask the Hub first. Clients give up after 10 s without
// a byte; this is longer, so that slow and dead can be told apart.
inline constexpr std::chrono::milliseconds kExchangeDeadline{30000};

inline constexpr int kRedirectsMax = 5;
inline constexpr int kPagesMax = 4;                            // of a listing; then it is believed
inline constexpr std::uint64_t kSmallFileMaxBytes = 4U << 20;  // read whole
inline constexpr std::size_t kRangeBytes = 100;

inline constexpr std::size_t kDifferencesMax = 32;  // told of one answer

inline constexpr std::chrono::milliseconds kNameDeadline{5000};  // for a resolver
inline constexpr std::chrono::milliseconds kPortDeadline{1000};  // for a greeting on a local port
inline constexpr std::chrono::seconds kClockTolerance{30};
inline constexpr std::size_t kFilesCountedMax = 1000000;  // when the size of a cache is summed up
inline constexpr std::uint64_t kFilesWanted = 65536;  // open files: one per connection and content
inline constexpr std::uint64_t kFilesLeast = 4096;
inline constexpr std::uint64_t kStateLeastBytes = std::uint64_t{1} << 30;  // for metadata

}  // namespace hubfs::doctor
