#include "store/query.hpp"
#include "store/transaction.hpp"

#include <stdexcept>

namespace jitbot::store {

namespace {

Binding read_binding(Query& row) {
  Binding binding;
  binding.principal = row.principal();
  binding.email = row.text();
  binding.bound_at = row.time();
  return binding;
}

}  // namespace

std::optional<Binding> Transaction::binding(const PrincipalId& principal) {
  Query query(driver_, "SELECT principal, email, bound_at FROM bindings WHERE principal = $1");
  if (!query.with(principal).next()) return std::nullopt;
  return read_binding(query);
}

std::optional<Binding> Transaction::binding_of_email(const std::string& email) {
  Query query(driver_, "SELECT principal, email, bound_at FROM bindings WHERE email = $1");
  if (!query.with(email).next()) return std::nullopt;
  return read_binding(query);
}

void Transaction::put(const Binding& binding) {
  Query(driver_,
        "INSERT INTO bindings (principal, email, bound_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (principal) DO UPDATE SET email = excluded.email, bound_at = excluded.bound_at")
      .with(binding.principal)
      .with(binding.email)
      .with(binding.bound_at)
      .run();
}

std::vector<AccountLink> Transaction::account_links() {
  std::vector<AccountLink> links;
  Query query(driver_, "SELECT account, person, linked_at FROM account_links ORDER BY account");
  while (query.next()) {
    AccountLink link;
    link.account = query.principal();
    link.person = query.principal();
    link.linked_at = query.time();
    links.push_back(std::move(link));
  }
  return links;
}

void Transaction::put(const AccountLink& link) {
  Query(driver_,
        "INSERT INTO account_links (account, person, linked_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (account) DO UPDATE SET person = excluded.person, linked_at = excluded.linked_at")
      .with(link.account)
      .with(link.person)
      .with(link.linked_at)
      .run();
}

std::optional<std::string> Transaction::channel_id(const std::string& name) {
  Query query(driver_, "SELECT id FROM channels WHERE name = $1");
  if (!query.with(name).next()) return std::nullopt;
  return query.text();
}

void Transaction::put_channel(const std::string& name, const std::string& id) {
  Query(driver_,
        "INSERT INTO channels (name, id) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET id = excluded.id")
      .with(name)
      .with(id)
      .run();
}

// Cards outlive the names: another policy forgets these, and what is shown stays where it stands.
std::vector<std::string> Transaction::known_channels() {
  std::vector<std::string> ids;
  Query query(driver_,
              "SELECT id FROM channels UNION"
              " SELECT COALESCE(message_channel, channel) FROM cards"
              " WHERE subject IN (SELECT id FROM requests WHERE state = 'pending'"
              " UNION SELECT id FROM grants WHERE state <> 'ended')"
              " AND face = 'approval' AND direct IS NULL"
              " AND (message_channel IS NOT NULL OR channel NOT LIKE '%#%') ORDER BY 1");
  while (query.next()) ids.push_back(query.text());
  return ids;
}

void Transaction::forget_channels() {
  Query(driver_, "DELETE FROM channels").run();
}

bool Transaction::has_policy(const std::string& digest) {
  Query query(driver_, "SELECT 1 FROM policies WHERE digest = $1");
  return query.with(digest).next();
}

void Transaction::put_policy(const std::string& digest, const std::string& documents, Time at) {
  Query(driver_,
        "INSERT INTO policies (digest, documents, at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING")
      .with(digest)
      .with(documents)
      .with(at)
      .run();
}

std::optional<std::string> Transaction::meta(const std::string& name) {
  Query query(driver_, "SELECT value FROM meta WHERE name = $1");
  if (!query.with(name).next()) return std::nullopt;
  return query.text();
}

void Transaction::put_meta(const std::string& name, const std::string& value) {
  if (name == k_store_id) throw std::invalid_argument("the store's id never changes");
  Query(driver_,
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
        "excluded.value")
      .with(name)
      .with(value)
      .run();
}

}  // namespace jitbot::store
