// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/database.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <latch>
#include <thread>

#include "fs/meta/codec.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

using test::TempDir;

std::unique_ptr<Database> open_or_fail(const std::string& path, DatabaseConfig config = {}) {
    auto database = Database::open(path, config);
    EXPECT_TRUE(database) << (database ? "" : database.error().message);
    return database ? std::move(*database) : nullptr;
}

Status put(Database& database, const std::string& key, const std::string& value) {
    return database.write(
        [&](WriteTxn& txn) -> Status { return txn.put(Table::paths, key, value); });
}

std::string get(const Database& database, const std::string& key) {
    auto value = database.read([&](const ReadTxn& txn) -> Result<std::string> {
        auto found = txn.get(Table::paths, key);
        if (!found) {
            return std::unexpected(found.error());
        }
        return *found ? std::string(**found) : "(none)";
    });
    return value.value_or("(error)");
}

TEST(Database, KeepsWhatWasWrittenOverAReopen) {
    const TempDir dir;
    {
        auto database = open_or_fail(dir.path() + "/meta");
        ASSERT_TRUE(put(*database, "a", "1"));
        EXPECT_EQ(get(*database, "a"), "1");
        EXPECT_EQ(get(*database, "b"), "(none)");
    }
    auto database = open_or_fail(dir.path() + "/meta");
    EXPECT_EQ(get(*database, "a"), "1");
}

TEST(Database, ItsDirectoryIsPrivate) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/deep/er/meta");
    struct stat info{};
    ASSERT_EQ(::stat((dir.path() + "/deep/er/meta").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST(Database, ASecondDaemonIsKeptOutWithAClearReason) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta");
    const auto second = Database::open(dir.path() + "/meta");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unsupported);
    EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
    database.reset();
    EXPECT_TRUE(Database::open(dir.path() + "/meta"));
}

TEST(Database, ANewerFormatIsRefusedAndLeftAlone) {
    const TempDir dir;
    const std::string path = dir.path() + "/meta";
    {
        auto database = open_or_fail(path);
        ASSERT_TRUE(database->write([](WriteTxn& txn) -> Status {
            return txn.put(Table::format, "version", encode(kFormatVersion + 1));
        }));
    }
    for (int i = 0; i < 2; ++i) {
        const auto database = Database::open(path);
        ASSERT_FALSE(database);
        EXPECT_EQ(database.error().code, Code::unsupported);
        EXPECT_NE(database.error().message.find(std::to_string(kFormatVersion + 1)),
                  std::string::npos);
    }
}

TEST(Database, TheMapGrowsByItselfWhileReadersRead) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta", {1ULL << 20, std::chrono::milliseconds(50)});
    ASSERT_TRUE(put(*database, "first", "value"));
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> reads{0};
    std::atomic<std::uint64_t> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                wrong += get(*database, "first") != "value" ? 1U : 0U;
                ++reads;
            }
        });
    }
    const std::string megabyte(1U << 20, 'x');
    for (int i = 0; i < 12; ++i) {
        ASSERT_TRUE(put(*database, "big" + std::to_string(i), megabyte));
    }
    while (reads < 100) {
        std::this_thread::yield();
    }
    stop = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_GE(database->stats().growths, 2U);
    EXPECT_GE(database->stats().map_bytes, 12U << 20);
    for (int i = 0; i < 12; ++i) {
        EXPECT_EQ(get(*database, "big" + std::to_string(i)).size(), megabyte.size());
    }
}

TEST(Database, WritesThatWaitTogetherAreOneCommit) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta");
    // The first write holds the writer until all others wait behind it.
    constexpr int kOthers = 20;
    std::promise<void> entered;
    std::promise<void> release;
    auto go = release.get_future().share();
    bool told = false;
    std::thread first([&] {
        EXPECT_TRUE(database->write([&](WriteTxn& txn) -> Status {
            if (!told) {
                told = true;
                entered.set_value();
                go.wait();
            }
            return txn.put(Table::paths, "first", "1");
        }));
    });
    entered.get_future().wait();
    for (int i = 0; i < kOthers; ++i) {
        database->write_later([i](WriteTxn& txn) -> Status {
            return txn.put(Table::paths, "k" + std::to_string(i), "v");
        });
    }
    release.set_value();
    first.join();
    ASSERT_TRUE(database->flush());
    const DatabaseStats stats = database->stats();
    EXPECT_EQ(stats.groups, 2U);  // the first; then everything else with the flush
    EXPECT_EQ(stats.writes, static_cast<std::uint64_t>(kOthers) + 2);
    EXPECT_EQ(get(*database, "k19"), "v");
}

TEST(Database, AFailingWriteLeavesNothingAndHarmsNobody) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta");
    std::promise<Status> good;
    std::promise<Status> bad;
    database->write_later(
        [](WriteTxn& txn) -> Status { return txn.put(Table::paths, "good", "1"); },
        [&](Status status) { good.set_value(std::move(status)); });
    database->write_later(
        [](WriteTxn& txn) -> Status {
            (void)txn.put(Table::paths, "bad", "1");
            return fail(Code::protocol, "changed its mind");
        },
        [&](Status status) { bad.set_value(std::move(status)); });
    ASSERT_TRUE(database->flush());
    EXPECT_TRUE(good.get_future().get());
    const Status refused = bad.get_future().get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::protocol);
    EXPECT_EQ(get(*database, "good"), "1");
    EXPECT_EQ(get(*database, "bad"), "(none)");
    EXPECT_EQ(database->stats().groups, 1U);
}

