#include "bot/app/cli.hpp"
#include "bot/app/cli_draft.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/diff.hpp"
#include "bot/policy/documents.hpp"
#include "store/policy_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iostream>

namespace jitbot::cli {

namespace {

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
  const auto file = store_file(what.store);
  if (!file) {
    std::cerr << "jitbot: " << file.error().message << "\n";
    return k_usage;
  }
  std::string prefix = what.digest;
  std::ranges::transform(prefix, prefix.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto kept = kept_policy(*file, prefix);
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
  const auto policy = load_draft(*what.folder, what.config);
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
  const auto old = load_draft(what.old, what.config);
  const auto fresh = load_draft(what.fresh, what.config);
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
