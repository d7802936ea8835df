#pragma once

#include "bot/model/result.hpp"
#include "bot/policy/policy.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

// What the commands about policies that are not in force share.
namespace jitbot::cli {

// The policy of a folder; nothing after printing every problem on standard error. Without a configuration the
// names of connectors and catalogs are taken as they come.
std::optional<Policy> load_draft(const std::filesystem::path& folder,
                                 const std::optional<std::filesystem::path>& config);

// "sqlite:FILE", as the configuration names a store, or the file alone.
Result<std::filesystem::path> store_file(const std::string& url);

// "sre=alice@example.com,bob@example.com" of a live group, "previews=preview-1" of a catalog: by name.
Result<std::map<std::string, std::set<std::string>>> named_lists(const std::vector<std::string>& words);

// A day ("2026-03-01") or an instant (RFC 3339), in UTC.
Result<Time> parse_moment(const std::string& text);

}  // namespace jitbot::cli
