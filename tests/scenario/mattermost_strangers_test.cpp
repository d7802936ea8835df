#include "tests/scenario/mattermost_people.hpp"

// Who is not of the team, what a revoked token leaves, and by whose clock times are told.
namespace jitbot::scenario {

namespace {

const std::string k_alice = "alice role=staging_ro";
const std::string k_approvers = "4xp9fdt77pncbef59f4k1qe83o";

void replace(std::string& text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), with);
}

}  // namespace

// --- who decides nothing

TEST_CASE("who is of another server, or deactivated, decides nothing however the press came") {
  StageOptions options = on_mattermost(MattermostScene::Callbacks::none);
  options.mattermost->world.users.push_back({.username = "frank", .kind = mm::Kind::remote});
  for (mm::NewChannel& channel : options.mattermost->world.channels) channel.members.emplace_back("frank");
  Stage stage(std::move(options));
  stage.start();
  Member alice{stage, "alice"};
  Member carol{stage, "carol"};
  Member frank{stage, "frank"};
  const std::string id = id_in(alice.writes("request staging 1h INC-7 look at queue"));
  REQUIRE(!id.empty());
  SECTION("of another server") {
    frank.reacts("white_check_mark", id);
    CHECK(stage.votes(id).empty());
    CHECK_FALSE(frank.writes("approve " + id).empty());
    CHECK(stage.votes(id).empty());
  }
  SECTION("deactivated before it is heard") {
    stage.until([&] { return mattermost_card(stage, id).has_value(); });
    stage.stop();
    REQUIRE(carol.client().react(mattermost_card(stage, id)->id, "white_check_mark").has_value());
    (void)stage.mattermost->as_admin("PUT", "/users/" + stage.mattermost->id_of("carol") + "/active",
                                     {{"active", false}});
    stage.start();
    stage.advance(1min);
    CHECK(stage.votes(id).empty());
  }
  CHECK(stage.request(id)->state == RequestState::pending);
  Member(stage, "dave").reacts("white_check_mark", id);
  stage.until_active(id);
}

TEST_CASE("who is on the server and not in the team asks and decides nothing, unless the policy names him") {
  StageOptions options = on_mattermost(MattermostScene::Callbacks::none);
  options.mattermost->world.users.push_back(
      {.username = "olga", .email = "dan@example.com", .in_team = false});
  bool named = false;
  SECTION("not named by a group") {}
  SECTION("named by a group") {
    const std::string group = "qsmhane1ji8d9p8cark7j9u8ew";
    options.mattermost->world.groups.push_back({.name = "locals", .members = {"olga"}, .id = group});
    replace(options.policy,
            "  security:", "  locals: {from: \"mattermost:group/" + group + "\"}\n  security:");
    named = true;
  }
  Stage stage(std::move(options));
  stage.start();
  Member olga{stage, "olga"};
  Member alice{stage, "alice"};
  CHECK(id_in(olga.writes("request staging 1h INC-9 look")).empty() != named);
  const std::string id = id_in(alice.writes("request staging 1h INC-7 look at queue"));
  REQUIRE(!id.empty());
  (void)olga.writes("approve " + id);  // the rule names dan@example.com, whose e-mail she has
  stage.settle();
  CHECK(stage.votes(id).empty() != named);
  CHECK((stage.request(id)->state == RequestState::approved) == named);
}

TEST_CASE("a team of the server is a group of the policy") {
  StageOptions options = on_mattermost(MattermostScene::Callbacks::none);
  replace(options.policy, "mattermost:channel/" + k_approvers, "mattermost:team/ops");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = id_in(Member(stage, "alice").writes("request staging 1h INC-7 look at queue"));
  REQUIRE(!id.empty());
  (void)Member(stage, "alice").writes("approve " + id);
  (void)Member(stage, "gina").writes("approve " + id);  // a guest
  CHECK(stage.votes(id).empty());
  (void)Member(stage, "bob").writes("approve " + id);
  stage.until_active(id);
}

TEST_CASE("in direct messages times are told by the reader's clock, and in channels by UTC alone") {
  StageOptions options = on_mattermost();
  for (mm::NewUser& user : options.mattermost->world.users) {
    if (user.username == "alice") user.timezone = "Asia/Tokyo";
  }
  Stage stage(std::move(options));
  stage.start();
  Member alice{stage, "alice"};
  const std::string id = id_in(alice.commands("request staging 1h INC-7 look at queue"));
  REQUIRE(!id.empty());
  Member(stage, "carol").presses("Approve", id);
  stage.until_active(id);
  stage.until([&] { return contains(alice.dm("Active until"), " UTC)"); });
  CHECK_FALSE(contains(mattermost_text(stage, id), " UTC)"));
  CHECK(contains(mattermost_text(stage, id), " UTC"));
}

// --- a token that is revoked

TEST_CASE("a token that is revoked at the start and restored: access ends, and who wrote meanwhile is told") {
  StageOptions options = on_mattermost(MattermostScene::Callbacks::none);
  Stage stage(std::move(options));
  stage.start();
  Member alice{stage, "alice"};
  Member bob{stage, "bob"};
  Member carol{stage, "carol"};
  const std::string id = id_in(alice.writes("request staging 30m INC-7 look at queue"));
  REQUIRE(!id.empty());
  carol.reacts("white_check_mark", id);
  stage.until_active(id);
  stage.stop();
  stage.mattermost->revoke_tokens("jitbot");
  REQUIRE(stage.try_start().has_value());
  stage.advance(1min);
  REQUIRE(bob.client().say("@jitbot", "request staging 1h INC-8 look too").has_value());
  stage.advance(12min);
  REQUIRE(alice.client().say("@jitbot", "mine").has_value());
  stage.until_ended(id, 31min);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(bob.dms().empty());
  stage.mattermost->restore_tokens("jitbot");
  stage.until([&] { return stage.mattermost->sockets() >= 1; }, 10min);
  stage.until([&] { return contains(mattermost_text(stage, id), "removed and confirmed absent"); }, 10min);
  stage.until([&] { return contains(bob.dm("away"), "I was away; ask again"); }, 5min);
  CHECK(mattermost_cards(stage, id) == 1);
  CHECK(alice.dms_with("nothing") + alice.dms_with(id) > 0);
  CHECK_FALSE(id_in(bob.writes("request staging 1h INC-8 look too")).empty());
}

}  // namespace jitbot::scenario
