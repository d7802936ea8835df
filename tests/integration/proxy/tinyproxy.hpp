#pragma once

#include "adapters/access/exec/child.hpp"
#include "adapters/net/proxy.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace jitbot::testing {

// A real proxy of this test's own on a free loopback port, in a temporary folder. It listens once made.
class Tinyproxy {
 public:
  // `directives`: further lines of its configuration, such as "BasicAuth al pw".
  explicit Tinyproxy(std::string directives = "");
  ~Tinyproxy();
  Tinyproxy(const Tinyproxy&) = delete;
  Tinyproxy& operator=(const Tinyproxy&) = delete;

  std::uint16_t port() const { return port_; }
  std::string where() const { return "127.0.0.1:" + std::to_string(port_); }
  void stop();  // and every connection through it breaks

  // The environment of somebody who uses it for everything. `user` as it stands in the address: "al:pw".
  net::Proxies proxies(const std::string& user = "", const std::string& no_proxy = "") const;

  // How often its log has a CONNECT to this host and port.
  std::size_t connects_to(const std::string& target) const;
  std::string log() const;

 private:
  void start();
  bool accepts() const;

  std::filesystem::path folder_;
  std::string directives_;
  std::uint16_t port_ = 0;
  std::optional<access::Child> child_;
};

}  // namespace jitbot::testing
