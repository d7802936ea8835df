#include "tests/support/mattermost/outgoing.hpp"

#include "adapters/net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>

#include <sstream>

namespace jitbot::mattermost_stand_in {

namespace asio = boost::asio;

namespace {

constexpr Millis k_patience = 30s;
constexpr int k_most_redirects = 5;

bool reserved(const std::string& host) {
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return false;
  if (address.is_v6()) return address.is_loopback();
  for (const char* network :
       {"10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}) {
    const auto range = asio::ip::make_network_v4(network);
    if (asio::ip::network_v4(address.to_v4(), 32).is_subnet_of(range)) return true;
  }
  return false;
}

bool allows(const std::string& entry, const std::string& host) {
  if (entry == host) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address_v4(host, error);
  if (error) return false;
  const auto range = asio::ip::make_network_v4(entry, error);
  return !error && asio::ip::network_v4(address, 32).is_subnet_of(range);
}

}  // namespace

bool may_call(const Core& core, const std::string& url) {
  const auto parsed = net::parse_url(url);
  if (!parsed) return false;
  if (!reserved(parsed->host)) return true;
  std::istringstream entries(text_of(core.config["ServiceSettings"], "AllowedUntrustedInternalConnections"));
  for (std::string entry; entries >> entry;) {
    if (allows(entry, parsed->host)) return true;
  }
  return false;
}

Trigger make_trigger(Core& core, const std::string& user) {
  Trigger trigger;
  trigger.client = core.new_id();
  const std::string text = trigger.client + ":" + user + ":" + std::to_string(core.stamp()) + ":";
  trigger.whole = base64(text + base64(core.signer.sign(text)));
  return trigger;
}

Outgoing json_call(const std::string& url, const Json& body) {
  Outgoing what;
  what.url = url;
  what.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  what.body = body.dump();
  return what;
}

Task<Reply> call_out(std::shared_ptr<Core> core, Outgoing what) {
  Reply reply;
  for (int hop = 0; hop <= k_most_redirects; ++hop) {
    if (!may_call(*core, what.url)) co_return Reply();
    net::HttpRequest request;
    request.method = what.method;
    request.url = what.url;
    request.headers = what.headers;
    request.body = what.body;
    request.timeout = k_patience;
    const std::size_t index = core->callbacks.size();
    core->callbacks.push_back({what.method, what.url, what.headers, what.body, 0, {}});
    const auto came = co_await core->http.send(std::move(request));
    if (!came) co_return Reply();
    core->callbacks[index].status = came->status;
    core->callbacks[index].answer = came->body;
    const auto location = net::find_header(came->headers, "Location");
    reply.came = true;
    reply.status = came->status;
    reply.content_type = net::find_header(came->headers, "Content-Type").value_or("");
    reply.body = came->body;
    if (came->status / 100 != 3 || !location) break;
    what.method = "GET";
    what.url = *location;
    what.body.clear();
  }
  co_return reply;
}

}  // namespace jitbot::mattermost_stand_in
