// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/date.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>

namespace httpd::http {

namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<unsigned> month_number(std::string_view text) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (kMonths[i] == text) {
            return static_cast<unsigned>(i) + 1;
        }
    }
    return std::nullopt;
}

struct Parts {
    std::string_view day, month, year, time;
};

// HH:MM:SS; a leap second counts as the last ordinary one.
std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
    if (text.size() != 8 || text[2] != ':' || text[5] != ':') {
        return std::nullopt;
    }
    const auto h = number(text.substr(0, 2));
    const auto m = number(text.substr(3, 2));
    const auto s = number(text.substr(6, 2));
    if (!h || !m || !s || *h > 23 || *m > 59 || *s > 60) {
        return std::nullopt;
    }
    return std::chrono::hours(*h) + std::chrono::minutes(*m) +
           std::chrono::seconds(*s > 59 ? 59 : *s);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<Parts> imf_fixdate(std::string_view t) {
    if (t.size() != 29 || t.substr(3, 2) != ", " || t[7] != ' ' || t[11] != ' ' || t[16] != ' ' ||
        !t.ends_with(" GMT")) {
        return std::nullopt;
    }
    return Parts{t.substr(5, 2), t.substr(8, 3), t.substr(12, 4), t.substr(17, 8)};
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
std::optional<Parts> rfc850(std::string_view t) {
    const auto comma = t.find(", ");
    if (comma == std::string_view::npos) {
        return std::nullopt;
    }
    t.remove_prefix(comma + 2);
    if (t.size() != 22 || t[2] != '-' || t[6] != '-' || t[9] != ' ' || !t.ends_with(" GMT")) {
        return std::nullopt;
    }
    return Parts{t.substr(0, 2), t.substr(3, 3), t.substr(7, 2), t.substr(10, 8)};
}

// "Sun Nov  6 08:49:37 1994"
std::optional<Parts> asctime_form(std::string_view t) {
    if (t.size() != 24 || t[3] != ' ' || t[7] != ' ' || t[10] != ' ' || t[19] != ' ') {
        return std::nullopt;
    }
    const std::string_view d = t[8] == ' ' ? t.substr(9, 1) : t.substr(8, 2);
    return Parts{d, t.substr(4, 3), t.substr(20, 4), t.substr(11, 8)};
}

}  // namespace

std::string http_date(hubfs::Instant at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto days = std::chrono::floor<std::chrono::days>(seconds);
    const year_month_day date(days);
    const std::chrono::hh_mm_ss time(seconds - days);
    std::array<char, 64> text{};
    const int n = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                kDays[std::chrono::weekday(days).c_encoding()].data(),
                                unsigned(date.day()), kMonths[unsigned(date.month()) - 1].data(),
                                int(date.year()), static_cast<int>(time.hours().count()),
                                static_cast<int>(time.minutes().count()),
                                static_cast<int>(time.seconds().count()));
    return std::string(text.data(), static_cast<std::size_t>(n));
}

std::optional<hubfs::Instant> parse_http_date(std::string_view text, hubfs::Instant now) {
    auto parts = imf_fixdate(text);
    if (!parts) {
        parts = rfc850(text);
    }
    if (!parts) {
        parts = asctime_form(text);
    }
    if (!parts) {
        return std::nullopt;
    }
    const auto d = number(parts->day);
    const auto m = month_number(parts->month);
    const auto y = number(parts->year);
    const auto time = time_of_day(parts->time);
    if (!d || !m || !y || !time) {
        return std::nullopt;
    }
    int full_year = static_cast<int>(*y);
    if (parts->year.size() == 2) {
        const year_month_day today(std::chrono::floor<std::chrono::days>(now));
        full_year += int(today.year()) / 100 * 100;
        if (full_year > int(today.year()) + 50) {
            full_year -= 100;
        }
    }
    const year_month_day date{year(full_year), month(*m), day(*d)};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + *time;
}

}  // namespace httpd::http
