// SPDX-License-Identifier: Apache-2.0
#include "httpd/proxy/policy.h"

#include <gtest/gtest.h>

namespace httpd::proxy {
namespace {

PolicyConfig config() {
    PolicyConfig made;
    made.upstream = {true, "hub.example", 443, ""};
    made.content_hosts = {*hubfs::parse_host_pattern("*.cdn.example"),
                          *hubfs::parse_host_pattern("10.0.0.1:8080")};
    made.redirect_hosts = {*hubfs::parse_host_pattern("give.example")};
    return made;
}

const Address kFrom{true, "hub.example", 443, "/a/b?c"};

struct Row {
    const char* location;
    Redirect what;
    const char* target = "";
};

TEST(Policy, redirects_are_given_back_followed_or_refused) {
    const Row rows[] = {
        {"https://give.example/x?y", Redirect::give_back, "/x?y"},
        {"https://GIVE.example:443/x", Redirect::give_back, "/x"},
        {"http://give.example/x", Redirect::refuse},
        {"https://give.example:444/x", Redirect::refuse},
        {"https://a.cdn.example/x?s=1", Redirect::follow, "/x?s=1"},
        {"https://a.cdn.example?s=1", Redirect::follow, "/?s=1"},
        {"https://cdn.example/x", Redirect::refuse},
        {"https://evilcdn.example/x", Redirect::refuse},
        {"http://a.cdn.example/x", Redirect::refuse},
        {"https://a.cdn.example:8443/x", Redirect::refuse},
        {"https://10.0.0.1:8080/x", Redirect::follow, "/x"},
        {"https://user@a.cdn.example/x", Redirect::refuse},
        {"/x", Redirect::follow, "/x"},
        {"//a.cdn.example/x", Redirect::follow, "/x"},
        {"x", Redirect::follow, "/a/x"},
        {"?x", Redirect::follow, "/a/b?x"},
        {"/x#y", Redirect::follow, "/x"},
        {"https://hub.example/x", Redirect::follow, "/x"},
        {"https://hub.example:444/x", Redirect::refuse},
        {"http://hub.example/x", Redirect::refuse},
        {"javascript:alert(1)", Redirect::refuse},
        {"file:///etc/passwd", Redirect::refuse},
        {"https://", Redirect::refuse},
        {"", Redirect::refuse},
        {"/a b", Redirect::refuse},
        {"/a\r\nb", Redirect::refuse},
    };
    for (const Row& row : rows) {
        const RedirectChoice choice = choose_redirect(config(), kFrom, row.location, true);
        EXPECT_EQ(static_cast<int>(choice.what), static_cast<int>(row.what)) << row.location;
        if (row.what != Redirect::refuse) {
            EXPECT_EQ(choice.to.target, row.target) << row.location;
        }
    }
    EXPECT_EQ(choose_redirect(config(), kFrom, "/x", false).what, Redirect::give_back_relative);
    EXPECT_EQ(choose_redirect(config(), kFrom, "https://a.cdn.example/x", false).what,
              Redirect::refuse);
}

TEST(Policy, addresses_in_an_answer_lead_to_us_or_where_clients_may_go) {
    PolicyConfig under = config();
    under.upstream.target = "/hub";
    const struct {
        const char* value;
        const char* at_root;
        const char* under_prefix;
    } rows[] = {
        {"https://hub.example/hub/y?z=1#f", "/hub/y?z=1#f", "/y?z=1#f"},
        {"https://hub.example/hub", "/hub", "/"},
        {"https://hub.example/hub?q", "/hub?q", "/?q"},
        {"https://hub.example/hubris", "/hubris", ""},
        {"/hub/y", "/hub/y", "/y"},
        {"y", "/a/y", ""},
        {"https://hub.example//evil.example/x", "/.//evil.example/x", ""},
        {"/hub/\\evil.example", "/hub/\\evil.example", "/./\\evil.example"},
        {"https://give.example/x", "https://give.example/x", "https://give.example/x"},
        {"http://give.example/x", "", ""},
        {"https://a.cdn.example/x", "", ""},
        {"https://evil.example/x", "", ""},
        {"javascript:alert(1)", "", ""},
        {"", "", ""},
    };
    for (const auto& row : rows) {
        for (const char* name : {"Location", "Content-Location"}) {
            http::Headers headers;
            headers.add(name, row.value);
            http::Headers prefixed = headers;
            adapt_locations(config(), kFrom, headers);
            EXPECT_EQ(headers.get(name), row.at_root) << row.value;
            adapt_locations(under, kFrom, prefixed);
            EXPECT_EQ(prefixed.get(name), row.under_prefix) << row.value;
        }
    }
}

http::Forward order(std::initializer_list<std::pair<const char*, const char*>> headers) {
    http::Forward made;
    for (const auto& [name, value] : headers) {
        made.request.headers.add(name, value);
    }
    return made;
}

TEST(Policy, the_token_goes_to_upstream_alone) {
    http::Forward made = order({{"Authorization", "Bearer t"}});
    const Address hub{true, "hub.example", 443, "/x"};
    EXPECT_NE(request_head(made, config(), hub).find("Authorization: Bearer t\r\n"),
              std::string::npos);
    for (const Address& other :
         {Address{true, "a.cdn.example", 443, "/x"}, Address{false, "hub.example", 443, "/x"},
          Address{true, "hub.example", 444, "/x"}}) {
        EXPECT_EQ(request_head(made, config(), other).find("Bearer"), std::string::npos);
    }
    made.with_token = false;
    EXPECT_EQ(request_head(made, config(), hub).find("Bearer"), std::string::npos);
}

TEST(Policy, who_asks_and_how_they_are_connected_is_not_sent) {
    const http::Forward made = order({{"Host", "mirror"},
                                      {"Cookie", "c"},
                                      {"X-Forwarded-For", "1.2.3.4"},
                                      {"Connection", "X-Hop"},
                                      {"X-Hop", "h"},
                                      {"TE", "trailers"},
                                      {"Expect", "x"},
                                      {"Accept", "application/vnd.xet-fileinfo+json, */*"},
                                      {"User-Agent", "ua"},
                                      {"Range", "bytes=0-1"},
                                      {"Accept-Encoding", "gzip"}});
    EXPECT_EQ(request_head(made, config(), {true, "hub.example", 443, "/x?y"}),
              "GET /x?y HTTP/1.1\r\nHost: hub.example\r\nConnection: close\r\n"
              "User-Agent: ua\r\nRange: bytes=0-1\r\nAccept-Encoding: gzip\r\n\r\n");
}

TEST(Policy, a_redirect_to_upstream_itself_never_leaves_the_mirror) {
    PolicyConfig made = config();
    made.redirect_hosts.push_back(*hubfs::parse_host_pattern("hub.example"));
    EXPECT_EQ(choose_redirect(made, kFrom, "https://hub.example/x", true).what, Redirect::follow);
    EXPECT_EQ(choose_redirect(made, kFrom, "https://hub.example/x", false).what,
              Redirect::give_back_relative);
}

TEST(Policy, an_address_in_an_answer_leads_to_known_hosts_only) {
    EXPECT_TRUE(followable(config(), kFrom, "https://a.cdn.example/x"));
    EXPECT_TRUE(followable(config(), kFrom, "https://hub.example/x"));
    for (const char* other : {"https://give.example/x", "http://a.cdn.example/x", "https://evil/x",
                              "file:///etc/passwd", "", "https://a.cdn.example:1/x"}) {
        EXPECT_FALSE(followable(config(), kFrom, other)) << other;
    }
}

TEST(Policy, a_proxy_is_read_as_libcurl_reads_it) {
    const auto plain = parse_proxy("proxy.example");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->host, "proxy.example");
    EXPECT_EQ(plain->port, 1080);
    EXPECT_EQ(plain->authorization, "");
    const auto full = parse_proxy("http://us%65r:pa:ss@[::1]:3128/");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->host, "::1");
    EXPECT_EQ(full->port, 3128);
    EXPECT_EQ(full->authorization, "Basic dXNlcjpwYTpzcw==");
    for (const char* other : {"", "socks5://p:1", "https://p:1", "http://", "http://p:x",
                              "http://p/path", "http://%zz@p:1"}) {
        EXPECT_FALSE(parse_proxy(other)) << other;
    }
}

