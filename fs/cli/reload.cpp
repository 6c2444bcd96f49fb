// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/reload.h"

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

#include "fs/base/exit_code.h"
#include "fs/base/result.h"
#include "fs/cli/control_client.h"

namespace hubfs::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLookEvery{10};
// Above the supervisor's patience with a program that does not become ready, so that its going
// back is seen too.
constexpr std::chrono::seconds kReloadDeadline{90};

Result<json::object> ask_object(const std::string& socket, std::string_view question) {
    const auto answer = ask(socket, question);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    boost::system::error_code bad;
    const json::value value = json::parse(*answer, bad);
    if (bad || !value.is_object()) {
        return fail(Code::invalid, "the answer is no JSON object");
    }
    return value.get_object();
}

// How many daemons this mount had before the one that answers.
Result<std::uint64_t> generation_of(const std::string& socket) {
    const auto status = ask_object(socket, R"({"op":"status"})");
    if (!status) {
        return std::unexpected(status.error());
    }
    const json::value* const fuse = status->if_contains("fuse");
    const json::value* const number = fuse != nullptr && fuse->is_object()
                                          ? fuse->get_object().if_contains("generation")
                                          : nullptr;
    boost::system::error_code bad;
    const auto generation =
        number != nullptr && number->is_number() ? number->to_number<std::uint64_t>(bad) : 0;
    return number == nullptr || bad ? fail(Code::invalid, "hubfs does not say its generation")
                                    : Result<std::uint64_t>(generation);
}

int complain(const Error& error) {
    std::fprintf(stderr, "hf-mirror: %s\n", error.message.c_str());
    return kExitFailed;
}

}  // namespace

int run_reload(const Options& options) {
    const std::string socket = options.text("node.run_dir") + "/hubfs.sock";
    const auto before = generation_of(socket);
    if (!before) {
        return complain(before.error());
    }
    const auto began = steady_clock::now();
    const auto asked = ask_object(socket, R"({"op":"reload"})");
    // No answer: it was slow, or was replaced before it could say so. What comes next tells.
    if (const json::value* const refusal = asked ? asked->if_contains("error") : nullptr) {
        return complain({Code::invalid, refusal->is_string() ? std::string(refusal->get_string())
                                                             : json::serialize(*refusal)});
    }
    while (steady_clock::now() - began < kReloadDeadline) {
        const auto now = generation_of(socket);  // nobody answers in between: asked again
        if (now && *now == *before + 1) {
            const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
            std::printf("hubfs was replaced in %lld ms, generation %llu\n",
                        static_cast<long long>(took.count()),
                        static_cast<unsigned long long>(*now));
            return kExitOk;
        }
        if (now && *now > *before + 1) {
            return complain({Code::io,
                             "the program that is installed now does not start; the one before "
                             "serves on; the reason is in the log of hubfs"});
        }
        std::this_thread::sleep_for(kLookEvery);
    }
    return complain({Code::timed_out, "hubfs was not replaced; the reason is in its log"});
}

}  // namespace hubfs::cli
