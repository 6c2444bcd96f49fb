// SPDX-License-Identifier: Apache-2.0
// TLS towards upstream: which authorities are trusted and how a server proves its name. The only
// folder of hub-httpd that knows OpenSSL. Immutable after open(); thread-safe.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>

#include "fs/base/result.h"

namespace httpd::net {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

class TlsClient {
public:
    // ca_file empty: the system's authorities. Code::invalid when it cannot be read.
    static hubfs::Result<std::unique_ptr<TlsClient>> open(const std::string& ca_file);

    // A stream that will send this name (SNI) and accept only a certificate for it.
    [[nodiscard]] hubfs::Result<std::unique_ptr<TlsStream>> stream(
        boost::asio::ip::tcp::socket socket, const std::string& host);

private:
    TlsClient() : context_(boost::asio::ssl::context::tls_client) {}
    boost::asio::ssl::context context_;
};

}  // namespace httpd::net