TEST(Policy, a_proxy_is_asked_for_the_whole_address_of_plain_http_only) {
    PolicyConfig made = config();
    made.proxy = ProxyServer{"p", 3128, "Basic x"};
    const http::Forward asked = order({{"Proxy-Authorization", "client's"}});
    const std::string plain = request_head(asked, made, {false, "hub.example", 8080, "/x"});
    EXPECT_TRUE(plain.starts_with("GET http://hub.example:8080/x HTTP/1.1\r\n"));
    EXPECT_NE(plain.find("Proxy-Authorization: Basic x\r\n"), std::string::npos);
    EXPECT_EQ(plain.find("client's"), std::string::npos);
    const std::string secure = request_head(asked, made, {true, "hub.example", 443, "/x"});
    EXPECT_TRUE(secure.starts_with("GET /x HTTP/1.1\r\n"));
    EXPECT_EQ(secure.find("Proxy-Authorization"), std::string::npos);  // it is the tunnel's
}

TEST(Policy, a_loop_is_known_by_our_own_name) {
    PolicyConfig made = config();
    made.loop_name = "hf-mirror-0123";
    const http::Forward first = order({{"CDN-Loop", "other"}});
    EXPECT_FALSE(is_loop(made, first.request.headers));
    const std::string head = request_head(first, made, {true, "hub.example", 443, "/x"});
    EXPECT_NE(head.find("CDN-Loop: other, hf-mirror-0123\r\n"), std::string::npos);
    EXPECT_TRUE(is_loop(made, order({{"CDN-Loop", "other, hf-mirror-0123"}}).request.headers));
}

