// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/rsync_service.h"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>

#include "fs/base/in_path.h"
#include "fs/base/socket_address.h"
#include "fs/cli/rsync_config.h"
#include "fs/cli/truncate_address.h"

namespace hubfs::cli {
namespace {

constexpr int kRsyncStoppedBySignal = 20;  // its exit code after SIGTERM
constexpr time_t kAnswerSeconds = 1;
// How long a port may still be held by the rsync of a node that was just killed.
constexpr std::chrono::seconds kPortPatience{2};
constexpr std::chrono::milliseconds kPortRetry{50};

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
    return fail(Code::io, std::string(what) + " " + path + ": " + std::strerror(errno));
}

Status write_file(const std::string& path, std::string_view text) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.valid() ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return failed("writing", path);
    }
    return {};
}

Status can_listen_soon(const ListenAddress& address) {
    const auto until = std::chrono::steady_clock::now() + kPortPatience;
    Status free = can_listen(address);
    while (!free && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kPortRetry);
        free = can_listen(address);
    }
    return free;
}

// The workers' user: our own where the package made one, else nobody.
void choose_user(RsyncSetup& setup) {
    const bool own = ::getpwnam("hf-mirror") != nullptr && ::getgrnam("hf-mirror") != nullptr;
    setup.user = own ? "hf-mirror" : "nobody";
    setup.group = own ? "hf-mirror" : "nogroup";
}

}  // namespace

Result<std::uint16_t> free_port(const ListenAddress& address) {
    const Fd probe(::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ListenAddress any = address;
    any.port = 0;
    SocketAddress at = socket_address(any);
    if (!probe.valid() || ::bind(probe.get(), at.get(), at.size) != 0 ||
        ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&at.storage), &at.size) != 0) {
        return failed("no port at", address.host);
    }
    const auto port = address.v6 ? reinterpret_cast<sockaddr_in6*>(&at.storage)->sin6_port
                                 : reinterpret_cast<sockaddr_in*>(&at.storage)->sin_port;
    return ntohs(port);
}