TEST(Database, AThrowingWriteIsAnErrorOfItsOwn) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta");
    const Status thrown =
        database->write([](WriteTxn&) -> Status { throw std::length_error("too long"); });
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().code, Code::io);
    EXPECT_TRUE(put(*database, "a", "1"));
}

TEST(Database, LaterWritesComeByThemselvesAndAtTheEnd) {
    const TempDir dir;
    {
        auto database =
            open_or_fail(dir.path() + "/meta", {1ULL << 22, std::chrono::milliseconds(5)});
        std::promise<Status> committed;
        database->write_later(
            [](WriteTxn& txn) -> Status { return txn.put(Table::paths, "soon", "1"); },
            [&](Status status) { committed.set_value(std::move(status)); });
        EXPECT_TRUE(committed.get_future().get());
        EXPECT_EQ(get(*database, "soon"), "1");
    }
    {
        auto database = open_or_fail(dir.path() + "/meta", {1ULL << 22, std::chrono::hours(1)});
        database->write_later(
            [](WriteTxn& txn) -> Status { return txn.put(Table::paths, "at the end", "1"); });
        EXPECT_EQ(get(*database, "at the end"), "(none)");
    }
    auto database = open_or_fail(dir.path() + "/meta");
    EXPECT_EQ(get(*database, "soon"), "1");
    EXPECT_EQ(get(*database, "at the end"), "1");
}

TEST(Database, CountersGiveEveryNumberOnce) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta");
    std::vector<std::uint64_t> numbers(40);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 10; ++i) {
                numbers[t * 10 + i] =
                    database->write([](WriteTxn& txn) { return txn.take("x", 5); }).value_or(0);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::ranges::sort(numbers);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        EXPECT_EQ(numbers[i], i + 5);
    }
}

TEST(Database, CursorsWalkInKeyOrder) {
    const TempDir dir;
    auto database = open_or_fail(dir.path() + "/meta");
    for (const char* key : {"b", "a", "d"}) {
        ASSERT_TRUE(put(*database, key, key));
    }
    const auto seen = database->read([](const ReadTxn& txn) -> Result<std::string> {
        std::string text;
        auto cursor = txn.cursor(Table::paths);
        for (auto on = cursor->seek("b"); on && *on; on = cursor->next()) {
            text += cursor->key();
        }
        text += cursor->last().value_or(false) ? std::string(cursor->key()) : "?";
        text += cursor->first().value_or(false) ? std::string(cursor->key()) : "?";
        text += cursor->seek("e").value_or(true) ? "?" : "-";
        return text;
    });
    EXPECT_EQ(seen, "bdda-");
}

// Writes rows 0, 1, 2, … and says on the pipe which are committed, until it is killed.
[[noreturn]] void write_for_ever(const std::string& path, int pipe) {
    auto database = Database::open(path);
    for (std::uint32_t i = 0; database; ++i) {
        const Status written = (*database)->write([&](WriteTxn& txn) -> Status {
            if (Status one = txn.put(Table::paths, "a" + std::to_string(i), "1"); !one) {
                return one;
            }
            return txn.put(Table::paths, "b" + std::to_string(i), "1");
        });
        if (!written || ::write(pipe, &i, sizeof i) != sizeof i) {
            break;
        }
    }
    ::_exit(1);
}

TEST(Database, WhatWasCommittedSurvivesKillDashNine) {
    const TempDir dir;
    const std::string path = dir.path() + "/meta";
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        write_for_ever(path, pipe[1]);
    }
    ::close(pipe[1]);
    std::uint32_t last = 0;
    for (std::uint32_t got = 0; last < 20 && ::read(pipe[0], &got, sizeof got) == sizeof got;) {
        last = got;
    }
    ::kill(child, SIGKILL);
    for (std::uint32_t got = 0; ::read(pipe[0], &got, sizeof got) == sizeof got;) {
        last = got;
    }
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_GE(last, 20U);

    auto database = open_or_fail(path);
    ASSERT_TRUE(database);
    for (std::uint32_t i = 0; i <= last; ++i) {
        EXPECT_EQ(get(*database, "a" + std::to_string(i)), "1") << i;
        EXPECT_EQ(get(*database, "b" + std::to_string(i)), "1") << i;
    }
    // At most one more, and that one whole.
    const std::string next = std::to_string(last + 1);
    EXPECT_EQ(get(*database, "a" + next), get(*database, "b" + next));
    EXPECT_EQ(get(*database, "a" + std::to_string(last + 2)), "(none)");
    EXPECT_TRUE(put(*database, "after", "1"));
}

}  // namespace
}  // namespace hubfs::meta
