#include "bot/app/cli.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/diff.hpp"
#include "bot/policy/documents.hpp"
#include "store/policy_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>

namespace jitbot::cli {

namespace {

constexpr std::string_view k_sqlite = "sqlite:";

void print(const std::vector<PolicyProblem>& problems) {
  for (const PolicyProblem& problem : problems) std::cerr << to_string(problem) << "\n";
}

// Policies are read where no token is: what the environment holds is no reason not to.
std::optional<std::string> anything(const std::string& name) {
  const bool proxy = name.ends_with("_proxy") || name.ends_with("_PROXY");
  if (proxy || name == "SSL_CERT_FILE") return std::nullopt;
  return process_environment()(name);
}

// Without a configuration names of connectors are taken as they come, and the digest is another one.
std::optional<KnownConnectors> connectors_of(const std::optional<std::filesystem::path>& config) {
  if (!config) {
    KnownConnectors any;
    any.complete = false;
    return any;
  }
  const auto loaded = load_config(*config, anything);
  if (loaded) return known_connectors(loaded->config);
  print(loaded.error());
  return std::nullopt;
}

std::optional<Policy> policy_in(const std::filesystem::path& folder, const KnownConnectors& connectors) {
  auto policy = load_policy_folder(folder, connectors);
  if (policy) return std::move(*policy);
  print(policy.error());
  return std::nullopt;
}

int print_documents(const std::string& documents, const std::vector<std::string>& heading, ShowAs as) {
  switch (as) {
    case ShowAs::json:
      // The very bytes that the digest is of.
      std::cout << documents << std::flush;
      return std::cout ? k_fine : k_failed;
    case ShowAs::yaml:
      break;
  }
  const auto text = documents_as_yaml(documents);
  if (!text) {
    std::cerr << "jitbot: " << text.error().message << "\n";
    return k_failed;
  }
  for (const std::string& line : heading) std::cout << "# " << line << "\n";
  std::cout << *text << std::flush;
  return std::cout ? k_fine : k_failed;
}

int show_stored(const PolicyShown& what) {
  if (!what.store.starts_with(k_sqlite)) {
    std::cerr << "jitbot: --store is written sqlite:FILE\n";
    return k_usage;
  }
  std::string prefix = what.digest;
  std::ranges::transform(prefix, prefix.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto kept = kept_policy(what.store.substr(k_sqlite.size()), prefix);
  if (!kept) {
    std::cerr << "jitbot: " << kept.error().message << "\n";
    return kept.error().kind == ErrorKind::invalid ? k_failed : k_usage;
  }
  const std::vector<std::string> heading{"policy " + kept->digest,
                                         "first in force " + format_utc(kept->since),
                                         "proven: the SHA-256 of what was kept is this digest"};
  return print_documents(kept->documents, heading, what.as);
}

int show_folder(const PolicyShown& what) {
  const auto connectors = connectors_of(what.config);
  if (!connectors) return k_usage;
  const auto policy = policy_in(*what.folder, *connectors);
  if (!policy) return k_usage;
  std::vector<std::string> heading;
  heading.push_back(what.config ? "policy " + policy->digest
                                : "a policy by itself: its digest needs the connectors, see --config");
  if (!policy->commit.id.empty()) heading.push_back("commit " + to_string(policy->commit));
  return print_documents(policy->documents, heading, what.as);
}

}  // namespace

int policy_show(const PolicyShown& what) {
  if (what.folder.has_value() == !what.store.empty() || (what.folder && !what.digest.empty())) {
    std::cerr << "jitbot: name a folder, or --store sqlite:FILE and perhaps a --digest of it\n";
    return k_usage;
  }
  return what.folder ? show_folder(what) : show_stored(what);
}

int policy_diff(const PolicyCompared& what) {
  const auto connectors = connectors_of(what.config);
  if (!connectors) return k_usage;
  const auto old = policy_in(what.old, *connectors);
  const auto fresh = policy_in(what.fresh, *connectors);
  if (!old || !fresh) return k_usage;
  const auto changes = differences(*old, *fresh);
  const bool same = old->digest == fresh->digest && changes.empty();
  if (what.say == PolicyCompared::Say::nothing) return same ? k_fine : k_failed;
  for (const Change& change : changes) std::cout << change.words << "\n";
  if (same) std::cout << "no difference\n";
  if (!same && changes.empty()) std::cout << "written differently; what they say is the same\n";
  return same ? k_fine : k_failed;
}

}  // namespace jitbot::cli
