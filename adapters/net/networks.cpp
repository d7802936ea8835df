#include "adapters/net/networks.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <optional>
#include <string>

namespace jitbot::net {

namespace ip = boost::asio::ip;

namespace {

constexpr unsigned short k_bits_v4 = 32;
constexpr unsigned short k_bits_v6 = 128;

std::optional<ip::address> address_of(std::string_view text) {
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

struct Network {
  std::optional<ip::network_v4> v4;
  std::optional<ip::network_v6> v6;
};

std::optional<Network> network_of(std::string_view text) {
  Network network;
  if (const auto alone = address_of(text)) {
    if (alone->is_v4()) {
      network.v4 = ip::network_v4(alone->to_v4(), k_bits_v4);
    } else {
      network.v6 = ip::network_v6(alone->to_v6(), k_bits_v6);
    }
    return network;
  }
  boost::system::error_code error;
  const auto v4 = ip::make_network_v4(std::string(text), error);
  if (!error) {
    network.v4 = v4.canonical();
    return network;
  }
  const auto v6 = ip::make_network_v6(std::string(text), error);
  if (error) return std::nullopt;
  network.v6 = v6.canonical();
  return network;
}

}  // namespace

bool is_network(std::string_view text) {
  return network_of(text).has_value();
}

bool is_address(std::string_view text) {
  return address_of(text).has_value();
}

bool is_in_network(std::string_view address, std::string_view network) {
  const auto where = address_of(address);
  const auto range = network_of(network);
  if (!where || !range) return false;
  if (where->is_v4()) {
    return range->v4 && ip::network_v4(where->to_v4(), range->v4->prefix_length()).canonical() == *range->v4;
  }
  return range->v6 && ip::network_v6(where->to_v6(), range->v6->prefix_length()).canonical() == *range->v6;
}

}  // namespace jitbot::net
