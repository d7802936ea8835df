#include "bot/model/channel.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

TEST_CASE("a channel names its platform where it is not Slack's") {
  CHECK(platform_named("#ops").empty());
  CHECK(platform_named("C0123").empty());
  CHECK(platform_named("mattermost:#ops") == "mattermost");
  CHECK(platform_named("mattermost:4xp9fdt77pncbef59f4k1qe83o") == "mattermost");
  CHECK(without_platform("mattermost:#ops") == "#ops");
  CHECK(without_platform("#a:b") == "#a:b");
  CHECK(is_channel_name("#ops"));
  CHECK(is_channel_name("slack:#ops"));
  CHECK_FALSE(is_channel_name("slack:C0123"));
  CHECK_FALSE(is_channel_name(""));
}

TEST_CASE("a configured channel means one of its own platform alone") {
  CHECK(means_channel("C0123", "C0123", "ops"));
  CHECK(means_channel("slack:C0123", "C0123", ""));
  CHECK(means_channel("#ops", "C0123", "ops"));
  CHECK(means_channel("slack:#ops", "C0123", "ops"));
  CHECK(means_channel("#ops", "mattermost:4xp9", "ops"));
  CHECK(means_channel("mattermost:#ops", "mattermost:4xp9", "ops"));
  CHECK_FALSE(means_channel("mattermost:#ops", "C0123", "ops"));
  CHECK_FALSE(means_channel("slack:#ops", "mattermost:4xp9", "ops"));
  CHECK_FALSE(means_channel("#ops", "C0123", ""));
  CHECK_FALSE(means_channel("#ops", "C0123", "dev"));
  CHECK_FALSE(means_channel("C0123", "C0124", "ops"));
}

TEST_CASE("the members of a channel are a group of its platform") {
  CHECK(channel_group("C0123") == "slack:channel/C0123");
  CHECK(channel_group("mattermost:4xp9") == "mattermost:channel/4xp9");
}
