#pragma once

#include <string_view>

namespace jitbot::net {

// "10.1.2.3", "10.0.0.0/8", "2001:db8::/32"; an address is a network of its own.
bool is_network(std::string_view text);
bool is_address(std::string_view text);
// Whether that address lies in that network. An IPv4 address that came by IPv6 ("::ffff:10.1.2.3") is the
// IPv4 address. False where either is none.
bool is_in_network(std::string_view address, std::string_view network);

}  // namespace jitbot::net
