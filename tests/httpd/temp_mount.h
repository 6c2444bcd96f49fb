// SPDX-License-Identifier: Apache-2.0
// A plain directory with extended attributes in place of the mount, removed at the end of the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace httpd::test {

class TempMount {
public:
    TempMount() {
        std::string name = std::filesystem::temp_directory_path() / "httpd-test-XXXXXX";
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        root_ = name;
        write(".status/epoch", "1\n");
    }
    ~TempMount() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    TempMount(const TempMount&) = delete;
    TempMount& operator=(const TempMount&) = delete;

    void write(const std::string& path, std::string_view text) {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << text;
    }
    void mkdir(const std::string& path) { std::filesystem::create_directories(root_ / path); }
    void attribute(const std::string& path, const std::string& name, std::string_view value) {
        ASSERT_EQ(setxattr((root_ / path).c_str(), ("user.hub." + name).c_str(), value.data(),
                           value.size(), 0),
                  0)
            << path;
    }
    void link(const std::string& path, const std::string& target) {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::filesystem::create_symlink(target, root_ / path);
    }
    [[nodiscard]] std::string root() const { return root_; }

private:
    std::filesystem::path root_;
};

}  // namespace httpd::test
