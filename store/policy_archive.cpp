#include "store/policy_archive.hpp"

#include "bot/model/audit_event.hpp"
#include "store/open_parts.hpp"
#include "store/query.hpp"

#include <fmt/format.h>

#include <vector>

namespace jitbot {

namespace {

constexpr Millis k_busy_timeout{5000};
constexpr std::size_t k_most_listed = 10;

struct Kept {
  std::string digest;
  Time since;
};

// Those in force last come first: one that came back is newer than one that was new in between.
std::vector<Kept> all_kept(store::Driver& driver) {
  std::vector<Kept> all;
  store::Query query(driver,
                     "SELECT digest, at FROM policies ORDER BY digest ="
                     " COALESCE((SELECT value FROM meta WHERE name = 'policy_in_force'), '') DESC,"
                     " at DESC, digest");
  while (query.next()) {
    Kept kept;
    kept.digest = query.text();
    kept.since = query.time();
    all.push_back(std::move(kept));
  }
  return all;
}

Result<Kept> the_one(const std::vector<Kept>& all, const std::string& prefix) {
  std::vector<Kept> found;
  for (const Kept& kept : all) {
    if (kept.digest.starts_with(prefix)) found.push_back(kept);
  }
  if (found.empty()) {
    if (prefix.empty()) return fail(ErrorKind::not_found, "no policy was ever in force here");
    return fail(ErrorKind::not_found,
                fmt::format("no policy that was in force here has a digest {}…", prefix));
  }
  if (found.size() == 1 || prefix.empty()) return found.front();
  std::string list;
  for (std::size_t i = 0; i < found.size() && i < k_most_listed; ++i) list += "\n  " + found[i].digest;
  if (found.size() > k_most_listed) list += fmt::format("\n  and {} more", found.size() - k_most_listed);
  return fail(ErrorKind::conflict, fmt::format("{} digests start with {}:{}", found.size(), prefix, list));
}

Result<KeptPolicy> read(store::Driver& driver, const std::string& prefix) {
  const auto kept = the_one(all_kept(driver), prefix);
  if (!kept) return tl::unexpected<Error>(kept.error());
  store::Query query(driver, "SELECT documents FROM policies WHERE digest = $1");
  if (!query.with(kept->digest).next()) return fail(ErrorKind::not_found, "it was just removed");
  KeptPolicy policy{kept->digest, query.text(), kept->since};
  const std::string real = sha256_hex(policy.documents);
  if (real == policy.digest) return policy;
  return fail(ErrorKind::invalid,
              fmt::format("the documents of {} were changed: their SHA-256 is {}", policy.digest, real));
}

}  // namespace

Result<KeptPolicy> kept_policy(const std::filesystem::path& store, const std::string& prefix) {
  auto driver = store::open_to_read(store, k_busy_timeout);
  if (!driver) return tl::unexpected<Error>(std::move(driver).error());
  try {
    store::run(**driver, "BEGIN");
    auto found = read(**driver, prefix);
    store::run(**driver, "ROLLBACK");
    return found;
  } catch (const store::SqlError& error) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the policies cannot be read: {}", store.string(), error.what()),
                error.what());
  }
}

}  // namespace jitbot
