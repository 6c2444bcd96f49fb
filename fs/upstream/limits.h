// SPDX-License-Identifier: Apache-2.0
// Every bound of this folder, by name and unit. What an operator may change is in config.h.
#pragma once

#include <chrono>
#include <cstddef>

namespace hubfs::upstream {

// Questions and transfers under way or queued, of all kinds; more are refused (rate_limited).
inline constexpr std::size_t kOperationsMax = 8192;
// Transfers that wait for a connection to one host.
inline constexpr std::size_t kQueuedPerHostMax = 4096;
inline constexpr int kRedirectsMax = 5;
// A body nobody wants (of a redirect or an error) is read so far, to keep the connection.
inline constexpr std::size_t kUnwantedBodyMaxBytes = 64U << 10;
inline constexpr std::size_t kHeadMaxBytes = 256U << 10;  // of one answer's header fields
inline constexpr std::size_t kUrlMaxBytes = 16U << 10;

inline constexpr std::chrono::milliseconds kConnectTimeout{10000};
// A transfer slower than this over a whole deadline has stopped.
inline constexpr long kLowSpeedBytesPerSecond = 1024;
inline constexpr long kContentBufferBytes = 512L << 10;  // curl's largest (CURL_MAX_READ_SIZE)
inline constexpr std::size_t kGatherBytes = 256U
                                            << 10;  // of one transfer, before they are handed on
inline constexpr std::chrono::milliseconds kLoopPauseMax{1000};

inline constexpr std::size_t kSignedUrlsMax = 4096;
inline constexpr std::chrono::seconds kSignedUrlDefaultLife{300};
inline constexpr std::chrono::seconds kSignedUrlMargin{60};  // dropped so long before it expires

inline constexpr std::size_t kBreakersMax = 256;  // origins remembered

// A 429 without a usable time, and the longest time that is believed.
inline constexpr std::chrono::seconds kBudgetDefaultPause{10};
inline constexpr std::chrono::seconds kBudgetPauseMax{900};

}  // namespace hubfs::upstream