Status can_listen(const ListenAddress& address) {
    const Fd probe(::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int one = 1;
    ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (address.v6) {
        ::setsockopt(probe.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    }
    const SocketAddress at = socket_address(address);
    if (address.port == 0 || ::bind(probe.get(), at.get(), at.size) == 0) {
        return {};
    }
    const int error = errno;
    const std::string port = std::to_string(address.port);
    std::string remedy = "choose another address: --set rsync.listen=ADDR:PORT";
    if (error == EADDRINUSE) {
        remedy = "port " + port + " is taken: end who listens there (ss -ltnp), or " + remedy;
    } else if (error == EACCES) {
        remedy = "port " + port + " is not for this user: start as root, or " + remedy;
    }
    return fail(Code::unsupported,
                "rsync.listen: " + address.text() + ": " + std::strerror(error) + "; " + remedy);
}

bool greets(const ListenAddress& address) {
    const ListenAddress target = to_connect_to(address);
    const Fd probe(::socket(target.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{kAnswerSeconds, 0};
    ::setsockopt(probe.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(probe.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const SocketAddress at = socket_address(target);
    if (::connect(probe.get(), at.get(), at.size) != 0) {
        return false;
    }
    // Asks for the list of modules, as a client does: hanging up earlier is an error in its log.
    constexpr std::string_view kQuestion = "@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\n#list\n";
    constexpr std::size_t kAnswerMax = 65536;
    if (::send(probe.get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) < 0) {
        return false;
    }
    std::string answer;
    char buffer[4096];
    while (answer.size() < kAnswerMax) {
        const ssize_t got = ::recv(probe.get(), buffer, sizeof(buffer), 0);
        if (got <= 0) {
            break;
        }
        answer.append(buffer, static_cast<std::size_t>(got));
    }
    return answer.starts_with("@RSYNCD:") && answer.find("@RSYNCD: EXIT") != std::string::npos;
}

RsyncService::RsyncService(const Options& options, ListenAddress address, const Clock& clock)
    : address_(std::move(address)),
      any_port_(address_.port == 0),
      config_file_(config_file(options)),
      fifo_path_(options.text("node.run_dir") + "/rsyncd.log.fifo"),
      log_(options.text("log.dir"), "rsync", options.duration("log.keep"), clock) {}

std::string RsyncService::config_file(const Options& options) {
    return options.text("node.run_dir") + "/rsyncd.conf";
}

Result<std::unique_ptr<RsyncService>> RsyncService::prepare(const Options& options,
                                                            const Clock& clock) {
    if (!in_path("rsync")) {
        return fail(Code::not_found,
                    "rsync is missing: apt-get install rsync, or set rsync.listen to \"\"");
    }
    auto address = parse_listen_address(options.text("rsync.listen"));
    if (!address) {
        return fail(Code::invalid, "rsync.listen is no address");
    }
    if (auto free = can_listen_soon(*address); !free) {
        return std::unexpected(free.error());
    }
    std::unique_ptr<RsyncService> service(new RsyncService(options, std::move(*address), clock));
    if (auto written = service->write_files(options); !written) {
        return std::unexpected(written.error());
    }
    service->log_.expire();
    return service;
}

Status RsyncService::write_files(const Options& options) {
    RsyncSetup setup;
    setup.mount_path = options.text("mount.path");
    setup.run_dir = options.text("node.run_dir");
    setup.log_fifo = fifo_path_;
    setup.motd_file = setup.run_dir + "/rsyncd.motd";
    setup.chroot = ::geteuid() == 0;
    if (setup.chroot && options.flag("mount.allow_other")) {
        choose_user(setup);
    } else if (setup.chroot) {
        setup.user = "root";  // without allow_other only the mount's own user may read it
        setup.group = "root";
    }
    const auto config = rsync_config(setup);
    if (!config) {
        return std::unexpected(config.error());
    }
    if (auto written = write_file(config_file_, *config); !written) {
        return written;
    }
    if (auto written = write_file(setup.motd_file, rsync_motd()); !written) {
        return written;
    }
    std::error_code ignored;
    std::filesystem::remove(fifo_path_, ignored);
    if (::mkfifo(fifo_path_.c_str(), 0600) != 0) {
        return failed("making", fifo_path_);
    }
    fifo_.reset(::open(fifo_path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fifo_.valid()) {
        return failed("opening", fifo_path_);
    }
    return {};
}

Result<ChildSpec> RsyncService::command() {
    if (any_port_ && !announced_) {
        const auto port = free_port(address_);
        if (!port) {
            return std::unexpected(port.error());
        }
        address_.port = *port;
    } else if (auto free = announced_ ? Status() : can_listen(address_); !free) {
        return std::unexpected(free.error());  // taken since prepare()
    }
    return ChildSpec{
        .program = "rsync",
        .arguments = {"--daemon", "--no-detach", "--config=" + config_file_,
                      "--address=" + address_.host, "--port=" + std::to_string(address_.port)},
        // Its own handler of SIGTERM opens the log, which nobody reads any more, and
        // would keep the port for ever.
        .death_signal = SIGKILL};
}

std::optional<ReadyWords> RsyncService::probe() {
    if (!greets(address_)) {
        return std::nullopt;
    }
    announced_ = true;
    return ReadyWords{{"rsync", "rsync://" + address_.text()}};
}

ServiceSpec RsyncService::spec() {
    ServiceSpec spec;
    spec.name = "rsync";
    spec.command = [this] { return command(); };
    spec.probe = [this] { return probe(); };
    spec.restarts = true;
    spec.retries_start = any_port_;  // somebody may have taken the port in between
    spec.whole_group = true;         // a process per connection, which would go on
    spec.stopped_exit_code = kRsyncStoppedBySignal;
    return spec;
}

void RsyncService::on_log_readable() {
    lines_.read(fifo_.get(),
                [this](std::string_view line) { log_.write(truncate_addresses(line)); });
}

}  // namespace hubfs::cli
