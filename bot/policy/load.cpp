#include "bot/policy/load.hpp"

#include "bot/model/audit_event.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/rule_index.hpp"
#include "bot/policy/yaml/parse.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>

namespace jitbot {

namespace {

// A thousand rules and their tests in one file.
constexpr yaml::Limits k_limits{.nodes = 200'000};
const yaml::Kind k_usual{"schema", "`jitbot policy schema` says what may stand here"};

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
  std::map<std::string, nlohmann::json> tests;  // in several files, in any order
  for (const LoadedFile& file : files) {
    const nlohmann::json one = to_json(file.root);
    for (const char* key : {"groups", "resources"}) {
      if (one.contains(key)) all[key].update(one[key]);
    }
    if (one.contains("rules")) all["rules"] = one["rules"];
    if (one.contains("tests"))
      for (const nlohmann::json& test : one["tests"]) tests.emplace(test["name"].get<std::string>(), test);
  }
  for (auto& [name, test] : tests) all["tests"].push_back(std::move(test));
  return all;
}

}  // namespace

std::string to_string(const PolicyProblem& problem) {
  const SourceMark& where = problem.where;
  std::string text =
      where.line > 0 ? fmt::format("{}:{}:{}: ", where.file, where.line, where.column) : where.file + ": ";
  if (!problem.key.empty()) text += problem.key + ": ";
  text += problem.message;
  if (!problem.name.empty()) text += fmt::format(" [{}]", problem.name);
  if (!problem.advice.empty()) text += " → " + problem.advice;
  return text;
}

tl::expected<LoadedPolicy, std::vector<PolicyProblem>> read_policy(const std::vector<PolicyFile>& files,
                                                                   const KnownConnectors& connectors) {
  std::vector<PolicyProblem> all;
  std::deque<LoadedFile> loaded;  // values point into it
  PolicyDraft draft;
  std::vector<const PolicyFile*> ordered;
  for (const PolicyFile& file : files) ordered.push_back(&file);
  std::ranges::sort(ordered, {}, [](const PolicyFile* file) { return std::tie(file->name, file->text); });
  for (const PolicyFile* file : ordered) {
    yaml::Problems problems(file->name, all, yaml::without_mark(file->text), k_usual);
    auto root = yaml::parse(file->text, problems, k_limits);
    if (!root) continue;
    LoadedFile& kept = loaded.emplace_back(LoadedFile{problems, std::move(*root)});
    read_policy_file(yaml::Value(kept.root, "", kept.problems), kept.problems, draft);
  }
  // A file that is no YAML leaves names unknown that it may well hold; its own problem comes first.
  if (loaded.size() == ordered.size()) check_policy(draft, connectors);
  const auto refused = [&all] {
    return std::ranges::count(all, Severity::error, &PolicyProblem::severity) > 0;
  };
  if (!refused()) {
    check_voters(draft);
    check_reach(draft);
    check_limits(draft);
  }
  std::ranges::sort(all, {}, [](const PolicyProblem& problem) {
    const SourceMark& where = problem.where;
    return std::tie(where.file, where.line, where.column, problem.key, problem.message);
  });
  if (refused()) return tl::unexpected(std::move(all));

  Policy policy = std::move(draft.policy);
  index_rules(policy);
  const auto configured =
      connectors.canonical.empty() ? nlohmann::json::object() : nlohmann::json::parse(connectors.canonical);
  nlohmann::json documents{{"connectors", configured}, {"policy", merged(loaded)}};
  if (!connectors.canonical_catalogs.empty())
    documents["catalogs"] = nlohmann::json::parse(connectors.canonical_catalogs);
  policy.documents = canonical_json(documents);
  policy.digest = sha256_hex(policy.documents);
  return LoadedPolicy{std::move(policy), std::move(all)};
}

tl::expected<Policy, std::vector<PolicyProblem>> load_policy(const std::vector<PolicyFile>& files,
                                                             const KnownConnectors& connectors) {
  auto loaded = read_policy(files, connectors);
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  return std::move(loaded->policy);
}

}  // namespace jitbot
