#include "tests/scenario/harness.hpp"

// Resources that come and go: offered and granted while their catalog lists them, and ended with them.
namespace jitbot::scenario {

namespace {

using sandbox::Switch;
const std::string k_alice = "alice box=preview-42";

StageOptions with_previews() {
  StageOptions options;
  options.policy = R"(apiVersion: jit/v1
groups:
  engineering: {members: [alice@example.com, bob@example.com]}
resources:
  "preview-*":
    description: A preview environment
    catalog: previews
    owners: [carol@example.com]
    roles:
      ssh: {connector: previews-ssh, grants: {box: "{{resource}}"}}
    howto: "ssh {{resource}}"
  "review-*":
    catalog: previews
    owners: [carol@example.com]
    roles:
      ssh: {connector: previews-ssh, grants: {box: "{{resource}}"}}
rules:
  - name: previews
    match: {resource: "preview-*"}
    requesters: [group:engineering]
    max_duration: 8h
    approval: auto
    extend: {max: 2h, total: 20h, approval: auto}
  - name: reviews
    match: {resource: "review-*"}
    requesters: [group:engineering]
    max_duration: 8h
    approval: [{name: owners, from: [owners]}]
    post_to: ["#staging-approvals"]
)";
  options.config = R"(limits: {pending_per_person: 3}
admins: {channel: "#jit-admins", members: [erin@example.com]}
connectors:
  previews-ssh: {type: exec, present: ["true"], absent: ["true"], observe: ["true"],
                 account: {claim: email_local, domains: [example.com]}}
catalogs:
  previews: {type: exec, list: ["true"]}
)";
  return options;
}

struct Previews : Stage {
  Previews() : Stage(with_previews()) {
    catalog("previews").names = {"preview-1", "preview-42", "review-7"};
    start();
  }
  TestCatalog& previews() { return catalog("previews"); }
  TestTarget& boxes() { return target("previews-ssh"); }
  std::string active_preview(const std::string& rest = "preview-42 4h") {
    const std::string id = alice.requests(rest);
    until_active(id);
    return id;
  }
};

void power_cut(Stage& stage, const std::string& saved) {
  stage.sandbox->outage(Switch::on);
  stage.stop();
  stage.load_disk(saved);
  stage.sandbox->outage(Switch::off);
}

}  // namespace

TEST_CASE("what a catalog lists can be found, explained and asked for by its very name") {
  Previews stage;
  const std::string id = stage.active_preview();
  CHECK(stage.boxes().has(k_alice));
  CHECK(contains(stage.alice.says("resources"), "preview-1"));
  CHECK(contains(stage.alice.says("resources preview-4"), "preview-42"));
  CHECK(contains(stage.alice.says("resources environment"), "preview-1"));
  CHECK_FALSE(contains(stage.alice.says("resources"), "preview-*"));
  CHECK(contains(stage.alice.says("explain preview-1 1h"), "rule *previews*: approved without asking"));
  CHECK(contains(stage.alice.says("explain preview-43 1h"),
                 "preview-43 does not exist; did you mean preview-42?"));
  CHECK(contains(stage.alice.says("request preview-43 1h"),
                 "preview-43 does not exist; did you mean preview-42?"));
  CHECK(contains(stage.alice.says("who preview-42"), "alice"));
  CHECK(contains(stage.alice.says("who preview-43"), "preview-43 does not exist"));
  CHECK(contains(stage.alice.says("active preview-42"), id));
  CHECK(contains(stage.alice.opens_home(), "preview-1"));
  stage.alice.uses_shortcut();
  CHECK(stage.alice.searches("resource", "preview-4") ==
        std::vector<std::string>{"preview-42 — A preview environment"});
  CHECK(stage.alice.chooses("resource", "preview-42 — A preview environment") == "");
  CHECK(contains(stage.requester_card(id, "alice"), "ssh preview-42"));
}

TEST_CASE("for showing, groups and catalogs are asked at the same time") {
  StageOptions options = with_previews();
  const std::string members = "engineering: {members: [alice@example.com, bob@example.com]}";
  options.policy.replace(options.policy.find(members), members.size(),
                         "engineering: {from: \"slack:usergroup/S0APPROVE\"}");
  Stage stage(std::move(options));
  TestCatalog& previews = stage.catalog("previews");
  previews.names = {"preview-1"};
  stage.start();
  sandbox::MethodFault hang;
  hang.method = "usergroups.users.list";
  hang.kind = sandbox::MethodFaultKind::hang_before;
  stage.sandbox->fail_calls(hang);
  const int lists = previews.asked;
  const int calls = stage.slack_calls(hang.method);
  const std::string words = GENERATE("resources", "explain preview-1 1h", "explain preview-2");
  INFO(words);
  const auto outcome =
      stage.begin(stage.sandbox->run_command({.user = "carol", .channel = "#general", .text = words}));
  const auto both_asked = [&] { return previews.asked > lists && stage.slack_calls(hang.method) > calls; };
  for (int i = 0; i < 1000 && !both_asked(); ++i) {
    stage.loop.restart();
    stage.loop.run_one_for(std::chrono::milliseconds(10));
  }
  CHECK(both_asked());
  CHECK(stage.carol.told().empty());
  stage.sandbox->release_hanging();
  stage.until([&] { return !stage.carol.told().empty(); });
  CHECK(contains(stage.carol.told().back(), "preview-"));
}

