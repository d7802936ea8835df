#include "bot/model/channel.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

std::string_view platform_of_id(std::string_view id) {
  const auto named = platform_named(id);
  return named.empty() ? "slack" : named;
}

}  // namespace

std::string_view platform_named(std::string_view channel) {
  const auto colon = channel.find(':');
  if (colon == std::string_view::npos) return {};
  const auto name = channel.substr(0, colon);
  const bool letters = std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
  return letters ? name : std::string_view();
}

std::string_view without_platform(std::string_view channel) {
  const auto named = platform_named(channel);
  return named.empty() ? channel : channel.substr(named.size() + 1);
}

bool is_channel_name(std::string_view channel) {
  return without_platform(channel).starts_with('#');
}

bool means_channel(std::string_view configured, std::string_view id, std::string_view name_now) {
  const auto named = platform_named(configured);
  if (!named.empty() && named != platform_of_id(id)) return false;
  if (!is_channel_name(configured)) return without_platform(configured) == without_platform(id);
  return !name_now.empty() && without_platform(configured).substr(1) == name_now;
}

std::string channel_group(std::string_view id) {
  return fmt::format("{}:channel/{}", platform_of_id(id), without_platform(id));
}

}  // namespace jitbot
