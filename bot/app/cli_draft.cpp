#include "bot/app/cli_draft.hpp"

#include "bot/app/cli.hpp"
#include "bot/policy/cel/times.hpp"

#include <fmt/format.h>

#include <iostream>

namespace jitbot::cli {

std::optional<Policy> load_draft(const std::filesystem::path& folder,
                                 const std::optional<std::filesystem::path>& config) {
  KnownConnectors known;
  known.complete = false;
  if (config) {
    const auto loaded = load_config(*config, process_environment());
    if (!loaded) {
      for (const PolicyProblem& problem : loaded.error()) std::cerr << to_string(problem) << "\n";
      return std::nullopt;
    }
    known = known_connectors(loaded->config);
  }
  auto policy = load_policy_folder(folder, known);
  if (policy) return std::move(*policy);
  for (const PolicyProblem& problem : policy.error()) std::cerr << to_string(problem) << "\n";
  return std::nullopt;
}

Result<std::filesystem::path> store_file(const std::string& url) {
  constexpr std::string_view k_sqlite = "sqlite:";
  const bool named = url.starts_with(k_sqlite);
  std::filesystem::path file = named ? url.substr(k_sqlite.size()) : url;
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return file;
  if (!named && url.find("://") != std::string::npos)
    return fail(ErrorKind::invalid, fmt::format("--store {}: write sqlite:FILE", url));
  return fail(ErrorKind::not_found, fmt::format("there is no store {}", file.string()));
}

Result<NamedLists> named_lists(const std::string& option, const std::vector<std::string>& words) {
  NamedLists lists;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(ErrorKind::invalid, fmt::format("{} {}: write {} NAME=one,another", option, word, option));
    auto& list = lists[word.substr(0, equals)];
    for (std::size_t at = equals + 1; at < word.size();) {
      const auto end = std::min(word.find(',', at), word.size());
      if (end > at) list.insert(word.substr(at, end - at));
      at = end + 1;
    }
  }
  return lists;
}

bool are_live_groups(const Policy& policy, const NamedLists& groups) {
  for (const auto& [name, members] : groups) {
    const auto group = policy.groups.find(name);
    if (group != policy.groups.end() && !group->second.from.empty()) continue;
    std::cerr << fmt::format("jitbot: --group {}: {}\n", name,
                             group == policy.groups.end() ? "the policy has no group of that name"
                                                          : "the policy itself says who is in it");
    return false;
  }
  return true;
}

Result<Time> parse_moment(const std::string& option, const std::string& text) {
  constexpr std::size_t k_day_length = 10;
  const auto at = cel::parse_timestamp(text.size() == k_day_length ? text + "T00:00:00Z" : text);
  if (!at) {
    return fail(
        ErrorKind::invalid,
        fmt::format("{} {}: write a day or a time, 2026-03-01 or 2026-03-01T14:00:00Z", option, text));
  }
  return Time{std::chrono::seconds{at->seconds}} + Millis{at->nanos / 1'000'000};
}

}  // namespace jitbot::cli
