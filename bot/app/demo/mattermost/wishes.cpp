#include "adapters/net/ca_file.hpp"
#include "adapters/net/url.hpp"
#include "bot/app/config_values.hpp"
#include "bot/app/demo/mattermost/survey.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <charconv>
#include <sys/stat.h>

namespace jitbot::town {

namespace {

constexpr std::size_t k_largest_token = 4096;

tl::unexpected<Error> wrong(std::string words) {
  return fail(ErrorKind::invalid, std::move(words));
}

// A port of this machine that is free now, and very likely still is when the bot takes it.
std::uint16_t free_port() {
  using boost::asio::ip::tcp;
  boost::asio::io_context loop(1);
  tcp::acceptor acceptor(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

struct Listening {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

// "127.0.0.1:8066", "[::1]:8066"
std::optional<Listening> listening(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Listening at{text.substr(0, colon), 0};
  if (at.host.front() == '[' && at.host.back() == ']') at.host = at.host.substr(1, at.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, at.port);
  if (error != std::errc() || stopped != end || at.port == 0 || at.host.empty()) return std::nullopt;
  return at;
}

bool everywhere(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

Result<void> check_callbacks(const cli::MattermostDemo& wishes, const net::Url& server, Town& town) {
  town.listen = wishes.callbacks;
  town.callbacks_url = wishes.callbacks_url;
  while (town.callbacks_url.ends_with('/')) town.callbacks_url.pop_back();
  if (town.listen.empty() && !town.callbacks_url.empty())
    return wrong(
        "--callbacks-url says how the server reaches the bot; --callbacks ADDRESS:PORT, where the bot "
        "listens, is missing");
  if (town.listen.empty() && server.loopback()) town.listen = fmt::format("127.0.0.1:{}", free_port());
  if (town.listen.empty()) return {};
  const auto at = listening(town.listen);
  if (!at) return wrong("--callbacks " + town.listen + ": it must be ADDRESS:PORT such as 10.0.0.5:8066");
  if (town.callbacks_url.empty() && everywhere(at->host))
    return wrong("--callbacks " + town.listen +
                 " is no address to call; say with --callbacks-url how the "
                 "server reaches it");
  if (town.callbacks_url.empty()) town.callbacks_url = "http://" + town.listen;
  const auto url = net::parse_url(town.callbacks_url);
  return url ? Result<void>() : wrong("--callbacks-url: " + url.error().message);
}

}  // namespace

Result<void> check_wishes(const cli::MattermostDemo& wishes, Town& town) {
  town.url = wishes.url;
  while (town.url.ends_with('/')) town.url.pop_back();
  const auto url = net::parse_url(town.url);
  if (!url) return wrong("--url: " + url.error().message);
  if (url->scheme != "https" && url->scheme != "http")
    return wrong("--url: it must look like https://chat.example.com");
  if (!url->secure() && !url->loopback())
    return wrong("--url: tokens are not sent without TLS; write https://…, or a server on this machine");
  if (!wishes.ca_file.empty()) {
    const auto usable = net::check_ca_file(wishes.ca_file.string());
    if (!usable) return wrong("--ca-file: " + usable.error().message);
  }
  town.own_team = wishes.team.empty();
  town.team = town.own_team ? std::string(k_team) : wishes.team;
  return check_callbacks(wishes, *url, town);
}

Result<Secret> administrators_token(const std::filesystem::path& file) {
  const auto about = [&file](const std::string& words) {
    return wrong(fmt::format("--token-file {}: {}", file.string(), words));
  };
  auto text = read_whole_file(file, k_largest_token);
  if (!text) return about(text.error().message);
  struct stat mode{};
  if (stat(file.c_str(), &mode) == 0 && (mode.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return about("others can read it, and it opens the whole server; chmod 600 it");
  const auto first = text->find_first_not_of(" \t\r\n");
  const auto last = text->find_last_not_of(" \t\r\n");
  if (first == std::string::npos) return about("it is empty");
  std::string token = text->substr(first, last - first + 1);
  const bool plain = token.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
  if (!plain)
    return about("it holds something else than a personal access token: 26 small letters and digits");
  return Secret(std::move(token));
}

}  // namespace jitbot::town
