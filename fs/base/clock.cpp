// SPDX-License-Identifier: Apache-2.0
#include "fs/base/clock.h"

#include <charconv>
#include <cstdio>

namespace hubfs {

Instant Clock::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

Steady Clock::steady() const {
    return std::chrono::steady_clock::now();
}

std::string to_text(Instant at) {
    using namespace std::chrono;
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    char text[40];
    const int n = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<long>(time.hours().count()), static_cast<long>(time.minutes().count()),
        static_cast<long>(time.seconds().count()), static_cast<long>(time.subseconds().count()));
    return {text, static_cast<std::size_t>(n)};
}

namespace {

// Decimal digits only; -1 when the text is anything else.
long digits(std::string_view text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && !text.empty() && text.front() != '-' ? value : -1;
}

}  // namespace

std::optional<Instant> instant_from(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 20 || text.size() > 27 || text.back() != 'Z' || text[4] != '-' ||
        text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const long y = digits(text.substr(0, 4));
    const long mo = digits(text.substr(5, 2));
    const long d = digits(text.substr(8, 2));
    const long h = digits(text.substr(11, 2));
    const long mi = digits(text.substr(14, 2));
    const long s = digits(text.substr(17, 2));
    long us = 0;
    if (text[19] == '.') {
        std::string fraction(text.substr(20, text.size() - 21));
        fraction.resize(6, '0');
        us = digits(fraction);
    } else if (text.size() != 20) {
        return std::nullopt;
    }
    const year_month_day date(year(static_cast<int>(y)), month(static_cast<unsigned>(mo)),
                              day(static_cast<unsigned>(d)));
    if (y < 0 || mo < 0 || d < 0 || !date.ok() || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 ||
        s > 60 || us < 0) {
        return std::nullopt;
    }
    return sys_days(date) + hours(h) + minutes(mi) + seconds(s) + microseconds(us);
}

}  // namespace hubfs
