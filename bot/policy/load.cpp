#include "bot/policy/load.hpp"

#include "bot/model/audit_event.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/rule_index.hpp"
#include "bot/policy/yaml/parse.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <tuple>

namespace jitbot {

namespace {

struct LoadedFile {
  yaml::Problems problems;
  yaml::Node root;
};

// Every scalar as its text: what "1h" or "0x10" means is the decoder's affair, and integers are all that the
// canonical form has.
nlohmann::json to_json(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Node::Kind::null:
    case yaml::Node::Kind::refused:
      return nullptr;
    case yaml::Node::Kind::scalar:
      return node.text;
    case yaml::Node::Kind::list: {
      auto list = nlohmann::json::array();
      for (const yaml::Node& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case yaml::Node::Kind::map: {
      auto map = nlohmann::json::object();
      for (const yaml::Entry& entry : node.entries) map[entry.key] = to_json(entry.value);
      return map;
    }
  }
  return nullptr;
}

// One document out of all files: how a policy is cut into files does not change it, nor does order in a map.
nlohmann::json merged(const std::deque<LoadedFile>& files) {
  nlohmann::json all = {{"apiVersion", "jit/v1"},
                        {"groups", nlohmann::json::object()},
                        {"resources", nlohmann::json::object()},
                        {"rules", nlohmann::json::array()}};
  for (const LoadedFile& file : files) {
    const nlohmann::json one = to_json(file.root);
    for (const char* key : {"groups", "resources"}) {
      if (one.contains(key)) all[key].update(one[key]);
    }
    if (one.contains("rules")) all["rules"] = one["rules"];
  }
  return all;
}

}  // namespace

std::string to_string(const PolicyProblem& problem) {
  const auto& [where, key, message] = problem;
  if (key.empty()) return fmt::format("{}:{}:{}: {}", where.file, where.line, where.column, message);
  return fmt::format("{}:{}:{}: {}: {}", where.file, where.line, where.column, key, message);
}

tl::expected<Policy, std::vector<PolicyProblem>> load_policy(const std::vector<PolicyFile>& files,
                                                             const KnownConnectors& connectors) {
  std::vector<PolicyProblem> all;
  std::deque<LoadedFile> loaded;  // values point into it
  PolicyDraft draft;
  std::vector<const PolicyFile*> ordered;
  for (const PolicyFile& file : files) ordered.push_back(&file);
  std::ranges::sort(ordered, {}, [](const PolicyFile* file) { return std::tie(file->name, file->text); });
  for (const PolicyFile* file : ordered) {
    yaml::Problems problems(file->name, all);
    auto root = yaml::parse(file->text, problems, {});
    if (!root) continue;
    LoadedFile& kept = loaded.emplace_back(LoadedFile{problems, std::move(*root)});
    read_policy_file(yaml::Value(kept.root, "", kept.problems), kept.problems, draft);
  }
  // A file that is no YAML leaves names unknown that it may well hold; its own problem comes first.
  if (loaded.size() == ordered.size()) check_policy(draft, connectors);
  if (all.empty()) check_voters(draft);
  if (!all.empty()) {
    std::ranges::sort(all, {}, [](const PolicyProblem& problem) {
      const auto& [where, key, message] = problem;
      return std::tie(where.file, where.line, where.column, key, message);
    });
    return tl::unexpected(std::move(all));
  }

  Policy policy = std::move(draft.policy);
  index_rules(policy);
  const auto configured =
      connectors.canonical.empty() ? nlohmann::json::object() : nlohmann::json::parse(connectors.canonical);
  nlohmann::json documents{{"connectors", configured}, {"policy", merged(loaded)}};
  if (!connectors.canonical_catalogs.empty())
    documents["catalogs"] = nlohmann::json::parse(connectors.canonical_catalogs);
  policy.documents = canonical_json(documents);
  policy.digest = sha256_hex(policy.documents);
  return policy;
}

}  // namespace jitbot
