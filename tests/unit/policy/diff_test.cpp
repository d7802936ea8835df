#include "bot/policy/diff.hpp"

#include "bot/policy/words_of.hpp"
#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

namespace jitbot {

namespace {

Policy loaded(const std::string& text, const KnownConnectors& connectors = sample::connectors()) {
  auto policy = load_policy({{"company.yaml", text}}, connectors);
  if (!policy) throw std::runtime_error(to_string(policy.error().front()));
  return std::move(*policy);
}

std::string company_with(const std::string& from, const std::string& to) {
  std::string text(sample::k_company);
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("not in the sample: " + from);
  return text.replace(at, from.size(), to);
}

std::vector<std::string> words_between(const Policy& old, const Policy& fresh) {
  std::vector<std::string> words;
  for (const Change& change : differences(old, fresh)) words.push_back(change.words);
  return words;
}

struct Edit {
  std::string from;
  std::string to;
  std::vector<std::string> words;
};

}  // namespace

TEST_CASE("what changes of a policy is said in words") {
  const auto edit = GENERATE(values<Edit>({
      {"max_duration: 4h",
       "max_duration: 8h",
       {"rule production: at most 4h → 8h",
        "rule production: prolonged by 2h, 6h in all, by the same steps → by 2h, 10h in all, by the same "
        "steps"}},
      {"      - {name: security, from: [group:security], count: 2}\n",
       "",
       {"rule production-owner: step security is gone (2 of group:security)"}},
      {"{name: security, from: [group:security], count: 2}",
       "{name: security, from: [group:security], count: 1, when: resource.role.risk == \"high\"}",
       {"rule production-owner: step security 2 of group:security → 1 of group:security when "
        "resource.role.risk == \"high\""}},
      {"    approval: auto\n",
       "    approval: [{name: owners, from: [owners]}]\n    post_to: \"#s\"\n",
       {"rule staging-self-service: step owners is new: 1 of owners",
        "rule staging-self-service: denials that deny is new: 1",
        "rule staging-self-service: waits is new: 4h", "rule staging-self-service: post_to is new: #s",
        "rule staging-self-service: approval is gone (nobody has to agree)"}},
      {"deny_threshold: 2", "deny_threshold: 1", {"rule production-owner: denials that deny 2 → 1"}},
      {"match: {tags: {env: [prod, live]}}",
       "match: {tags: {env: prod}}",
       {"rule production: for env=prod|live → env=prod"}},
      {"requesters: [group:sre]",
       "requesters: [group:sre, alice@example.com]",
       {"rule production-owner: requesters now with alice@example.com"}},
      {"    reason: {min_length: 4}\n", "", {"rule production: reason is gone (at least 4 characters)"}},
      {"warn_before: [5m, 15m]",
       "warn_before: [5m]",
       {"rule production-owner: warns before the end without 15m"}},
      {"rules:\n",
       "rules:\n  - {name: freeze, effect: deny, when: resource.role.risk == \"high\", message: Not now.}\n",
       {"rule freeze is new: denies everybody everything when resource.role.risk == \"high\": \"Not now.\" "
        "(it stands first)"}},
      {"security: {members: [sam@example.com, sid@example.com]}",
       "security: {members: [sam@example.com, eve@example.com]}",
       {"group security: members now with eve@example.com, without sid@example.com"}},
      {"sre: {from: \"slack:usergroup/S0SRE\"}",
       "sre: {from: \"slack:usergroup/S0OPS\"}",
       {"group sre: from slack:usergroup/S0SRE → slack:usergroup/S0OPS"}},
      {"tags: {env: prod, tier: 1}",
       "tags: {env: prod, tier: 2, pci: yes}",
       {"resource prod-db: tag pci is new: yes", "resource prod-db: tag tier 1 → 2"}},
      {"grants: {role: prod_ro}",
       "grants: {role: prod_rw}",
       {"resource prod-db: role viewer: grants role prod_ro → prod_rw"}},
      {"      viewer: {connector: prod-db, grants: {role: prod_ro}}\n",
       "",
       {"resource prod-db: default role is new: owner", "resource prod-db: role viewer is gone"}},
      {"owners: [group:sre]",
       "owners: [group:sre, sam@example.com]",
       {"resource staging: owners now with sam@example.com"}},
      {"max_duration: 4h", "max_duration: 240m", {}},
  }));
  INFO(edit.from << " -> " << edit.to);
  const Policy before = sample::company();
  const Policy after = loaded(company_with(edit.from, edit.to));
  CHECK(before.digest != after.digest);
  CHECK(words_between(before, after) == edit.words);
  // The other way round something is said, too.
  CHECK(words_between(after, before).empty() == edit.words.empty());
}

TEST_CASE("the same policy has no differences, however its files are cut") {
  CHECK(differences(sample::company(), sample::company()).empty());
}

TEST_CASE("rules that moved are told with where they stand now, and only those") {
  const auto policy = [](const std::vector<std::string>& names) {
    std::string text =
        "apiVersion: jit/v1\nresources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}\nrules:\n";
    for (const std::string& name : names) {
      text += "  - {name: " + name + ", match: {resource: wiki}, requesters: [" + name +
              "@example.com], max_duration: 1h, approval: auto}\n";
    }
    return loaded(text);
  };
  const Policy old = policy({"a", "b", "c", "d"});
  CHECK(words_between(old, policy({"b", "c", "a", "d"})) ==
        std::vector<std::string>{"rule a stands behind c now"});
  CHECK(words_between(old, policy({"d", "a", "b", "c"})) ==
        std::vector<std::string>{"rule d stands first now"});
  CHECK(words_between(old, policy({"a", "c", "d"})) == std::vector<std::string>{"rule b is gone"});
  CHECK(words_between(old, policy({"d", "c", "b", "a"})).size() == 3);
}

TEST_CASE("connectors that are configured otherwise are told, without how") {
  const KnownConnectors other{
      {"staging-db", "prod-db", "wiki"}, R"({"prod-db":{},"staging-db":{"type":"postgres"}})", {}};
  const Policy after = loaded(std::string(sample::k_company), other);
  CHECK(words_between(sample::company(), after) ==
        std::vector<std::string>{"connector prod-db is new: configured",
                                 "connector staging-db: configured differently"});
}

TEST_CASE("a rule is said in words") {
  const Policy company = sample::company();
  CHECK(words_of(company.rules[0]) ==
        "group:engineering may have staging; role viewer for at most 8h; nobody has to agree");
  CHECK(
      words_of(company.rules[2]) ==
      "group:engineering may have env=prod|live for at most 4h; owners (1 of owners, group:sre) must agree; "
      "reason: at least 4 characters; may be prolonged by 2h, 6h in all, by the same steps");
}

}  // namespace jitbot
