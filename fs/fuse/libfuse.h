// SPDX-License-Identifier: Apache-2.0
// The library's own header, included in one place so that all of this folder sees one version of
// it. No other folder includes this.
#pragma once

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
