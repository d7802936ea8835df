#include "bot/policy/existing.hpp"

#include <fmt/format.h>

namespace jitbot {

Result<void> still_exists(const Asked& asked, const Facts& facts) {
  if (asked.catalog.empty()) return {};
  const auto listed = facts.catalogs.find(asked.catalog);
  if (listed == facts.catalogs.end() || !listed->second) {
    return fail(ErrorKind::unavailable, fmt::format("I cannot check now whether {} exists", asked.resource),
                listed == facts.catalogs.end()
                    ? "not fetched: catalog " + asked.catalog
                    : "catalog " + asked.catalog + ": " + listed->second.error().message);
  }
  if (listed->second->contains(asked.resource)) return {};
  return fail(ErrorKind::refused, fmt::format("{} does not exist any more", asked.resource));
}

}  // namespace jitbot
