// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/pages.h"

#include <string>

#include "httpd/routes/answers.h"
#include "httpd/routes/document.h"

namespace httpd::routes {

namespace {

// Text from a request as part of a page.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

constexpr std::string_view kPageHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A mirror of the Hugging Face Hub</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:2em auto;padding:0 1em}
pre{background:#8881;padding:.7em;overflow-x:auto}</style>
</head>
<body>
<h1>A mirror of the Hugging Face Hub</h1>
<p>This server hands out public models and datasets of <a href="https://huggingface.co">the Hugging
Face Hub</a> from a cache nearby. Every Hub client works with it unchanged: set one variable.</p>
<pre>export HF_ENDPOINT=)";

constexpr std::string_view kPageTail = R"(
<p>What is fetched for the first time comes from the Hub through this server; the header
<code>X-Cache</code> of every answer says HIT, MISS or REVALIDATED. Private and gated repositories
and Spaces are passed to the Hub with your own token and are never stored here. Access is logged
with truncated addresses only, without tokens and without query strings.</p>
</body>
</html>
)";

}  // namespace

http::Response index_page(std::string_view base) {
    http::Response response;
    const std::string address = escaped(base);
    response.headers.add("Content-Type", "text/html; charset=utf-8");
    response.headers.add("Cache-Control", "public, max-age=300");
    response.headers.add("Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'");
    response.text = kPageHead;
    response.text += address + "\nhf download BAAI/bge-m3\n</pre>\n<pre>curl -LO " + address +
                     "/BAAI/bge-m3/resolve/main/config.json\n</pre>";
    response.text += kPageTail;
    return response;
}

http::Response harnesses(const http::Request& request, hubfs::Instant now) {
    return json_response(request, R"({"standardEnvVars":["AI_AGENT","AGENT"],"harnesses":{}})",
                         now);
}

http::Response telemetry() {
    http::Response response;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response no_xet() {
    return message(404, "This mirror serves files over plain HTTP", true);
}

}  // namespace httpd::routes
