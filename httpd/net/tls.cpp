// SPDX-License-Identifier: Apache-2.0
#include "httpd/net/tls.h"

#include <openssl/ssl.h>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <utility>

namespace httpd::net {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

hubfs::Result<std::unique_ptr<TlsClient>> TlsClient::open(const std::string& ca_file) {
    std::unique_ptr<TlsClient> client(new TlsClient());
    error_code error;
    client->context_.set_verify_mode(ssl::verify_peer, error);
    if (!error && ca_file.empty()) {
        client->context_.set_default_verify_paths(error);
    } else if (!error) {
        client->context_.load_verify_file(ca_file, error);
    }
    if (error) {
        return hubfs::fail(hubfs::Code::invalid, "cannot read certificate authorities" +
                                                     (ca_file.empty() ? "" : " of " + ca_file) +
                                                     ": " + error.message());
    }
    SSL_CTX_set_min_proto_version(client->context_.native_handle(), TLS1_2_VERSION);
    return client;
}

hubfs::Result<std::unique_ptr<TlsStream>> TlsClient::stream(boost::asio::ip::tcp::socket socket,
                                                            const std::string& host) {
    auto stream = std::make_unique<TlsStream>(std::move(socket), context_);
    error_code error;
    stream->set_verify_callback(ssl::host_name_verification(host), error);
    // SSL_set_tlsext_host_name is a macro with an old-style cast in it.
    const long sni = SSL_ctrl(stream->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                              TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
    if (error || sni != 1) {
        return hubfs::fail(hubfs::Code::protocol, "TLS cannot be set up for " + host);
    }
    return stream;
}

}  // namespace httpd::net