TEST_CASE("who may not ask for such resources does not learn which of them there are") {
  Previews stage;
  const std::string there = stage.dave.says("request preview-42 1h");
  std::string not_there = stage.dave.says("request preview-43 1h");
  CHECK_FALSE(contains(not_there, "does not exist"));
  not_there.replace(not_there.find("preview-43"), 10, "preview-42");
  CHECK(not_there == there);
  CHECK_FALSE(contains(stage.dave.says("resources"), "preview-42"));
  CHECK_FALSE(contains(stage.dave.says("who preview-43"), "does not exist"));
}

TEST_CASE("a resource that leaves its catalog ends its grants as gone, once absence is proven") {
  Previews stage;
  const std::string id = stage.active_preview();
  const std::string other = stage.bob.requests("preview-1 4h");
  stage.until_active(other);
  stage.previews().names.erase("preview-42");
  stage.until_ended(id, 2min);
  const auto grant = stage.grant(id);
  CHECK(grant->ended_as == EndedAs::gone);
  CHECK(grant->cause == EndCause::gone);
  CHECK_FALSE(stage.boxes().has(k_alice));
  CHECK(stage.boxes().count(Call::absent, k_alice) >= 1);
  CHECK(stage.actions(id) == std::vector<std::string>{"request.approved_by_rule", "grant.created",
                                                      "grant.active", "grant.ending", "grant.ended"});
  CHECK(stage.audit_detail(id, "grant.ending").at("text") == "preview-42 does not exist any more");
  CHECK(stage.audit_detail(id, "grant.ended").at("as") == "gone");
  CHECK_FALSE(stage.alice.dm("the resource is gone, and the access with it").empty());
  CHECK(stage.is_active(other));  // what is still there stays
  CHECK(contains(stage.alice.says("request preview-42 1h"), "preview-42 does not exist"));
}

TEST_CASE(
    "access that outlives its resource at the target is a debt like any other, and proven gone in the end") {
  Previews stage;
  const std::string id = stage.active_preview();
  stage.boxes().removing = Manner::failing;
  stage.previews().names.erase("preview-42");
  stage.until([&] { return stage.grant(id)->state == GrantState::ending; }, 2min);
  stage.settle();
  INFO(stage.requester_card(id, "alice"));
  CHECK(contains(stage.requester_card(id, "alice"), "preview-42 does not exist any more"));
  stage.advance(3min);
  CHECK(stage.grant(id)->state == GrantState::ending);
  CHECK(stage.told_admins("Overdue") >= 1);
  SECTION("the target takes it away at last") {
    stage.boxes().removing = Manner::honest;
  }
  SECTION("the target itself says that there is nothing left") {
    stage.boxes().observing = Manner::gone;
  }
  stage.until_ended(id, 6min);
  CHECK(stage.grant(id)->ended_as == EndedAs::gone);
}

TEST_CASE("one list without the name does nothing, and what comes back counts anew") {
  Previews stage;
  const std::string id = stage.active_preview();
  const int asked = stage.previews().asked;
  stage.previews().glitches = 1;
  stage.advance(10min);
  CHECK(stage.previews().asked >= asked + 10);
  CHECK(stage.is_active(id));
  CHECK(stage.boxes().count(Call::absent) == 0);
  // Missing, back, missing: never twice in a row.
  stage.previews().names.erase("preview-42");
  const int before = stage.previews().asked;
  stage.until([&] { return stage.previews().asked > before; }, 2min);
  stage.previews().names.insert("preview-42");
  stage.advance(6s);
  stage.previews().glitches = 1;
  stage.advance(5min);
  CHECK(stage.is_active(id));
}

TEST_CASE("a name that comes back can be asked for again") {
  Previews stage;
  const std::string id = stage.active_preview();
  stage.previews().names.erase("preview-42");
  stage.until_ended(id, 2min);
  stage.previews().names.insert("preview-42");
  const std::string again = stage.active_preview();
  CHECK(stage.boxes().has(k_alice));
  stage.advance(10min);
  CHECK(stage.is_active(again));
}

