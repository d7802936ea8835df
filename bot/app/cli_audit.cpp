#include "bot/app/cli.hpp"
#include "bot/model/duration.hpp"
#include "store/audit_verify.hpp"

#include <fmt/format.h>

#include <iostream>

namespace jitbot::cli {

namespace {

std::optional<AuditHead> read_signed_head(const Config& config, const AuditFiles& files) {
  const auto head_path = files.head.value_or(config.audit.head);
  const auto key_path = files.public_key.value_or(config.audit.key.string() + ".pub");
  const auto key = load_audit_public_key(key_path);
  const auto line = read_head(head_path);
  if (!key || !line) {
    const Error& error = key ? line.error() : key.error();
    std::cerr << "jitbot: " << error.message << "\n";
    return std::nullopt;
  }
  const auto head = verify_head(*key, *line);
  if (!head) {
    std::cerr << fmt::format("jitbot: {}: {}\n", head_path.string(), head.error().message);
    return std::nullopt;
  }
  return *head;
}

// The log is read from this machine's disk: a proxy that cannot be used is no reason not to.
std::optional<std::string> without_proxies(const std::string& name) {
  const bool proxy = name.ends_with("_proxy") || name.ends_with("_PROXY");
  return proxy ? std::nullopt : process_environment()(name);
}

}  // namespace

int audit_verify(const AuditFiles& files) {
  auto loaded = load_config(files.config, without_proxies);
  if (!loaded) {
    for (const PolicyProblem& problem : loaded.error()) std::cerr << to_string(problem) << "\n";
    return k_usage;
  }
  // The head first: one that is written meanwhile would be newer than what is walked.
  const auto head = read_signed_head(loaded->config, files);
  if (!head) return k_failed;
  const auto verdict = verify_audit(loaded->config.store.sqlite, head);
  if (!verdict) {
    std::cerr << "jitbot: " << verdict.error().message << "\n";
    return k_failed;
  }
  if (verdict->problem) {
    std::cout << fmt::format("BROKEN at event {}: {}\n", verdict->problem->sequence, verdict->problem->why);
    return k_failed;
  }
  std::cout << fmt::format("ok: {} events, up to {}; head of {} at event {}, signature good\n",
                           verdict->tip.sequence, verdict->tip.hash.substr(0, 16), format_utc(head->at),
                           head->tip.sequence);
  return k_fine;
}

}  // namespace jitbot::cli
