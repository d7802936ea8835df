#include "bot/policy/decide.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <unordered_map>

// Rules that never decide.
namespace jitbot {

namespace {

using Ids = std::vector<std::uint32_t>;  // sorted

// Whom each rule names, as numbers: itself, and everybody of the groups that list people.
class Requesters {
 public:
  explicit Requesters(const Policy& policy) : policy_(policy) {
    for (const Rule& rule : policy.rules) rules_.push_back(of(rule));
  }

  // Whoever may ask by `inner` may ask by `outer`, today and whatever live groups hold.
  bool covers(std::size_t outer, std::size_t inner) const {
    if (rules_[outer].everybody) return true;
    if (rules_[inner].everybody) return false;
    return std::ranges::all_of(rules_[inner].subjects, [&](const Subjects& subject) {
      if (std::ranges::binary_search(rules_[outer].closure, subject.id)) return true;
      return !subject.members.empty() && std::ranges::includes(rules_[outer].closure, subject.members);
    });
  }

 private:
  struct Subjects {
    std::uint32_t id = 0;
    Ids members;  // of a group that lists people
  };
  struct Named {
    bool everybody = false;
    std::vector<Subjects> subjects;
    Ids closure;
  };

  std::uint32_t id(const std::string& text) {
    return ids_.emplace(text, static_cast<std::uint32_t>(ids_.size())).first->second;
  }

  Named of(const Rule& rule) {
    Named named;
    named.everybody = rule.requesters.empty();
    for (const Subject& subject : rule.requesters) {
      Subjects one{id(to_string(subject)), {}};
      named.closure.push_back(one.id);
      const auto group =
          subject.kind == Subject::Kind::group ? policy_.groups.find(subject.value) : policy_.groups.end();
      if (group != policy_.groups.end()) {
        for (const Subject& member : group->second.members) one.members.push_back(id(to_string(member)));
        // Two groups with one source are the same people.
        if (!group->second.from.empty()) one.members.push_back(id("from " + group->second.from));
        std::ranges::sort(one.members);
        named.closure.insert(named.closure.end(), one.members.begin(), one.members.end());
      }
      named.subjects.push_back(std::move(one));
    }
    std::ranges::sort(named.closure);
    return named;
  }

  const Policy& policy_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<Named> rules_;
};

// Every text of `inner` fits `outer`: a star of the inner one only fits under one of the outer.
bool pattern_covers(const std::string& outer, const std::string& inner) {
  return fits_pattern(outer, inner);
}

bool list_covers(const std::vector<std::string>& outer, const std::vector<std::string>& inner) {
  return std::ranges::all_of(inner, [&](const std::string& one) {
    return std::ranges::any_of(outer, [&](const std::string& wide) { return pattern_covers(wide, one); });
  });
}

// Whatever `inner` matches, now and with any resources, `outer` matches.
bool match_covers(const Match& outer, const Match& inner) {
  const auto names = [](const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
    return wide.empty() || (!narrow.empty() && list_covers(wide, narrow));
  };
  if (!names(outer.resources, inner.resources) || !names(outer.roles, inner.roles)) return false;
  return std::ranges::all_of(outer.tags, [&](const auto& tag) {
    const auto same = inner.tags.find(tag.first);
    return same != inner.tags.end() && list_covers(tag.second, same->second);
  });
}

// One role of one resource, and the rules that may be for it, in their order.
struct Place {
  const Resource* resource = nullptr;
  const Role* role = nullptr;
  std::vector<std::size_t> rules;
};

class Reach {
 public:
  explicit Reach(const PolicyDraft& draft)
      : draft_(draft), rules_(draft.policy.rules), requesters_(draft.policy) {
    places_of_.resize(rules_.size());
    for (const auto& [name, resource] : draft.policy.resources) {
      for (const auto& [role_name, role] : resource.roles) {
        Place& place = places_.emplace_back(Place{&resource, &role, {}});
        for (std::size_t at = 0; at < rules_.size(); ++at) {
          if (!may_match(rules_[at].match, {&resource, &role, {}})) continue;
          place.rules.push_back(at);
          places_of_[at].push_back(places_.size() - 1);
        }
      }
    }
  }

  void check() const {
    for (std::size_t at = 0; at < rules_.size(); ++at) {
      if (places_of_[at].empty()) {
        report_nothing(at);
      } else {
        check_shadow(at);
      }
    }
  }

 private:
  void report_nothing(std::size_t at) const {
    // Without any resource there is nothing yet that a rule could be for.
    if (places_.empty()) return;
    const auto& about = draft_.rules[at];
    (about.match ? *about.match : about.at)
        .fail(fmt::format("rule {} matches no role of any resource", rules_[at].name),
              {"matches-nothing", "mend its match, or remove the rule"});
  }

  // The names at this place that the rule matches, all of them, are matched by the other one.
  bool takes_place(const Rule& other, const Rule& rule, const Place& place) const {
    if (place.resource->catalog.empty()) return true;  // both match it: they stand in its list
    if (other.match.resources.empty() || list_covers(other.match.resources, {place.resource->name}))
      return true;
    return !rule.match.resources.empty() && list_covers(other.match.resources, rule.match.resources);
  }

  bool always_before(std::size_t other, std::size_t at) const {
    const Rule& a = rules_[other];
    const Rule& b = rules_[at];
    if (other == at || a.when) return false;
    const bool looked_at_first = a.effect == b.effect ? other < at : a.effect == Effect::deny;
    return looked_at_first && requesters_.covers(other, at);
  }

  std::optional<std::size_t> taken_by(std::size_t at, const Place& place) const {
    for (const std::size_t other : place.rules) {
      if (always_before(other, at) && takes_place(rules_[other], rules_[at], place)) return other;
    }
    return std::nullopt;
  }

  void check_shadow(std::size_t at) const {
    const Rule& rule = rules_[at];
    std::vector<std::size_t> takers;
    for (const std::size_t place : places_of_[at]) {
      const auto taker = taken_by(at, places_[place]);
      if (!taker) return;
      if (std::ranges::find(takers, *taker) == takers.end()) takers.push_back(*taker);
    }
    // What is only so with the resources of today may be meant for those of tomorrow.
    const bool named =
        !rule.match.resources.empty() && std::ranges::none_of(rule.match.resources, is_pattern);
    const bool wider = std::ranges::any_of(
        takers, [&](std::size_t taker) { return match_covers(rules_[taker].match, rule.match); });
    // A freeze by a deny rule is meant to stop others for a while.
    const bool frozen =
        std::ranges::any_of(takers, [&](std::size_t taker) { return rules_[taker].effect == Effect::deny; });
    std::vector<std::string> names;
    for (const std::size_t taker : takers)
      names.push_back((rules_[taker].effect == Effect::deny ? "deny rule " : "rule ") + rules_[taker].name);
    draft_.rules[at].at.fail(
        fmt::format(
            "rule {} never decides{}: whoever and whatever it is for, {} {}", rule.name,
            named || wider ? "" : " on any resource that there is now", fmt::join(names, " or "),
            names.size() == 1 ? "fits, too, and is looked at first" : "fit, too, and are looked at first"),
        {"shadowed-rule", "move it up, narrow the other, or remove it",
         (named || wider) && !frozen ? Severity::error : Severity::warning});
  }

  const PolicyDraft& draft_;
  const std::vector<Rule>& rules_;
  Requesters requesters_;
  std::vector<Place> places_;
  std::vector<std::vector<std::size_t>> places_of_;  // by rule
};

}  // namespace

void check_reach(const PolicyDraft& draft) {
  Reach(draft).check();
}

}  // namespace jitbot