TEST(Policy, a_body_is_framed_anew) {
    http::Forward made = order({{"Content-Length", "5"}, {"Accept-Encoding", "gzip"}});
    made.request.method = http::Method::post;
    made.request.method_text = "POST";
    made.filter_json = true;
    const Address hub{true, "hub.example", 8443, "/"};
    const std::string none = request_head(made, config(), hub);
    EXPECT_NE(none.find("Content-Length: 0\r\n"), std::string::npos);
    EXPECT_NE(none.find("Host: hub.example:8443\r\n"), std::string::npos);
    EXPECT_NE(none.find("Accept-Encoding: identity\r\n"), std::string::npos);
    made.body = "abc";
    EXPECT_NE(request_head(made, config(), hub).find("Content-Length: 3\r\n"), std::string::npos);
}

TEST(Policy, answers_lose_hops_traces_cookies_and_xet) {
    http::Headers from;
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"Connection", "close, X-Hop"},
             {"X-Hop", "h"},
             {"Transfer-Encoding", "chunked"},
             {"Set-Cookie", "c"},
             {"X-Cache", "Hit from cloudfront"},
             {"Via", "v"},
             {"RateLimit", "r"},
             {"X-Amz-Cf-Id", "i"},
             {"X-Xet-Hash", "x"},
             {"Strict-Transport-Security", "s"},
             {"ETag", "\"e\""},
             {"X-Repo-Commit", "c"},
             {"Link", "<https://hub.example/api?p=2>; rel=\"next\", <x>; rel=\"xet-auth\""}}) {
        from.add(name, value);
    }
    const http::Headers out = response_headers(from, "http://m", false);
    std::string names;
    for (const auto& field : out) {
        names += field.name + " ";
    }
    EXPECT_EQ(names, "ETag X-Repo-Commit Link ");
    EXPECT_EQ(out.get("Link"), "<http://m/api?p=2>; rel=\"next\"");
    EXPECT_TRUE(response_headers(from, "http://m", true).has("X-Xet-Hash"));
}

TEST(Policy, a_changed_body_has_the_hubs_etag_of_its_new_bytes_or_none) {
    const std::string digest(27, 'A');
    for (const auto& [before, after] : std::initializer_list<std::pair<std::string, std::string>>{
             {"W/\"230-" + digest + "\"", "W/\"2-vyGp6PvFo4RvsFtPoIWeCReyIC8\""},
             {"\"230-" + digest + "\"", ""},
             {"W/\"230-" + digest + "A\"", ""},
             {"W/\"-" + digest + "\"", ""},
             {"W/\"23x-" + digest + "\"", ""},
             {"W/\"v1\"", ""},
             {"", ""}}) {
        http::Headers headers;
        headers.add("Repr-Digest", "sha-256=:x:");
        headers.add("X-Repo-Commit", "c");
        if (!before.empty()) {
            headers.add("ETag", before);
        }
        body_changed(headers, "{}");
        EXPECT_EQ(headers.get("ETag"), after) << before;
        EXPECT_FALSE(headers.has("Repr-Digest"));
        EXPECT_TRUE(headers.has("X-Repo-Commit"));
    }
}

TEST(Policy, what_a_redirect_says_of_the_file_survives_it) {
    http::Headers redirect;
    redirect.add("X-Repo-Commit", "c");
    redirect.add("X-Linked-ETag", "\"sha\"");
    redirect.add("X-Linked-Size", "9");
    FileHints hints;
    take_hints(hints, redirect);
    http::Headers answer;
    answer.add("ETag", "\"xet\"");
    apply_hints(hints, answer);
    EXPECT_EQ(answer.joined("ETag"), "\"sha\"");
    EXPECT_EQ(answer.get("X-Repo-Commit"), "c");
    http::Headers request;
    request.add("If-Range", "\"sha\"");
    request.add("Range", "bytes=0-1");
    adapt_conditions(hints, request);
    EXPECT_TRUE(request.has("Range"));
    EXPECT_FALSE(request.has("If-Range"));
    request.add("If-Range", "\"old\"");
    adapt_conditions(hints, request);
    EXPECT_FALSE(request.has("Range"));
}

}  // namespace
}  // namespace httpd::proxy
