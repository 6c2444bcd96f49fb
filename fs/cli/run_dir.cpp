// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/run_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include "fs/base/fd.h"
#include "fs/base/log.h"
#include "fs/cli/process_table.h"

namespace hubfs::cli {
namespace {

constexpr std::chrono::milliseconds kRetry{50};

// The process that wrote the lock file, 0 when it says nothing readable.
pid_t holder(const std::string& lock_file) {
    std::ifstream in(lock_file);
    pid_t pid = 0;
    return in >> pid ? pid : 0;
}

bool held(const std::string& lock_file) {
    const Fd lock(::open(lock_file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    return lock.valid() && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

bool of_a_living_node(const std::string& lock_file) {
    const pid_t parent = parent_of(holder(lock_file));
    return parent > 0 && name_of(parent) == "hf-mirror";
}

}  // namespace

Status usable_run_dir(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (!error && ::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
        error = std::error_code(errno, std::generic_category());
    }
    if (!error && !std::filesystem::is_directory(path, error) && !error) {
        error = std::make_error_code(std::errc::not_a_directory);
    }
    if (error) {
        return fail(Code::unsupported, "node.run_dir: " + path + ": " + error.message() +
                                           "; make it a directory that this user may write, or "
                                           "choose another: --set node.run_dir=DIR");
    }
    return {};
}

void wait_for_leftover(const std::string& path) {
    const std::string lock_file = path + "/hubfs.lock";
    if (!held(lock_file)) {
        return;
    }
    const auto until = std::chrono::steady_clock::now() + kLeftoverPatience;
    log::info("waiting_for_leftover", {{"lock", lock_file}});
    while (held(lock_file) && !of_a_living_node(lock_file) &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kRetry);
    }
}

}  // namespace hubfs::cli
