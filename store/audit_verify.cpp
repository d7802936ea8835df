#include "store/audit_verify.hpp"

#include "store/audit_chain.hpp"
#include "store/open_parts.hpp"
#include "store/query.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace jitbot {

namespace {

using store::ChainEnd;

constexpr Millis k_busy_timeout{5000};

// The hash is over the meaning of the detail; the text must be the one way to write it, so that no byte of it
// can be changed unseen.
bool fits_its_hash(const ChainedEvent& read) {
  try {
    const auto detail = nlohmann::json::parse(read.event.detail, nullptr, false);
    return detail.is_object() && canonical_json(detail) == read.event.detail &&
           chain_hash(read.sequence, read.event, read.previous) == read.hash;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

std::optional<AuditProblem> problem_of(const ChainedEvent& read, const ChainEnd& before) {
  const std::int64_t expected = before.sequence + 1;
  if (read.sequence > expected) {
    return AuditProblem{expected,
                        fmt::format("event {} is missing: the next one is {}", expected, read.sequence)};
  }
  if (read.sequence < expected) {
    return AuditProblem{read.sequence, fmt::format("event {} stands before the first", read.sequence)};
  }
  if (read.previous != before.hash) {
    return AuditProblem{expected,
                        fmt::format("event {} does not follow event {}: one of them was swapped, put in or "
                                    "changed",
                                    expected, before.sequence)};
  }
  if (!fits_its_hash(read)) {
    return AuditProblem{expected,
                        fmt::format("event {} was changed: its hash does not fit what it says", expected)};
  }
  return std::nullopt;
}

std::optional<AuditProblem> walk(store::Driver& driver, ChainEnd& end) {
  end = {0, std::string(64, '0')};
  store::Query query(driver,
                     "SELECT sequence, at, actor, action, subject, detail, previous, hash FROM audit"
                     " ORDER BY sequence");
  while (query.next()) {
    const ChainedEvent read = store::read_event(query);
    if (auto problem = problem_of(read, end)) return problem;
    end = {read.sequence, read.hash};
  }
  return std::nullopt;
}

std::optional<AuditProblem> problem_of(HeadRelation relation, const AuditTip& tip, const AuditHead& head) {
  switch (relation) {
    case HeadRelation::same:
    case HeadRelation::store_ahead:
      return std::nullopt;
    case HeadRelation::head_ahead:
      return AuditProblem{
          tip.sequence + 1,
          fmt::format("the signed head tells of {} events, the store ends at {}: its end was cut off, "
                      "or an older copy was put back",
                      head.tip.sequence, tip.sequence)};
    case HeadRelation::diverged:
      if (tip.store_id != head.tip.store_id)
        return AuditProblem{0, "the signed head is that of another store"};
      return AuditProblem{
          head.tip.sequence,
          fmt::format("event {} is not the one the signed head tells of: the chain was written anew",
                      head.tip.sequence)};
  }
  return std::nullopt;
}

AuditVerdict verify(store::Driver& driver, const std::optional<AuditHead>& head) {
  AuditVerdict verdict;
  driver.execute("BEGIN");  // one snapshot, whatever the bot writes meanwhile
  verdict.tip.store_id = store::read_store_id(driver);
  ChainEnd end;
  verdict.problem = walk(driver, end);
  verdict.tip.sequence = end.sequence;
  verdict.tip.hash = end.hash;
  if (head && !verdict.problem) {
    verdict.head = compare_head(verdict.tip, store::hash_at(driver, head->tip.sequence), *head);
    verdict.problem = problem_of(*verdict.head, verdict.tip, *head);
  }
  driver.execute("ROLLBACK");
  return verdict;
}

}  // namespace

Result<AuditVerdict> verify_audit(const std::filesystem::path& store, const std::optional<AuditHead>& head) {
  auto driver = store::open_to_read(store, k_busy_timeout);
  if (!driver) return tl::unexpected<Error>(std::move(driver).error());
  try {
    return verify(**driver, head);
  } catch (const store::SqlError& error) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the audit log cannot be read: {}", store.string(), error.what()),
                error.what());
  }
}

}  // namespace jitbot
