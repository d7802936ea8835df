#include "adapters/net/http_server.hpp"
#include "bot/app/doctor_parts.hpp"

#include <fmt/format.h>

// Whether the chat's server could reach us: the address that we would listen on, and the URL that leads
// there.
namespace jitbot {

namespace {

constexpr Millis k_patience = 3s;
constexpr int k_only_posts = 405;  // what the bot's own listener answers to anything else

// Asked for nothing else.
Task<net::ServerResponse> answer_with(std::string word) {
  net::ServerResponse response;
  response.headers = {{"content-type", "text/plain"}};
  response.body = std::move(word);
  co_return response;
}

std::string fresh_word(Random& random) {
  std::string word;
  for (const char byte : random.bytes(16)) word += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return word;
}

// Directly: the server does not take our way out.
Task<Result<net::HttpResponse>> ask(std::shared_ptr<net::HttpClient> http, std::string url) {
  net::HttpRequest request;
  request.url = std::move(url);
  request.timeout = k_patience;
  request.max_response = 1024;
  auto answered = co_await http->send(std::move(request));
  co_return answered;
}

std::string where(const CallbackSettings& callbacks) {
  return fmt::format("{}:{}", callbacks.listen.host, callbacks.listen.port);
}

Finding free_finding(const CallbackSettings& callbacks, const Result<net::HttpResponse>& answered,
                     const std::string& word) {
  const std::string what = "callbacks " + where(callbacks);
  if (answered && answered->body == word)
    return {Level::fine, what, fmt::format("free to listen on, and {} leads there", callbacks.url), ""};
  const std::string instead = answered ? fmt::format("something else answers it, with {}", answered->status)
                                       : "it does not answer: " + answered.error().message;
  return {Level::warning, what,
          fmt::format("free to listen on; but from here {} does not lead there: {}", callbacks.url, instead),
          "see that the Mattermost server reaches it by that URL, or correct callbacks.url"};
}

Finding taken_finding(const CallbackSettings& callbacks, const Result<net::HttpResponse>& answered,
                      const Error& why) {
  const std::string what = "callbacks " + where(callbacks);
  if (answered && answered->status == k_only_posts) {
    return {Level::fine, what,
            fmt::format("in use, and {} answers as the bot does while it runs", callbacks.url), ""};
  }
  return {
      Level::failed, what,
      fmt::format("{}; and {} does not answer as the bot does while it runs", why.message, callbacks.url),
      "where the bot is running, see that callbacks.url leads to it; else end what listens there, or choose "
      "an address of this machine and a free port in callbacks.listen"};
}

}  // namespace

Task<Findings> examine_callbacks(Doctor::Parts& parts) {
  const MattermostSettings& settings = *parts.config->mattermost;
  const CallbackSettings callbacks = *settings.callbacks;
  net::HttpClientOptions out;
  out.ca_file = settings.out.ca_file;
  const auto http = std::make_shared<net::HttpClient>(std::move(out));
  const std::string word = fresh_word(parts.ports.random);
  net::HttpServerOptions options;
  options.address = callbacks.listen.host;
  options.port = callbacks.listen.port;
  net::HttpServer server(parts.ports.executor, std::move(options),
                         [word](const net::ServerRequest&) { return answer_with(word); });
  const auto listening = server.start();
  const auto answered = co_await ask(http, callbacks.url + "/doctor");
  server.stop();
  Findings found;
  found.push_back(listening ? free_finding(callbacks, answered, word)
                            : taken_finding(callbacks, answered, listening.error()));
  co_return found;
}

}  // namespace jitbot