TEST_CASE("a catalog that cannot be read changes nothing for whoever has access, and blocks what is new") {
  Previews stage;
  const std::string id = stage.active_preview();
  stage.previews().failing = "no such host";
  CHECK(contains(stage.bob.says("request preview-1 1h"), "I cannot check now whether preview-1 exists"));
  stage.advance(9min);
  CHECK(stage.told_admins("Catalog cannot be read: previews") == 0);
  CHECK(stage.is_active(id));
  stage.advance(3min);
  CHECK(stage.told_admins("Catalog cannot be read: previews") == 1);
  CHECK(contains(stage.channel_text(k_admins), "no such host"));
  stage.restart();
  stage.advance(30min);
  CHECK(stage.told_admins("Catalog cannot be read: previews") == 1);
  CHECK(stage.is_active(id));
  // After it was read it counts anew.
  stage.previews().failing = "";
  stage.advance(2min);
  stage.until_active(stage.bob.requests("preview-1 1h"));
  stage.previews().failing = "no such host";
  stage.advance(12min);
  CHECK(stage.told_admins("Catalog cannot be read: previews") == 2);
}

TEST_CASE("nobody's approval opens what is not there any more") {
  Previews stage;
  const std::string id = stage.alice.requests("review-7 1h");
  SECTION("it is gone") {
    stage.previews().names.erase("review-7");
    CHECK(contains(stage.carol.approves(id), "review-7 does not exist any more"));
    CHECK(stage.request(id)->state == RequestState::pending);
    stage.previews().names.insert("review-7");
  }
  SECTION("it cannot be known") {
    stage.previews().failing = "no such host";
    CHECK(contains(stage.carol.approves(id), "I cannot check now whether review-7 exists"));
    CHECK(stage.request(id)->state == RequestState::pending);
    stage.previews().failing = "";
  }
  CHECK_FALSE(stage.grant(id).has_value());
  stage.carol.approves(id);
  stage.until_active(id);
}

TEST_CASE("what was to start later and is not there any more never starts") {
  Previews stage;
  const std::string id = stage.alice.requests("preview-42 1h --at \"2026-03-01 18:00\"");
  REQUIRE(stage.grant(id)->state == GrantState::scheduled);
  SECTION("it is missed before its start") {
    stage.previews().names.erase("preview-42");
    stage.until_ended(id, 3min);
  }
  SECTION("it is missed at its start") {
    stage.catalog("previews").look_every = 1h;
    stage.advance(stage.grant(id)->start() - stage.now() - 2s);
    stage.previews().names.erase("preview-42");
    stage.until_ended(id, 30s);
  }
  SECTION("one list is wrong at its start") {
    stage.advance(stage.grant(id)->start() - stage.now() - 2s);
    stage.previews().glitches = 1;
    stage.until_active(id, 30s);
    stage.previews().names.erase("preview-42");
    stage.until_ended(id, 2min);
    CHECK(stage.grant(id)->ended_as == EndedAs::gone);
    return;
  }
  CHECK(stage.grant(id)->ended_as == EndedAs::not_started);
  CHECK(stage.grant(id)->cause == EndCause::gone);
  CHECK(stage.boxes().calls().empty());
  CHECK_FALSE(stage.alice.dm("preview-42 does not exist any more").empty());
}

TEST_CASE("an extension of what is not there any more is refused") {
  Previews stage;
  const std::string id = stage.active_preview();
  stage.previews().names.erase("preview-42");
  CHECK(contains(stage.alice.says("extend " + id + " 1h"), "preview-42 does not exist"));
}

TEST_CASE("a restart or a power cut between the lists loses neither the end nor the access") {
  Previews stage;
  const std::string id = stage.active_preview();
  SECTION("after the first list that lacked it") {
    stage.previews().names.erase("preview-42");
    const int asked = stage.previews().asked;
    stage.until([&] { return stage.previews().asked > asked; }, 2min);
    REQUIRE(stage.is_active(id));
    stage.save_disk("cut");
    power_cut(stage, "cut");
    stage.start();
    stage.until_ended(id, 10s);  // the list of before the cut counts
  }
  SECTION("while the access is being taken away") {
    stage.boxes().removing = Manner::hanging;
    stage.previews().names.erase("preview-42");
    stage.until([&] { return stage.boxes().count(Call::absent) > 0; }, 2min);
    stage.save_disk("cut");
    power_cut(stage, "cut");
    stage.boxes().removing = Manner::honest;
    stage.start();
    stage.until_ended(id, 2min);
  }
  SECTION("the name is back by then") {
    stage.previews().names.erase("preview-42");
    const int asked = stage.previews().asked;
    stage.until([&] { return stage.previews().asked > asked; }, 2min);
    stage.save_disk("cut");
    power_cut(stage, "cut");
    stage.previews().names.insert("preview-42");
    stage.start();
    stage.advance(10min);
    CHECK(stage.is_active(id));
    return;
  }
  CHECK(stage.grant(id)->ended_as == EndedAs::gone);
  CHECK_FALSE(stage.boxes().has(k_alice));
}

}  // namespace jitbot::scenario
