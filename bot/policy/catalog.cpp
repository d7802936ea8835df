#include "bot/policy/catalog.hpp"

#include "bot/model/nearest.hpp"

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

Offer offer_of(RuleFinder& finder, const Resource& resource, std::optional<Error>& unknown) {
  Offer offer{&resource, {}};
  for (const auto& [name, role] : resource.roles) {
    const auto rule = finder.first_for({&resource, &role});
    if (!rule) {
      unknown = rule.error();
    } else if (*rule != nullptr) {
      offer.roles.push_back({&role, *rule});
    }
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

Offers offers_for(const Policy& policy, const Person& person, const Facts& facts) {
  Offers found;
  if (!policy_name(person)) return found;
  RuleFinder finder(policy, person, facts);
  for (const auto& [name, resource] : policy.resources) {
    Offer offer = offer_of(finder, resource, found.unknown);
    if (!offer.roles.empty()) found.offers.push_back(std::move(offer));
  }
  return found;
}

Offer offer_of(const Policy& policy, const Resource& resource, const Person& person, const Facts& facts) {
  if (!policy_name(person)) return {&resource, {}};
  RuleFinder finder(policy, person, facts);
  std::optional<Error> unknown;
  return offer_of(finder, resource, unknown);
}

std::set<std::string> live_groups_to_offer(const Policy& policy, const Person& person) {
  std::set<std::string> groups;
  if (!policy_name(person)) return groups;
  const Facts nothing;
  for (const Rule& rule : policy.rules) {
    // With no facts at all, only a list that names him himself says yes.
    if (is_one_of(policy, rule.requesters, person, nothing).value_or(false)) continue;
    groups.merge(live_groups_of(policy, rule.requesters));
  }
  return groups;
}

bool mentions(const Resource& resource, std::string_view word) {
  if (holds(resource.name, word) || holds(resource.description, word)) return true;
  return std::ranges::any_of(resource.tags, [word](const auto& tag) {
    return holds(tag.first, word) || holds(tag.second, word) || holds(tag.first + ":" + tag.second, word);
  });
}

Error no_such_resource(const std::string& typed, const Offers& offers) {
  std::vector<std::string> names;
  for (const Offer& offer : offers.offers) names.push_back(offer.resource->name);
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
