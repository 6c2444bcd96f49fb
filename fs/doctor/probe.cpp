// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/probe.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "fs/base/fd.h"
#include "fs/base/socket_address.h"
#include "fs/doctor/limits.h"

namespace hubfs::doctor {
namespace {

namespace stdfs = std::filesystem;

constexpr off_t kHoleBytes = off_t{16} << 20;
constexpr std::int64_t kStatBlockBytes = 512;  // of st_blocks
constexpr unsigned kCapSysAdmin = 21;

// A byte behind a hole, in a file without a name. Filesystems that know no such file are not
// judged.
bool holes_are_free(const std::string& dir) {
    const Fd file(::open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    struct stat status{};
    if (!file.valid() || ::pwrite(file.get(), "x", 1, kHoleBytes) != 1 ||
        ::fsync(file.get()) != 0 || ::fstat(file.get(), &status) != 0) {
        return true;
    }
    return status.st_blocks * kStatBlockBytes < kHoleBytes / 2;
}

std::vector<std::string> numeric(const addrinfo* list) {
    std::vector<std::string> out;
    for (; list != nullptr; list = list->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof(text), nullptr, 0,
                          NI_NUMERICHOST) == 0) {
            out.emplace_back(text);
        }
    }
    return out;
}

Result<std::vector<std::string>> resolve_now(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    if (code != 0) {
        return fail(Code::unreachable, host + ": " + ::gai_strerror(code));
    }
    return numeric(list);
}

}  // namespace

Volume look_at(const std::string& dir) {
    Volume volume;
    volume.dir = dir;
    std::error_code error;
    stdfs::path at = stdfs::absolute(dir, error);
    while (!stdfs::is_directory(at, error) && at.has_parent_path() && at != at.root_path()) {
        volume.exists = false;
        at = at.parent_path();
    }
    struct statfs system{};
    struct stat status{};
    if (::statfs(at.c_str(), &system) == 0) {
        volume.filesystem = filesystem_name(static_cast<std::uint32_t>(system.f_type));
        volume.free_bytes = static_cast<std::uint64_t>(system.f_bavail) *
                            static_cast<std::uint64_t>(system.f_bsize);
    }
    if (::stat(at.c_str(), &status) == 0) {
        volume.device = status.st_dev;
    }
    volume.writable = ::access(at.c_str(), W_OK | X_OK) == 0;
    volume.sparse = !volume.writable || holes_are_free(at.string());
    return volume;
}

std::uint64_t bytes_below(const std::string& dir) {
    std::uint64_t bytes = 0;
    std::size_t counted = 0;
    std::error_code error;
    stdfs::recursive_directory_iterator at(dir, stdfs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && at != stdfs::recursive_directory_iterator() && counted < kFilesCountedMax;
         at.increment(error), ++counted) {
        struct stat status{};
        if (::lstat(at->path().c_str(), &status) == 0) {
            bytes += static_cast<std::uint64_t>(status.st_blocks * kStatBlockBytes);
        }
    }
    return bytes;
}

// getaddrinfo has no deadline of its own: it runs on a thread that is left alone when it is late.
// It shares nothing but the promise, and this program ends soon.
Result<std::vector<std::string>> addresses_of(const std::string& host) {
    auto promise = std::make_shared<std::promise<Result<std::vector<std::string>>>>();
    auto answer = promise->get_future();
    std::thread([promise, host] { promise->set_value(resolve_now(host)); }).detach();
    if (answer.wait_for(kNameDeadline) != std::future_status::ready) {
        return fail(Code::timed_out, host + ": no name server answers");
    }
    return answer.get();
}

int try_to_bind(const ListenAddress& address) {
    const Fd probe(::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!probe.valid()) {
        return errno;
    }
    const int on = 1;
    ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    const SocketAddress at = socket_address(address);
    return ::bind(probe.get(), at.get(), at.size) == 0 ? 0 : errno;
}

std::string greeting_of(const ListenAddress& address) {
    const ListenAddress target = to_connect_to(address);
    const Fd probe(::socket(target.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{std::chrono::duration_cast<std::chrono::seconds>(kPortDeadline).count(), 0};
    ::setsockopt(probe.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(probe.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const SocketAddress at = socket_address(target);
    char buffer[64];
    if (::connect(probe.get(), at.get(), at.size) != 0) {
        return {};
    }
    const ssize_t got = ::recv(probe.get(), buffer, sizeof(buffer), 0);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
}

bool may_administer() {
    std::ifstream status("/proc/self/status");
    std::string line;
    constexpr std::string_view kName = "CapEff:";
    while (std::getline(status, line)) {
        if (line.starts_with(kName)) {
            const auto set = std::strtoull(line.c_str() + kName.size(), nullptr, 16);
            return (set >> kCapSysAdmin & 1U) != 0;
        }
    }
    return false;
}

}  // namespace hubfs::doctor
