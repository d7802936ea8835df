#include "bot/reconcile/catalog_book.hpp"

#include "bot/workflow/access.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <optional>

namespace jitbot {

namespace {

constexpr Millis k_silent_too_long = 10min;
const PrincipalId k_actor = system_principal("catalog");

// What is kept of one catalog.
struct Page {
  std::map<std::string, Time> missing;  // by grant: when the first list was there that lacked its name
  std::optional<Time> silent_since;
  bool told = false;  // of the silence

  bool operator==(const Page&) const = default;
};

std::string key_of(const std::string& catalog) {
  return "catalog/" + catalog;
}

Page read_page(Tx& tx, const std::string& catalog) {
  Page page;
  const auto json = nlohmann::json::parse(tx.meta(key_of(catalog)).value_or(""), nullptr, false);
  if (!json.is_object()) return page;
  for (const auto& [id, at] : json.at("missing").items())
    page.missing.emplace(id, time_from_ms(at.get<std::int64_t>()));
  if (json.contains("silent_since"))
    page.silent_since = time_from_ms(json.at("silent_since").get<std::int64_t>());
  page.told = json.at("told").get<bool>();
  return page;
}

void write_page(Tx& tx, const std::string& catalog, const Page& page) {
  if (page == read_page(tx, catalog)) return;
  if (page == Page{}) return tx.put_meta(key_of(catalog), "");
  nlohmann::json json{{"missing", nlohmann::json::object()}, {"told", page.told}};
  for (const auto& [id, at] : page.missing) json["missing"][id] = to_ms(at);
  if (page.silent_since) json["silent_since"] = to_ms(*page.silent_since);
  tx.put_meta(key_of(catalog), json.dump());
}

bool is_live(Tx& tx, const RequestId& id) {
  const auto grant = tx.grant(id);
  return grant && grant->can_be_ended();
}

void end_all(Recorder& record, EntitlementId entitlement, const std::set<RequestId>& grants,
             const std::string& resource) {
  const auto access = record.access(entitlement);
  if (!access) return;
  spdlog::info("event=resource_gone resource={} grants={}", resource, grants.size());
  record.save(grants_event(*access, grants,
                           {.event = GrantEvent::vanished,
                            .actor = k_actor,
                            .now = record.now(),
                            .text = fmt::format("{} does not exist any more", resource)}));
}

}  // namespace

Watched watched_grants(Tx& tx, std::map<RequestId, std::string>& known) {
  Watched watched;
  std::map<RequestId, std::string> still;
  for (const Grant& grant : tx.live_grants()) {
    if (!grant.can_be_ended()) continue;
    const auto before = known.find(grant.id);
    std::string catalog;
    if (before != known.end()) {
      catalog = before->second;
    } else if (const auto request = tx.request(grant.id)) {
      catalog = request->asked.catalog;
    }
    if (!catalog.empty()) watched[catalog].push_back({grant.id, grant.resource});
    still.emplace(grant.id, std::move(catalog));
  }
  known = std::move(still);
  return watched;
}

std::optional<std::vector<RequestId>> news_of(Tx& tx, const Listing& listing,
                                              const std::vector<WatchedGrant>& grants) {
  const Page page = read_page(tx, listing.catalog);
  std::vector<RequestId> concerned;
  for (const WatchedGrant& grant : grants) {
    if (!listing.names.contains(grant.resource) || page.missing.contains(grant.id.value))
      concerned.push_back(grant.id);
  }
  if (concerned.empty() && page == Page{}) return std::nullopt;
  return concerned;
}

Then take_listing(Recorder& record, const Listing& listing, const std::vector<RequestId>& about) {
  Tx& tx = record.tx();
  Page page = read_page(tx, listing.catalog);
  page.silent_since.reset();
  page.told = false;
  std::erase_if(page.missing, [&](const auto& entry) { return !is_live(tx, RequestId{entry.first}); });
  Then then = Then::as_usual;
  std::map<EntitlementId, std::pair<std::string, std::set<RequestId>>> vanished;
  for (const RequestId& id : about) {
    const auto grant = tx.grant(id);
    // A list of before it was granted says nothing about what was there then.
    if (!grant || !grant->can_be_ended() || listing.begun < grant->created) continue;
    if (listing.names.contains(grant->resource)) {
      page.missing.erase(id.value);
      continue;
    }
    const auto [first, fresh] = page.missing.emplace(id.value, record.now());
    if (!fresh && listing.begun - first->second >= k_second_list) {
      auto& [resource, ids] = vanished[grant->entitlement];
      resource = grant->resource;
      ids.insert(id);
      page.missing.erase(first);
      continue;
    }
    then = Then::look_again;
  }
  write_page(tx, listing.catalog, page);
  for (const auto& [entitlement, what] : vanished) end_all(record, entitlement, what.second, what.first);
  return then;
}

void take_silence(Recorder& record, const std::string& catalog, const Error& why) {
  Page page = read_page(record.tx(), catalog);
  if (!page.silent_since) page.silent_since = record.now();
  if (!page.told && record.now() - *page.silent_since >= k_silent_too_long) {
    page.told = true;
    const std::string since = std::to_string(to_ms(*page.silent_since));
    record.audit(k_actor, "catalog.silent", "catalog:" + catalog,
                 {{"since", to_ms(*page.silent_since)}, {"error", why.message}});
    record.notice_admins(NoticeKind::catalog_silent, "catalog/" + catalog + "/" + since, {},
                         {{"catalog", catalog}, {"detail", why.message}});
  }
  write_page(record.tx(), catalog, page);
}

void forget_catalog(Tx& tx, const std::string& catalog) {
  write_page(tx, catalog, Page{});
}

}  // namespace jitbot
