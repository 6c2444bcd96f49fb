// SPDX-License-Identifier: Apache-2.0
// Every option there is: the one place where keys, defaults and help texts are written. The help
// of the programs, docs/configuration.md (checked by a test) and `config show` come from here.
#include <array>

#include "fs/base/options.h"

namespace hubfs {
namespace {

using enum OptionType;

constexpr std::string_view kNoTls = "TLS and HTTP/3 are not built in this version";
constexpr std::string_view kNoXet = "the Xet read protocol is not built in this version";
constexpr std::string_view kNoLimits = "limits per client are not built in this version";
constexpr std::string_view kNoPolicy = "the operator's policy is not built in this version";
constexpr std::string_view kNoRate = "the upstream byte rate is not built in this version";

constexpr std::string_view kContentHosts =
    R"(["us.aws.cdn.hf.co", "us.gcp.cdn.hf.co", "cas-bridge.xethub.hf.co", )"
    R"("cdn-lfs.huggingface.co", "cdn-lfs-us-1.hf.co", "cdn-lfs-eu-1.hf.co", "cdn-lfs.hf.co", )"
    R"("cas-server.xethub.hf.co", "cas-server.xethub-eu.hf.co", "transfer.xethub.hf.co", )"
    R"("transfer.xethub-eu.hf.co"])";

constexpr auto kOptions = std::to_array<OptionSpec>({
    {"node.name", text, R"("")", "", "What this node calls itself.", ""},
    {"node.state_dir", text, R"("/var/lib/hf-mirror")", "path",
     "Where metadata is kept; survives restarts.", ""},
    {"node.run_dir", text, R"("/run/hf-mirror")", "path",
     "Where control sockets and generated files live while the programs run.", ""},

    {"mount.path", text, R"("/mnt/hf")", "path", "Where the Hub is mounted.", ""},
    {"mount.allow_other", flag, "true", "", "Whether other users may read the mount.", ""},
    {"mount.passthrough", text, R"("auto")", "auto or off",
     "Whether the kernel reads verified files directly.", ""},
    {"mount.disable_features", list, "[]", "",
     "Kernel features not to use: passthrough, resend, request_timeout, epoch, prune.", ""},

    {"upstream.url", text, R"("https://huggingface.co")", "URL", "The Hub that is mirrored.", ""},
    {"upstream.content_hosts", list, kContentHosts, "hosts",
     "Hosts that content may be fetched from besides the Hub: host, host:port or *.host.", ""},
    {"upstream.allow_http", flag, "false", "", "Whether upstream.url may be plain http.", ""},
    {"upstream.deadline", duration, R"("30s")", "duration",
     "How long one answer of upstream may take to begin and to go on.", ""},
    {"upstream.connections", count, "16", "connections", "Connections per upstream host.", ""},
    {"upstream.token_file", text, R"("")", "path",
     "A file with the operator's token, which raises upstream's quota.", ""},
    {"upstream.proxy", text, R"("")", "URL", "A proxy on the way to upstream.", ""},
    {"upstream.ca_file", text, R"("")", "path",
     "Certificate authorities that upstream is checked against; empty: the system's.", ""},
    {"upstream.rate", size, R"("0")", "bytes per second", "Upstream bytes per second; 0: no limit.",
     kNoRate},
    {"upstream.offline", flag, "false", "", "Whether upstream is never asked.", ""},

    {"cache.dirs", list, R"(["/var/cache/hf-mirror"])", "paths",
     "Where content is cached, one directory per disk.", ""},
    {"cache.size", size, R"("100GiB")", "bytes", "How much content is kept on disk.", ""},
    {"cache.block", size, R"("1MiB")", "bytes", "The unit of fetching and storing.", ""},
    {"cache.documents", size, R"("1GiB")", "bytes", "How much API documents may take.", ""},

    {"freshness.ref", duration, R"("5m")", "duration", "How long a branch or tag is fresh.", ""},
    {"freshness.document", duration, R"("5m")", "duration", "How long an API document is fresh.",
     ""},
    {"freshness.absent", duration, R"("10s")", "duration",
     "How long a name that upstream does not have stays absent.", ""},
    {"freshness.state", duration, R"("1h")", "duration",
     "After how long at most a repository that was withdrawn is no longer served.", ""},
    {"freshness.stale", duration, R"("7d")", "duration",
     "How long an expired answer is used while upstream is down.", ""},
    {"freshness.wait", duration, R"("500ms")", "duration",
     "How long a caller waits for a renewal before the old answer is used.", ""},
    {"freshness.follow", duration, R"("15m")", "duration",
     "How often upstream is asked for what is followed.", ""},

    {"http.listen", list, R"(["127.0.0.1:8080"])", "ADDR:PORT",
     "Where HTTP is served; port 0: any free one.", ""},
    {"http.tls_listen", list, "[]", "ADDR:PORT", "Where HTTPS and HTTP/3 are served.", kNoTls},
    {"http.tls_cert", text, R"("")", "path", "The certificate chain.", kNoTls},
    {"http.tls_key", text, R"("")", "path", "The private key.", kNoTls},
    {"http.public_url", text, R"("")", "URL", "What clients call this server.", ""},
    {"http.passthrough", flag, "true", "",
     "Whether what is not cached (Spaces, private repositories) is passed to upstream.", ""},
    {"http.writes", flag, "true", "", "Whether writes are passed to upstream.", ""},
    {"http.xet_from", text, R"("1GB")", "size or off", "From which size on files offer Xet.",
     kNoXet},
    {"http.redirect_hosts", list, R"(["huggingface.co", "cdn-lfs.huggingface.co"])", "hosts",
     "Hosts that a passed-through redirect may name; all others are followed by us.", ""},

    {"rsync.listen", text, R"("")", "ADDR:PORT", "Where rsync is served; empty: nowhere.", ""},

    {"limits.requests_per_second", count, "30", "requests", "Requests per second and client.",
     kNoLimits},
    {"limits.burst", count, "600", "requests", "Requests at once per client.", kNoLimits},
    {"limits.connections", count, "256", "connections", "Connections per client.", kNoLimits},
    {"limits.bytes_per_day", size, R"("1TB")", "bytes", "Bytes per client and 24 hours.",
     kNoLimits},
    {"limits.exempt", list, "[]", "networks", "Networks without limits.", kNoLimits},

    {"policy.deny", list, "[]", "repositories", "Repositories that are never served.", kNoPolicy},
    {"policy.allow", list, "[]", "repositories", "The only repositories served, when set.",
     kNoPolicy},
    {"policy.max_file", size, R"("0")", "bytes", "The largest file served; 0: no limit.",
     kNoPolicy},

    {"log.dir", text, R"("/var/log/hf-mirror")", "path", "Where log files go.", ""},
    {"log.keep", duration, R"("14d")", "duration", "How long log files are kept.", ""},
    {"log.level", text, R"("info")", "debug, info, warn or error",
     "The least important line that is written.", ""},
});

}  // namespace

std::span<const OptionSpec> all_options() {
    return kOptions;
}

}  // namespace hubfs
