// SPDX-License-Identifier: Apache-2.0
// The choice of files; the reading is tested through the programs (tests/e2e/prefetch_test.py).
#include "fs/app/chosen_files.h"

#include <gtest/gtest.h>

namespace hubfs::app {
namespace {

TEST(ChosenFiles, PatternsChooseAsThePythonClientsMeanThem) {
    const struct {
        std::vector<std::string> include, exclude;
        std::string path;
        bool want;
    } rows[] = {
        {{}, {}, "a/b.bin", true},
        {{"*.json"}, {}, "config.json", true},
        {{"*.json"}, {}, "sub/config.json", true},
        {{"*.json"}, {}, "model.bin", false},
        {{"*.json", "m*"}, {}, "model.bin", true},
        {{"onnx/"}, {}, "onnx/model.onnx", true},
        {{"onnx/"}, {}, "onnx.txt", false},
        {{}, {"*.bin"}, "sub/model.bin", false},
        {{"model*"}, {"*.bin"}, "model.safetensors", true},
        {{"model*"}, {"*.bin"}, "model.bin", false},
        {{"model-0000[12]-of-3"}, {}, "model-00002-of-3", true},
        {{"model-0000[!12]-of-3"}, {}, "model-00002-of-3", false},
        {{"?"}, {}, "a", true},
        {{"?"}, {}, "ab", false},
        {{"*"}, {}, ".gitattributes", true},
    };
    for (const auto& row : rows) {
        const FilesRequest request{.repo = {}, .include = row.include, .exclude = row.exclude};
        EXPECT_EQ(chosen(request, row.path), row.want) << row.path;
    }
}

}  // namespace
}  // namespace hubfs::app
