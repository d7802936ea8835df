#pragma once

#include "adapters/net/http_client.hpp"
#include "bot/app/config.hpp"

// How this configuration goes out to a chat.
namespace jitbot {

inline net::HttpClientOptions http_options(const OutboundSettings& settings) {
  net::HttpClientOptions options;
  options.ca_file = settings.ca_file;
  options.proxies = settings.proxies;
  return options;
}

}  // namespace jitbot
