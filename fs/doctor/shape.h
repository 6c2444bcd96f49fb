// SPDX-License-Identifier: Apache-2.0
// Values compared with recorded types, field by field. Pure. What changes from day to day (hashes,
// dates, counts) is compared by its form only.
//
// A shape is a text of alternatives ("flag | text"), an object or a list of one shape that every
// element must have. Words: any, object, list, null, flag, count (a whole number from 0), number,
// text, date, digits, hex24, hex40, hex64, etag40, etag64, weak etag, next link, ratelimit, url
// (absolute); "=X" is X itself, "^X" begins with X. A key's last character says how much it
// matters: "!" needed, "?" may be absent (an object or list written out below it is relied on where
// it is there).
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fs/upstream/headers.h"

namespace hubfs::doctor {

struct Difference {
    std::string field;     // "siblings[0].rfilename"
    std::string expected;  // as the shape says it
    std::string found;     // "nothing", or the value, shortened
    bool needed = false;
    bool added = false;  // a field that was not recorded
};

using Differences = std::vector<Difference>;

// Whether a text (of a header field, or in JSON) has one of these types.
[[nodiscard]] bool text_fits(std::string_view type, std::string_view text);

// The differences of one list are told for its first element that has any. At most
// kDifferencesMax.
void compare_json(const boost::json::value& shape, const boost::json::value& value,
                  Differences& differences);
// Field names of the shape are lower case. Fields that were not recorded are no difference.
void compare_fields(const boost::json::object& shape, const upstream::ResponseHead& head,
                    Differences& differences);

}  // namespace hubfs::doctor
