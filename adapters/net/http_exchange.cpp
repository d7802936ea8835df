#include "adapters/net/http_exchange.hpp"

#include "adapters/net/url.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace jitbot::net {

namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// What the callbacks of one exchange share.
struct Exchange {
  const HttpRequest& request;
  const std::atomic<bool>& abandoned;
  HttpResponse response;
  bool reached_peer = false;  // the connection stood and the request was about to go
  bool too_large = false;
  bool sent_twice = false;
};

bool safe_to_repeat(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// Called right before each time a request goes out. libcurl sends again by itself when a kept connection
// turns out dead; what changes something must not go twice.
int before_request(void* context, char*, char*, int, int) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (exchange.reached_peer && !safe_to_repeat(exchange.request)) {
    exchange.sent_twice = true;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange.reached_peer = true;
  return CURL_PREREQFUNC_OK;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (exchange.response.body.size() + size > exchange.request.max_response) {
    exchange.too_large = true;
    return 0;
  }
  exchange.response.body.append(data, size);
  return size;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {  // a new answer: the one before was a 1xx
    exchange.response.headers.clear();
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.response.headers.push_back(
        {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  }
  return size;
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(context)->abandoned ? 1 : 0;
}

bool token(std::string_view text) {
  constexpr std::string_view k_others = "!#$%&'*+-.^_`|~";  // RFC 9110 section 5.6.2
  for (const char c : text) {
    const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alnum && k_others.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

Result<HeaderList> header_list(const HttpRequest& request) {
  HeaderList list;
  const auto append = [&list](const std::string& line) {
    // The head stays what it is once there is one.
    curl_slist* head = curl_slist_append(list.get(), line.c_str());
    if (head == nullptr) throw std::bad_alloc();
    if (!list) list.reset(head);
  };
  for (const Header& header : request.headers) {
    if (!token(header.name) ||
        header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return fail(ErrorKind::invalid, "a header of the request holds characters that may not be sent");
    }
    append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  append("Expect:");  // no round trip before the body
  if (!find_header(request.headers, "content-type"))
    append("Content-Type:");  // nothing assumed about the body
  return list;
}

// No request went out yet and a proxy is in use: what it did. Nothing: it opened the way.
std::optional<Error> proxy_fault(CURLcode code, const Proxy& proxy, long connect_status,
                                 const Exchange& exchange, const std::string& target) {
  if (connect_status >= 200 && connect_status <= 299) return std::nullopt;
  Error error = proxy_refusal(proxy, static_cast<int>(connect_status), target);
  if (connect_status != 0) return error;
  if (code == CURLE_COULDNT_RESOLVE_PROXY) {
    error.message = fmt::format("the name of the proxy {} cannot be resolved", proxy.host);
  } else if (code == CURLE_COULDNT_CONNECT) {
    error.message = fmt::format("cannot connect to the proxy {}", proxy.where());
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    error.message = fmt::format("the proxy {} did not answer within {} ms", proxy.where(),
                                exchange.request.timeout.count());
  } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
    error.message = fmt::format("the certificate of the proxy {} is not trusted", proxy.where());
  } else if (code == CURLE_SSL_CONNECT_ERROR) {
    error.message = fmt::format("TLS with the proxy {} failed", proxy.where());
  } else if (code == CURLE_SSL_CACERT_BADFILE) {
    return std::nullopt;
  }
  return error;
}

Error describe(CURLcode code, const Exchange& exchange, const std::string& where, const char* detail) {
  Error error;
  error.kind = exchange.reached_peer ? ErrorKind::outcome_unknown : ErrorKind::unavailable;
  error.detail = *detail != '\0' ? detail : curl_easy_strerror(code);
  if (exchange.too_large) {
    error.message = fmt::format("{} answered with more than {} bytes", where, exchange.request.max_response);
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    error.message = fmt::format("{} did not answer within {} ms", where, exchange.request.timeout.count());
  } else if (exchange.reached_peer) {
    error.message = fmt::format("the connection to {} was lost before the answer was complete", where);
  } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
    error.message = fmt::format("the certificate of {} is not trusted", where);
  } else if (code == CURLE_SSL_CONNECT_ERROR) {
    error.message = fmt::format("TLS with {} failed", where);
  } else if (code == CURLE_SSL_CACERT_BADFILE) {
    error.message = "the CA file cannot be read";
  } else {
    error.message = fmt::format("{} cannot be reached", where);
  }
  return error;
}

}  // namespace

struct HttpWorker::Handle {
  CURL* easy = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text{};

  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (code != CURLE_OK) throw std::runtime_error(fmt::format("libcurl: {}", curl_easy_strerror(code)));
  }
  void set_common(const HttpClientOptions& options);
  void set_proxy(const std::optional<Proxy>& proxy);
  void set_request(const HttpRequest& request, curl_slist* headers);
  void set_callbacks(Exchange& exchange);
  Error failed(CURLcode code, const Exchange& exchange, const Url& url, const std::optional<Proxy>& proxy);
};

void HttpWorker::Handle::set_common(const HttpClientOptions& options) {
  curl_easy_reset(easy);  // options only: connections are kept
  error_text[0] = '\0';
  set(CURLOPT_ERRORBUFFER, error_text.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_MAXAGE_CONN, 30L);  // seconds idle: an older one is likely closed at the other end
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.ca_file.empty()) {  // instead of the system's, for whom we ask and for the proxy
    for (const CURLoption file : {CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO}) set(file, options.ca_file.c_str());
    for (const CURLoption folder : {CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH})
      set(folder, static_cast<const char*>(nullptr));
  }
}

// Both empty texts keep curl from asking the environment itself.
void HttpWorker::Handle::set_proxy(const std::optional<Proxy>& proxy) {
  set(CURLOPT_NOPROXY, "");
  if (!proxy) return set(CURLOPT_PROXY, "");
  const std::string address = fmt::format("{}://{}", proxy->tls ? "https" : "http", proxy->where());
  set(CURLOPT_PROXY, address.c_str());
  set(CURLOPT_HTTPPROXYTUNNEL, 1L);
  if (!proxy->authenticates) return;
  set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(CURLOPT_PROXYUSERNAME, proxy->user.reveal().c_str());
  set(CURLOPT_PROXYPASSWORD, proxy->password.reveal().c_str());
}

void HttpWorker::Handle::set_request(const HttpRequest& request, curl_slist* headers) {
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(CURLOPT_HTTPHEADER, headers);
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "GET" && request.body.empty()) return;
  if (!request.body.empty() || request.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  if (request.method != "POST") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void HttpWorker::Handle::set_callbacks(Exchange& exchange) {
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &exchange);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &exchange);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, &exchange);
  set(CURLOPT_PREREQFUNCTION, &before_request);
  set(CURLOPT_PREREQDATA, &exchange);
}

