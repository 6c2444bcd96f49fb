// SPDX-License-Identifier: Apache-2.0
// Waiting in a coroutine for a callback that another thread may call: the callback's value comes
// back on the coroutine's own executor. Includes Asio: only for files that run on an event loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "httpd/http/once.h"

namespace httpd::net {

// `start(Once<T>)` begins the work. Dropped without an answer, the wait ends with `fallback`.
template <class T, class Start>
boost::asio::awaitable<T> await_once(boost::asio::any_io_executor executor, T fallback,
                                     Start start) {
    auto initiate = [executor = std::move(executor), fallback = std::move(fallback),
                     start = std::move(start)](auto handler) mutable {
        auto work = boost::asio::make_work_guard(executor);
        auto resume = [handler = std::move(handler), executor,
                       work = std::move(work)](T value) mutable {
            boost::asio::post(executor,
                              [handler = std::move(handler), value = std::move(value)]() mutable {
                                  std::move(handler)(std::move(value));
                              });
        };
        start(http::Once<T>(std::move(resume), std::move(fallback)));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(T)>(
        std::move(initiate), boost::asio::use_awaitable);
}

}  // namespace httpd::net
