// SPDX-License-Identifier: Apache-2.0
// hf-mirror, the operator's command: words, configuration, and one function per subcommand.
#include <cstdio>
#include <string>
#include <vector>

#include "fs/base/exit_code.h"
#include "fs/base/log.h"
#include "fs/base/options.h"
#include "fs/cli/arguments.h"
#include "fs/cli/doctor.h"
#include "fs/cli/jobs.h"
#include "fs/cli/reload.h"
#include "fs/cli/status.h"
#include "fs/cli/up.h"

namespace {

using namespace hubfs;
using namespace hubfs::cli;

int run(const Arguments& arguments) {
    if (arguments.command == Command::doctor && arguments.doctor.client) {
        return run_doctor_of_client(arguments.doctor);  // on a machine without a configuration
    }
    ConfigSource source = arguments.config;
    source.files_must_exist =
        arguments.command == Command::config_check || arguments.command == Command::up;
    const auto options = Options::load(source);
    if (!options) {
        for (const std::string& mistake : options.error()) {
            std::fprintf(stderr, "%s\n", mistake.c_str());
        }
        return kExitUsage;
    }
    switch (arguments.command) {
        case Command::config_check: std::puts("ok"); return 0;
        case Command::config_show: std::fputs(options->to_toml().c_str(), stdout); return 0;
        case Command::status: return run_status(*options, arguments.json, arguments.line);
        case Command::doctor: return run_doctor(*options, arguments.doctor);
        case Command::start_job: return run_job(*options, arguments.job);
        case Command::jobs: return run_jobs(*options, arguments.json);
        case Command::pins: return run_pins(*options, arguments.json);
        case Command::unpin: return run_end(*options, arguments.job);
        case Command::follows: return run_follows(*options, arguments.json);
        case Command::unfollow: return run_end(*options, arguments.job);
        case Command::cancel: return run_cancel(*options, arguments.number);
        case Command::reload: return run_reload(*options);
        case Command::up:
            log::open("hf-mirror", options->text("log.level"));
            return run_up(*options, arguments.config);
    }
    return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto arguments = parse_arguments(words);
    if (!arguments) {
        const Refusal& refusal = arguments.error();
        std::fputs(refusal.text.c_str(), refusal.exit_code == 0 ? stdout : stderr);
        return refusal.exit_code;
    }
    return run(*arguments);
}