Error HttpWorker::Handle::failed(CURLcode code, const Exchange& exchange, const Url& url,
                                 const std::optional<Proxy>& proxy) {
  const std::string target = host_and_port(url.host, url.port);
  if (!proxy) return describe(code, exchange, target, error_text.data());
  long connect_status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  if (!exchange.reached_peer && code != CURLE_ABORTED_BY_CALLBACK) {
    auto fault = proxy_fault(code, *proxy, connect_status, exchange, target);
    if (fault) {
      if (connect_status == 0 && error_text[0] != '\0')
        fault->detail += fmt::format(": {}", error_text.data());
      return std::move(*fault);
    }
  }
  return describe(code, exchange, fmt::format("{} (through the proxy {})", target, proxy->where()),
                  error_text.data());
}

HttpWorker::HttpWorker(HttpClientOptions options)
    : handle_(std::make_unique<Handle>()), options_(std::move(options)) {
  static std::once_flag initialised;
  std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handle_->easy = curl_easy_init();
  if (handle_->easy == nullptr) throw std::bad_alloc();
}

HttpWorker::~HttpWorker() {
  curl_easy_cleanup(handle_->easy);
}

Result<HttpResponse> HttpWorker::perform(const HttpRequest& request, const std::atomic<bool>& abandoned) {
  const auto url = parse_url(request.url);
  if (!url) return tl::unexpected(url.error());
  if (url->scheme != "http" && url->scheme != "https") {
    return fail(ErrorKind::invalid, "the URL of a request begins with http:// or https://");
  }
  if (!token(request.method)) return fail(ErrorKind::invalid, "the request method is not a word");
  if (request.timeout <= Millis{0}) {
    return fail(ErrorKind::unavailable, "no time was left for the request");  // to curl, 0 means for ever
  }
  auto headers = header_list(request);
  if (!headers) return tl::unexpected(headers.error());

  const auto proxy = options_.proxies.choose(*url);
  if (!proxy) return tl::unexpected(proxy.error());

  Exchange exchange{request, abandoned, {}};
  handle_->set_common(options_);
  handle_->set_proxy(*proxy);
  handle_->set_request(request, headers->get());
  handle_->set_callbacks(exchange);
  const CURLcode code = curl_easy_perform(handle_->easy);
  if (code != CURLE_OK) return tl::unexpected(handle_->failed(code, exchange, *url, *proxy));
  long status = 0;
  curl_easy_getinfo(handle_->easy, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace jitbot::net
