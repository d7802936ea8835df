#include "bot/app/config.hpp"
#include "bot/app/config_values.hpp"
#include "bot/app/policy_commit.hpp"
#include "bot/model/nearest.hpp"
#include "bot/policy/decide.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr std::size_t k_largest_file = std::size_t{1} << 20U;
constexpr std::size_t k_most_files = 500;

constexpr const char* k_usual_advice = "a policy is a folder of *.yaml files, at most 500 of at most 1 MiB";

// About the whole of it: no line is to blame.
PolicyProblem about(const std::filesystem::path& path, std::string message,
                    std::string advice = k_usual_advice) {
  return {{path.string(), 0, 0}, "", std::move(message), "policy-folder", std::move(advice)};
}

constexpr const char* k_let_read = "let the user that runs jitbot read it";

PolicyProblem unreadable(const std::filesystem::path& path, const Error& why) {
  return about(path, "cannot be read: " + why.message,
               why.kind == ErrorKind::refused ? k_let_read : k_usual_advice);
}

// Names of editors' and version control's own files, as a shell's *.yaml would leave them out.
bool is_hidden(const std::filesystem::path& path) {
  return path.filename().string().starts_with('.');
}

// "policy.yml", "policy.YAML"
bool is_named_otherwise(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return ending == ".yml" || (ending == ".yaml" && path.extension() != ".yaml");
}

}  // namespace

tl::expected<LoadedPolicy, std::vector<PolicyProblem>> read_policy_folder(const std::filesystem::path& folder,
                                                                          const KnownConnectors& connectors) {
  std::vector<PolicyProblem> problems;
  std::vector<PolicyFile> files;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) {
    const std::string advice = error == std::errc::permission_denied ? k_let_read : k_usual_advice;
    return tl::unexpected(
        std::vector{about(folder, "the policy folder cannot be read: " + error.message(), advice)});
  }
  std::vector<std::filesystem::path> paths;
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::filesystem::path& path = entries->path();
    if (is_hidden(path)) continue;
    if (path.extension() == ".yaml") paths.push_back(path);
    // Passed over in silence it would look like a policy that is in force.
    if (is_named_otherwise(path)) problems.push_back(about(path, "policy files are named *.yaml; rename it"));
  }
  if (error) problems.push_back(about(folder, "the policy folder cannot be read: " + error.message()));
  std::ranges::sort(paths);
  if (paths.empty())
    problems.push_back(about(folder, "there is no policy here; put at least one *.yaml file into it"));
  if (paths.size() > k_most_files) {
    problems.push_back(about(folder, fmt::format("more than {} policy files", k_most_files)));
    paths.clear();
  }
  for (const auto& path : paths) {
    auto text = read_whole_file(path, k_largest_file);
    if (text) {
      files.push_back({path.string(), std::move(*text)});
    } else {
      problems.push_back(unreadable(path, text.error()));
    }
  }
  auto policy = read_policy(files, connectors);
  if (policy) policy->policy.commit = commit_of(folder, files);
  if (problems.empty()) return policy;
  if (!policy) problems.insert(problems.end(), policy.error().begin(), policy.error().end());
  return tl::unexpected(std::move(problems));
}

tl::expected<Policy, std::vector<PolicyProblem>> load_policy_folder(const std::filesystem::path& folder,
                                                                    const KnownConnectors& connectors) {
  auto loaded = read_policy_folder(folder, connectors);
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  return std::move(loaded->policy);
}

std::vector<PolicyProblem> check_subjects(const Config& config, const Policy& policy) {
  std::vector<std::string> known;
  for (const auto& [name, group] : policy.groups) known.push_back(name);
  std::vector<PolicyProblem> problems;
  for (const NamedSubjects* who : {&config.admins.who, &config.auditors}) {
    for (std::size_t i = 0; i < who->members.size(); ++i) {
      const Subject& subject = who->members[i];
      if (subject.kind != Subject::Kind::group || policy.groups.contains(subject.value)) continue;
      const std::string near = nearest(subject.value, known);
      const std::string hint = near.empty() ? "" : fmt::format("; did you mean {}?", near);
      problems.push_back(
          {who->marks[i], fmt::format("{}[{}]", who->key, i),
           fmt::format("the policy has no group \"{}\"{}", subject.value, hint), "unknown-group",
           near.empty() ? "add the group to the policy, or name another" : "write group:" + near});
    }
  }
  return problems;
}

}  // namespace jitbot
