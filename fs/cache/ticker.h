// SPDX-License-Identifier: Apache-2.0
// A thread that does one piece of work some time after it was poked, and again as long as the work
// says so; asleep otherwise. The interval is real time, whatever clock the work itself looks at.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace hubfs::cache {

class Ticker {
public:
    // work: returns whether to come again after another interval without a poke.
    Ticker(std::string name, std::chrono::milliseconds interval, std::function<bool()> work);
    ~Ticker() { stop(); }
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    // From any thread. The work runs once more, at the latest an interval from now.
    void poke();
    // Waits for work under way. Not from the work itself.
    void stop();

private:
    void run();

    const std::string name_;
    const std::chrono::milliseconds interval_;
    const std::function<bool()> work_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool poked_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace hubfs::cache
