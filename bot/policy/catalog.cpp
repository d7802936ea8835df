#include "bot/policy/catalog.hpp"

#include "bot/model/nearest.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace jitbot {

namespace {

constexpr std::size_t k_few = 8;
constexpr std::size_t k_most_echoed = 64;  // bytes

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool holds(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::ranges::search(text, word, same).begin() != text.end() || word.empty();
}

Offer offer_of(const Policy& policy, const Resource& resource, const std::string& name, const Person& person,
               const Facts& facts, std::optional<Error>& unknown) {
  Offer offer{&resource, {}, name};
  for (const auto& [role_name, role] : resource.roles) {
    const Verdict verdict = verdict_on(policy, {&resource, &role, name}, person, std::nullopt, facts);
    if (verdict.kind == Verdict::Kind::unknown) unknown = verdict.why;
    if (verdict.kind == Verdict::Kind::allowed) offer.roles.push_back({&role, verdict.rule});
  }
  return offer;
}

// Safe to repeat: one line, short, whole characters.
std::string quoted(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (shown.size() >= k_most_echoed && (byte & 0xC0U) != 0x80U) return "\"" + shown + "…\"";
    shown += byte < 0x20U || byte == 0x7FU ? ' ' : c;
  }
  return "\"" + shown + "\"";
}

}  // namespace

namespace {

std::string lowered(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), lower);
  return low;
}

// Which resource a listed name is one of, as find_resource() says; made once for all names of a catalog.
class Owners {
 public:
  explicit Owners(const Policy& policy) : policy_(policy) {
    for (const auto& [name, resource] : policy.resources) {
      by_name_.emplace(lowered(name), &resource);
      if (!resource.catalog.empty()) patterns_.emplace_back(lowered(name), &resource);
    }
  }

  const Resource* of(const std::string& name) const {
    if (const auto exactly = policy_.resources.find(name); exactly != policy_.resources.end())
      return &exactly->second;
    const std::string low = lowered(name);
    if (const auto found = by_name_.find(low); found != by_name_.end()) return found->second;
    for (const auto& [pattern, resource] : patterns_) {
      if (fits_pattern(pattern, low)) return resource;
    }
    return nullptr;
  }

 private:
  const Policy& policy_;
  std::map<std::string, const Resource*> by_name_;
  std::vector<std::pair<std::string, const Resource*>> patterns_;
};

}  // namespace

Offers offers_for(const Policy& policy, const Person& person, const Facts& facts) {
  Offers found;
  if (!policy_name(person)) return found;
  const Owners owners(policy);
  const auto add = [&](const Resource& resource, const std::string& name) {
    Offer offer = offer_of(policy, resource, name, person, facts, found.unknown);
    if (!offer.roles.empty()) found.offers.push_back(std::move(offer));
  };
  for (const auto& [name, resource] : policy.resources) {
    if (resource.catalog.empty()) {
      add(resource, "");
      continue;
    }
    const auto listed = facts.catalogs.find(resource.catalog);
    if (listed == facts.catalogs.end()) continue;
    if (!listed->second) found.unknown = listed->second.error();
    if (!listed->second) continue;
    for (const std::string& one : *listed->second) {
      if (fits_pattern(name, one) && owners.of(one) == &resource) add(resource, one);
    }
  }
  std::ranges::sort(found.offers, {}, [](const Offer& offer) -> const std::string& { return offer.shown(); });
  return found;
}

Offer offer_of(const Policy& policy, const Resource& resource, const Person& person, const Facts& facts,
               const std::string& name) {
  const std::string as = resource.catalog.empty() ? std::string() : name;
  if (!policy_name(person)) return {&resource, {}, as};
  std::optional<Error> unknown;
  return offer_of(policy, resource, as, person, facts, unknown);
}

std::string called(const Resource& resource, const std::string& typed) {
  return resource.catalog.empty() ? resource.name : typed;
}

bool mentions(const Offer& offer, std::string_view word) {
  const Resource& resource = *offer.resource;
  if (holds(offer.shown(), word) || holds(resource.description, word)) return true;
  return std::ranges::any_of(resource.tags, [word](const auto& tag) {
    return holds(tag.first, word) || holds(tag.second, word) || holds(tag.first + ":" + tag.second, word);
  });
}

Error no_such_resource(const std::string& typed, const Offers& offers) {
  std::vector<std::string> names;
  for (const Offer& offer : offers.offers) names.push_back(offer.shown());
  const std::string near = nearest(typed, names);
  std::string hint;
  if (!near.empty()) {
    hint = fmt::format("; did you mean {}?", near);
  } else if (names.empty() || names.size() > k_few) {
    hint = "; /jit resources lists what you may ask for";
  } else {
    hint = fmt::format("; you may ask for {}", fmt::join(names, ", "));
  }
  return {ErrorKind::not_found, fmt::format("I know no resource {} for you{}", quoted(typed), hint), {}};
}

}  // namespace jitbot
