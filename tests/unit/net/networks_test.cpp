#include "adapters/net/networks.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::net;

TEST_CASE("an address lies in its own network, and in those around it", "[net][networks]") {
  CHECK(is_in_network("10.1.2.3", "10.1.2.3"));
  CHECK(is_in_network("10.1.2.3", "10.1.2.3/32"));
  CHECK(is_in_network("10.1.2.3", "10.0.0.0/8"));
  CHECK(is_in_network("10.1.2.3", "10.1.2.9/24"));
  CHECK(is_in_network("10.1.2.3", "0.0.0.0/0"));
  CHECK_FALSE(is_in_network("10.1.2.3", "10.1.2.4"));
  CHECK_FALSE(is_in_network("11.1.2.3", "10.0.0.0/8"));
  CHECK(is_in_network("2001:db8::7", "2001:db8::/32"));
  CHECK(is_in_network("::1", "::1"));
  CHECK_FALSE(is_in_network("2001:db9::7", "2001:db8::/32"));
}

TEST_CASE("the two kinds of address do not meet, but for the one written as the other", "[net][networks]") {
  CHECK(is_in_network("::ffff:10.1.2.3", "10.0.0.0/8"));
  CHECK(is_in_network("10.1.2.3", "::ffff:10.1.2.3"));
  CHECK_FALSE(is_in_network("10.1.2.3", "::/0"));
  CHECK_FALSE(is_in_network("::1", "0.0.0.0/0"));
}

TEST_CASE("what is no network holds nobody", "[net][networks]") {
  for (const char* text : {"", "chat", "10.0.0.0/33", "10.0.0.0/", "10.0.0", "::/129", "10.0.0.0/8 "}) {
    INFO(text);
    CHECK_FALSE(is_network(text));
    CHECK_FALSE(is_in_network("10.0.0.1", text));
  }
  CHECK(is_network("192.168.0.0/16"));
  CHECK_FALSE(is_address("192.168.0.0/16"));
  CHECK_FALSE(is_in_network("", "0.0.0.0/0"));
}
