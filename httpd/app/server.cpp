// SPDX-License-Identifier: Apache-2.0
#include "httpd/app/server.h"

#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "fs/base/log.h"
#include "httpd/app/access_log.h"
#include "httpd/h1/connection.h"
#include "httpd/hot/answer_cache.h"
#include "httpd/hot/epoch_watch.h"
#include "httpd/mount/epoch.h"
#include "httpd/mount/known_names.h"
#include "httpd/mount/mount_reader.h"
#include "httpd/net/listener.h"
#include "httpd/net/tls.h"
#include "httpd/proxy/forwarder.h"
#include "httpd/routes/site.h"
#include "httpd/routes/under_way.h"

namespace httpd::app {

namespace {

constexpr std::size_t kLoops = 2;
constexpr std::size_t kDoubtedMax = 1000;
constexpr std::size_t kKnownNamesMax = 200'000;  // about 20 MB when full
constexpr std::chrono::milliseconds kPoll{20};   // while connections end

}  // namespace

// Declared in the order of building; destroyed in reverse. The pools end before the loops they
// post to, the loops before what their connections use.
struct Server::Parts {
    Parts(Config c, const hubfs::Clock& the_clock, std::unique_ptr<AccessLog> access_log,
          std::unique_ptr<net::TlsClient> tls_client)
        : config(std::move(c)),
          clock(the_clock),
          log(std::move(access_log)),
          tls(std::move(tls_client)),
          reader(config.mount_path),
          epoch(reader, clock),
          watch([this] { return read_epoch(); }, clock),
          known(kKnownNamesMax),
          doubted(kDoubtedMax) {
        for (std::size_t i = 0; i < kLoops; ++i) {
            caches.push_back(std::make_unique<hot::AnswerCache>(watch, clock));
            loops.push_back(std::make_unique<net::EventLoop>("loop-" + std::to_string(i)));
        }
        pool = std::make_unique<mount::IoPool>(config.pools);
        forwarder = std::make_unique<proxy::Forwarder>(config.forwarder, loops, *tls);
        site = std::make_unique<routes::Site>(
            routes::Context{reader, epoch, known, doubted, under_way, *pool, clock, config.site},
            *forwarder);
        for (std::size_t i = 0; i < kLoops; ++i) {
            shared.emplace(loops[i].get(), h1::Shared{*site, *log, clock, config.node, *caches[i],
                                                      config.timeouts});
        }
    }
    ~Parts() {
        listeners.clear();
        for (auto& loop : loops) {
            loop->abort_connections();
        }
        pool.reset();
        for (auto& loop : loops) {
            loop->halt();
        }
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    std::optional<std::uint64_t> read_epoch() {
        const auto value = epoch.fresh();
        return value ? std::optional(*value) : std::nullopt;
    }

    [[nodiscard]] std::size_t connections() const {
        std::size_t n = 0;
        for (const auto& loop : loops) {
            n += loop->connections();
        }
        return n;
    }

    const Config config;
    const hubfs::Clock& clock;
    std::unique_ptr<AccessLog> log;
    std::unique_ptr<net::TlsClient> tls;
    mount::MountReader reader;
    mount::Epoch epoch;
    hot::EpochWatch watch;
    mount::KnownNames known;
    mount::KnownNames doubted;
    routes::UnderWay under_way;
    std::unique_ptr<proxy::Forwarder> forwarder;
    std::unique_ptr<routes::Site> site;
    std::vector<std::unique_ptr<hot::AnswerCache>> caches;  // one per loop
    std::unordered_map<const net::EventLoop*, h1::Shared> shared;
    std::vector<std::unique_ptr<net::EventLoop>> loops;
    std::unique_ptr<mount::IoPool> pool;
    std::vector<std::unique_ptr<net::Listener>> listeners;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

hubfs::Result<std::unique_ptr<Server>> Server::open(Config config, const hubfs::Clock& clock) {
    auto log = AccessLog::open(config.log_dir, config.log_keep, clock);
    if (!log) {
        return std::unexpected(log.error());
    }
    auto tls = net::TlsClient::open(config.ca_file);
    if (!tls) {
        return hubfs::within("upstream.ca_file", tls.error());
    }
    if (config.site.passthrough && !config.upstream_proxy.empty()) {
        hubfs::log::warn("upstream_proxy_not_used_by_passthrough",
                         {{"why", "passed-through requests go to upstream directly"}});
    }
    auto parts =
        std::make_unique<Parts>(std::move(config), clock, std::move(*log), std::move(*tls));
    for (const hubfs::ListenAddress& address : parts->config.listen) {
        auto listener = net::Listener::open(
            address, parts->loops,
            [raw = parts.get()](boost::asio::ip::tcp::socket socket, net::EventLoop& loop) {
                h1::start_connection(std::move(socket), loop, raw->shared.at(&loop));
            });
        if (!listener) {
            return hubfs::within("http.listen", listener.error());
        }
        parts->listeners.push_back(std::move(*listener));
    }
    return std::unique_ptr<Server>(new Server(std::move(parts)));
}

std::string Server::address() const {
    hubfs::ListenAddress first = parts_->config.listen.front();
    first.port = parts_->listeners.front()->port();
    return "http://" + first.text();
}

bool Server::stop() {
    const auto wait = [this](std::chrono::steady_clock::duration most) {
        const auto end = std::chrono::steady_clock::now() + most;
        while (parts_->connections() > 0 && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(kPoll);
        }
        return parts_->connections() == 0;
    };
    for (auto& listener : parts_->listeners) {
        listener->close();
    }
    for (auto& loop : parts_->loops) {
        loop->stop_connections();
    }
    bool ended = wait(kDrain);
    if (!ended) {
        hubfs::log::warn("drain_ended_early", {{"connections", parts_->connections()}});
        for (auto& loop : parts_->loops) {
            loop->abort_connections();
        }
        ended = wait(kAbort);
    }
    // A read that hangs in the mount would hang the destructor.
    ended = parts_->watch.stop(kAbort) && ended;
    parts_->log->flush();
    return ended;
}

}  // namespace httpd::app
