// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/doctor.h"

#include <boost/json.hpp>
#include <cstdlib>
#include <string>

#include "fs/cli/control_client.h"
#include "fs/doctor/doctor.h"

namespace hubfs::cli {

namespace {

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

std::optional<std::uint64_t> held_bytes_in(std::string_view status) {
    boost::system::error_code bad;
    const auto value = boost::json::parse(status, bad);
    if (bad) {
        return std::nullopt;
    }
    const auto* const bytes = value.find_pointer("/cache/used_bytes", bad);
    const bool whole = bytes != nullptr && bytes->is_int64() && bytes->get_int64() >= 0;
    return whole ? std::optional(static_cast<std::uint64_t>(bytes->get_int64())) : std::nullopt;
}

int run_doctor_of_client(const DoctorArguments& arguments) {
    return doctor::run_client(
        {.url = arguments.client.value_or(""),
         .repo = arguments.repo,
         .token = arguments.token.empty() ? environment("HF_TOKEN") : arguments.token,
         .ca_file = environment("SSL_CERT_FILE")});
}

int run_doctor(const Options& options, const DoctorArguments& arguments) {
    if (arguments.upstream) {
        return doctor::run_upstream(options, *arguments.upstream, arguments.repo);
    }
    const auto status = ask(options.text("node.run_dir") + "/hubfs.sock", R"({"op":"status"})");
    return doctor::run_node(options, status ? held_bytes_in(*status) : std::nullopt);
}

}  // namespace hubfs::cli
