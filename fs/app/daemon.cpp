// SPDX-License-Identifier: Apache-2.0
#include "fs/app/daemon.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "fs/app/backing_client.h"
#include "fs/app/config.h"
#include "fs/app/control.h"
#include "fs/app/follow_ops.h"
#include "fs/app/follower.h"
#include "fs/app/job_ops.h"
#include "fs/app/jobs.h"
#include "fs/app/kernel_memory.h"
#include "fs/app/limits.h"
#include "fs/app/pins.h"
#include "fs/app/source_gate.h"
#include "fs/app/stats.h"
#include "fs/base/clock.h"
#include "fs/base/log.h"
#include "fs/base/thread_pool.h"
#include "fs/cache/block_cache.h"
#include "fs/contract.h"
#include "fs/fuse/session.h"
#include "fs/meta/blob_table.h"
#include "fs/meta/catalog.h"
#include "fs/meta/database.h"
#include "fs/tree/filesystem.h"
#include "fs/upstream/hub_client.h"

namespace hubfs::app {

namespace {

std::string ok() {
    return R"({"ok":true})";
}

void tell(int channel, std::string_view message) {
    // A supervisor that is gone is seen by poll().
    std::ignore = send(channel, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Members stand in the order in which they are built; each uses only those above it.
class LiveDaemon final : public Daemon {
public:
    explicit LiveDaemon(DaemonStart start) : start_(std::move(start)), started_(clock_.now()) {}
    ~LiveDaemon() override { take_apart(); }

    Status build(const Options& options);
    Status run() override;

private:
    Status build_stores(const Options& options);
    Status build_upstream(const Options& options);
    Status build_control(const Options& options);
    [[nodiscard]] std::string stats() const;
    [[nodiscard]] Status flush_now();
    [[nodiscard]] std::string hand_over();
    void serve();
    void take_apart();

    DaemonStart start_;
    Clock clock_;
    const Instant started_;
    const Fd gone_{eventfd(0, EFD_CLOEXEC)};  // readable: the kernel has ended the connection
    KernelMemory kernel_;
    std::unique_ptr<SourceGate> source_;
    upstream::HubClient* hub_ = nullptr;  // behind source_, until that is closed
    std::unique_ptr<meta::Database> database_;
    std::unique_ptr<ThreadPool> pool_;
    std::unique_ptr<meta::Catalog> catalog_;
    std::unique_ptr<meta::BlobTable> blobs_;
    std::unique_ptr<cache::BlockCache> cache_;
    Jobs jobs_{clock_};
    std::unique_ptr<Follower> follower_;
    std::unique_ptr<tree::Filesystem> filesystem_;
    std::unique_ptr<BackingClient> backing_;
    std::unique_ptr<fuse::Session> session_;
    std::unique_ptr<ControlServer> control_;
};

Status LiveDaemon::build_upstream(const Options& options) {
    Result<std::string> token = read_token(options.text("upstream.token_file"));
    if (!token) {
        return std::unexpected(std::move(token.error()));
    }
    auto client = upstream::HubClient::open(upstream_config(options, std::move(*token)), clock_);
    if (!client) {
        return within("upstream", std::move(client.error()));
    }
    hub_ = client->get();
    source_ = std::make_unique<SourceGate>(std::move(*client));
    return {};
}

Status LiveDaemon::build_stores(const Options& options) {
    const std::string& state = options.text("node.state_dir");
    if (Status usable = usable_directory(state, "node.state_dir"); !usable) {
        return usable;
    }
    for (const std::string& dir : options.list("cache.dirs")) {
        if (Status usable = usable_directory(dir, "cache.dirs"); !usable) {
            return usable;
        }
    }
    auto database = meta::Database::open(state + "/meta");
    if (!database) {
        return within("the store " + state + "/meta", std::move(database.error()));
    }
    database_ = std::move(*database);
    pool_ = std::make_unique<ThreadPool>("meta", kPoolThreads, kPoolQueueMax);
    auto catalog = meta::Catalog::open(
        catalog_config(options), *database_, *source_, *pool_, clock_,
        {.on_state = [this](const RepoKey& repo, hub::RepoState) { kernel_.state_changed(repo); },
         .on_renewed = [this](const std::string& target) { kernel_.document_renewed(target); }});
    if (!catalog) {
        return within("the catalogue", std::move(catalog.error()));
    }
    catalog_ = std::move(*catalog);
    blobs_ = std::make_unique<meta::BlobTable>(*database_);
    cache::CacheConfig config = cache_config(options);
    config.on_dropped = [this](const ContentHash& hash) {
        if (!pool_->submit([this, hash] { kernel_.content_dropped(hash); })) {
            log::error("invalidation_lost", {{"content", hash.hex()}});
        }
    };
    config.pinned = [this] { return pinned_contents(*database_); };
    auto cache = cache::BlockCache::open(std::move(config), *blobs_, *source_, clock_);
    if (!cache) {
        return within("the block cache", std::move(cache.error()));
    }
    cache_ = std::move(*cache);
    follower_ =
        std::make_unique<Follower>(FollowerParts{.jobs = jobs_,
                                                 .catalog = *catalog_,
                                                 .cache = *cache_,
                                                 .database = *database_,
                                                 .clock = clock_,
                                                 .every = options.duration("freshness.follow"),
                                                 .offline = options.flag("upstream.offline")});
    return {};
}

Status LiveDaemon::build_control(const Options& options) {
    const int channel = start_.channel.get();
    ControlOps ops;
    ops.emplace("status", [this](std::string_view) { return stats(); });
    ops.emplace("flush", [this](std::string_view) {
        const Status flushed = flush_now();
        return flushed ? ok() : control_error(flushed.error().message);
    });
    ops.emplace("reload", [this](std::string_view) { return hand_over(); });
    add_job_ops(ops, {jobs_, *catalog_, *cache_, *database_, clock_});
    add_follow_ops(ops, *follower_, *catalog_);
    ops.emplace("stop", [channel](std::string_view) {
        tell(channel, supervisor::kStop);
        return ok();
    });
    auto control =
        ControlServer::open(options.text("node.run_dir") + "/hubfs.sock", std::move(ops));
    if (!control) {
        return std::unexpected(std::move(control.error()));
    }
    control_ = std::move(*control);
    return {};
}

Status LiveDaemon::build(const Options& options) {
    if (Status built = build_upstream(options); !built) {
        return built;
    }
    if (Status built = build_stores(options); !built) {
        return built;
    }
    filesystem_ = tree::Filesystem::create(
        {.catalog = *catalog_,
         .cache = *cache_,
         .clock = clock_,
         .mounted_at = started_,
         .status_files = {{"stats.json", [this] { return stats() + "\n"; }},
                          {std::string(contract::kJobsFile.substr(contract::kStatusDir.size() + 1)),
                           [this] { return jobs_json(jobs_.all()) + "\n"; }}}});
    const supervisor::Handover& given = start_.handover;
    auto rows = HandleRows::map(start_.rows);
    if (!rows) {
        return std::unexpected(std::move(rows.error()));
    }
    if (given.passthrough) {
        backing_ = std::make_unique<BackingClient>(std::move(start_.backing));
    }
    auto session = fuse::Session::open({.granted = {.flags = given.flags,
                                                    .max_readahead = given.max_readahead,
                                                    .resend = given.resend},
                                        .generation = given.generation,
                                        .backing = backing_.get()},
                                       std::move(start_.device), std::move(*rows), *filesystem_);
    if (!session) {
        return std::unexpected(std::move(session.error()));
    }
    session_ = std::move(*session);
    kernel_.connect(*catalog_, *session_);
    return build_control(options);
}

// Called from the control thread and from workers, only between the end of build() and the start
// of take_apart(), where every part stands.
std::string LiveDaemon::stats() const {
    return stats_json(started_, clock_.now(),
                      {{"fuse", [this] { return session_->stats_json(); }},
                       {"catalog", [this] { return catalog_->stats_json(); }},
                       {"cache", [this] { return cache_->stats_json(); }},
                       {"upstream", [this] { return hub_->stats_json(); }}});
}

Status LiveDaemon::flush_now() {
    Status flushed = cache_->flush();
    return flushed ? database_->flush() : flushed;
}

// The supervisor replaces us; it kills, so nothing may be left to do.
std::string LiveDaemon::hand_over() {
    if (!start_.handover.resend) {
        return control_error("this kernel cannot hand waiting requests to another daemon");
    }
    if (jobs_.running() > 0) {
        return control_error("jobs are running; wait for them or cancel them (hf-mirror jobs)");
    }
    if (const Status flushed = flush_now(); !flushed) {
        return control_error(flushed.error().message);
    }
    tell(start_.channel.get(), supervisor::kReload);
    return ok();
}

Status LiveDaemon::run() {
    Status started = session_->start([fd = gone_.get()] {
        const std::uint64_t one = 1;
        std::ignore = write(fd, &one, sizeof one);
    });
    if (!started) {
        return started;
    }
    tell(start_.channel.get(), supervisor::kReady);
    follower_->start();
    serve();
    take_apart();
    return {};
}

void LiveDaemon::serve() {
    std::array<pollfd, 3> waits{
        pollfd{.fd = start_.signals.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = start_.channel.get(), .events = 0, .revents = 0},  // POLLHUP comes unasked
        pollfd{.fd = gone_.get(), .events = POLLIN, .revents = 0}};
    for (;;) {
        const int ready = poll(waits.data(), waits.size(), static_cast<int>(kBeat.count()));
        if (ready < 0 && errno != EINTR) {
            log::error("poll_failed", {{"errno", std::strerror(errno)}});
            return;
        }
        if (ready > 0) {
            log::info("daemon_stopping", {{"because", waits[0].revents != 0   ? "signal"
                                                      : waits[1].revents != 0 ? "no supervisor"
                                                                              : "unmounted"}});
            return;
        }
        std::string beat(supervisor::kBeatPrefix);
        tell(start_.channel.get(), beat += std::to_string(session_->received()));
    }
}

// The order of docs/threading.md: nobody asks any more, what was asked is answered, then the parts.
void LiveDaemon::take_apart() {
    control_.reset();
    if (follower_) {
        follower_->stop();
    }
    jobs_.stop();
    kernel_.disconnect();
    if (session_) {
        session_->stop_notifications();
        if (!session_->drain(kDrainTime)) {
            log::warn("requests_cut_short");
        }
        session_->stop_reading();
    }
    if (source_) {
        source_->close();  // answers everything that waits for upstream
        hub_ = nullptr;
    }
    if (follower_) {
        follower_->close();
    }
    jobs_.close();
    follower_.reset();  // no job of its own is left
    if (session_ && !session_->drain(kDrainTime)) {
        log::error("requests_not_answered");
    }
    catalog_.reset();  // waits for its jobs: after it no operation's callback runs any more
    if (session_) {
        session_->close_handles();
    }
    filesystem_.reset();
    cache_.reset();
    blobs_.reset();
    pool_.reset();
    database_.reset();
    session_.reset();
    source_.reset();
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::open(const Options& options, DaemonStart start) {
    auto daemon = std::make_unique<LiveDaemon>(std::move(start));
    if (Status built = daemon->build(options); !built) {
        return std::unexpected(std::move(built.error()));
    }
    return daemon;
}

}  // namespace hubfs::app
