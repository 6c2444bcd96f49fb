// SPDX-License-Identifier: Apache-2.0
// `hf-mirror doctor`: from words and environment to fs/doctor, which checks and prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fs/base/options.h"
#include "fs/cli/arguments.h"

namespace hubfs::cli {

// `--client`: reads no configuration. Both return the exit code.
int run_doctor_of_client(const DoctorArguments& arguments);
int run_doctor(const Options& options, const DoctorArguments& arguments);

// cache.used_bytes of the answer to {"op":"status"}; nothing when it does not say it.
[[nodiscard]] std::optional<std::uint64_t> held_bytes_in(std::string_view status);

}  // namespace hubfs::cli
