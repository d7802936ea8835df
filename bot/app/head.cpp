#include "bot/app/head.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

Result<AuditKey> key_for(const SqliteStore& store, const std::filesystem::path& path,
                         const std::filesystem::path& head) {
  auto key = load_audit_key(path);
  if (key || key.error().kind != ErrorKind::not_found) return key;
  if (store.tip().sequence > 0) {
    return fail(
        ErrorKind::invalid,
        fmt::format("the audit key {} is missing, but the store has {} events signed with it; put it back "
                    "from your backup",
                    path.string(), store.tip().sequence));
  }
  if (std::filesystem::exists(path.string() + ".pub") || std::filesystem::exists(head)) {
    return fail(
        ErrorKind::invalid,
        fmt::format("the audit key {} is missing, but its public half or a signed head is there; put the key "
                    "back from your backup, or move those away to begin anew",
                    path.string()));
  }
  return make_audit_key(path);
}

std::string doubt_about(HeadRelation relation) {
  switch (relation) {
    case HeadRelation::same:
    case HeadRelation::store_ahead:
      return "";
    case HeadRelation::head_ahead:
      return "the store ends before the signed head: events were cut off, or it is a restored backup";
    case HeadRelation::diverged:
      return "the store's events are not those that the signed head tells of";
  }
  return "the signed head cannot be compared";
}

}  // namespace

Result<HeadCheck> check_head(const SqliteStore& store, const std::filesystem::path& key_path,
                             const std::filesystem::path& head_path, Time now) {
  auto key = key_for(store, key_path, head_path);
  if (!key) return tl::unexpected<Error>(key.error());
  if (!std::filesystem::exists(key_path.string() + ".pub")) {
    auto written = write_audit_public_key(*key, key_path);
    if (!written) return tl::unexpected<Error>(written.error());
  }
  const auto line = read_head(head_path);
  if (!line) {
    if (line.error().kind != ErrorKind::not_found) return tl::unexpected<Error>(line.error());
    if (store.tip().sequence > 0) {
      return HeadCheck{*key, "the signed head " + head_path.string() + " is missing"};
    }
    auto written = write_head(*key, head_path, {store.tip(), now});
    if (!written) return tl::unexpected<Error>(written.error());
    return HeadCheck{*key, ""};
  }
  const auto head = verify_head(key->public_key(), *line);
  if (!head) {
    return fail(ErrorKind::invalid,
                "the signed head " + head_path.string() + " is not signed by the audit key",
                head.error().message);
  }
  const auto relation = store.compare(*head);
  if (!relation) return tl::unexpected<Error>(relation.error());
  return HeadCheck{*key, doubt_about(*relation)};
}

}  // namespace jitbot
