#include "bot/policy/chat_words.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace jitbot;

namespace {
const std::string k_id = "4xp9fdt77pncbef59f4k1qe83o";
}

TEST_CASE("accounts are written with their platform", "[policy]") {
  for (const std::string& account :
       {std::string("slack:U0123"), std::string("slack:W1"), "mattermost:" + k_id})
    CHECK(is_chat_account(account));
  for (const std::string& other : {std::string("U0123"), std::string("slack:C0123"), std::string("slack:u1"),
                                   std::string("slack:U"), std::string("mattermost:alice"),
                                   "mattermost:" + k_id + "x", "slack:" + k_id, "discord:" + k_id, k_id})
    CHECK_FALSE(is_chat_account(other));
}

TEST_CASE("channels are names or ids, of a platform where it is said", "[policy]") {
  for (const std::string& channel :
       {std::string("#ops"), std::string("slack:#ops"), std::string("mattermost:#ops"), std::string("C0123"),
        std::string("slack:G0123"), "mattermost:" + k_id, std::string("#ünïcode_1-2")})
    CHECK(is_chat_channel(channel));
  for (const std::string& other :
       {std::string("ops"), std::string("#"), std::string("#Ops"), std::string("#a b"), std::string("#a#b"),
        std::string("discord:#ops"), std::string("mattermost:C0123"), std::string("mattermost:ops"), k_id,
        "slack:" + k_id, std::string("slack:"), "#" + std::string(81, 'a')})
    CHECK_FALSE(is_chat_channel(other));
}

TEST_CASE("live sources are told apart by what they begin with", "[policy]") {
  REQUIRE(live_source("slack:usergroup/S1") != nullptr);
  CHECK(live_source("slack:usergroup/S1")->is_id("S1"));
  CHECK_FALSE(live_source("slack:usergroup/S1")->is_id("C1"));
  REQUIRE(live_source("mattermost:group/x") != nullptr);
  CHECK_FALSE(live_source("mattermost:group/x")->is_id("x"));
  CHECK(live_source("mattermost:group/x")->is_id(k_id));
  REQUIRE(live_source("mattermost:team/ops") != nullptr);
  for (const char* name : {"ops", "ops-2", "4xp9fdt77pncbef59f4k1qe83o"})
    CHECK(live_source("mattermost:team/ops")->is_id(name));
  for (const char* name : {"x", "Ops", "-ops", "ops-", "the ops", "#ops", ""})
    CHECK_FALSE(live_source("mattermost:team/ops")->is_id(name));
  CHECK(live_source("ldap:cn=x") == nullptr);
  CHECK(all_live_sources() ==
        "slack:usergroup/ID, slack:channel/ID, mattermost:channel/ID, mattermost:team/ID or "
        "mattermost:group/ID");
}
