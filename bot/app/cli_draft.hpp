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

// By name: "sre=alice@example.com,bob@example.com" of each `--group`, "previews=preview-1" of each
// `--catalog`; `option` for the error.
using NamedLists = std::map<std::string, std::set<std::string>>;
Result<NamedLists> named_lists(const std::string& option, const std::vector<std::string>& words);
// All of them are live groups of the policy; else false, after saying on standard error which is not.
bool are_live_groups(const Policy& policy, const NamedLists& groups);

// A day ("2026-03-01") or an instant (RFC 3339), in UTC; `option` for the error.
Result<Time> parse_moment(const std::string& option, const std::string& text);

}  // namespace jitbot::cli
