#include "bot/model/aliases.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

TEST_CASE("linked accounts are one person, found by platform") {
  const PrincipalId slack{"slack:T1", "U1"};
  const PrincipalId mattermost{"mattermost:s", "m1"};
  Aliases aliases;
  CHECK(aliases.person_of(mattermost) == mattermost);
  aliases.add(mattermost, slack);
  CHECK(aliases.person_of(mattermost) == slack);
  CHECK(aliases.person_of(slack) == slack);
  CHECK(aliases.account_on(slack, "mattermost") == mattermost);
  CHECK(aliases.account_on(slack, "slack") == slack);
  CHECK_FALSE(aliases.account_on({"slack:T1", "U2"}, "mattermost"));
}

TEST_CASE("a mention names an account of the speaker's workspace, or one whole") {
  const PrincipalId slack{"slack:T1", "U1"};
  CHECK(mentioned_by(slack, "U2") == PrincipalId{"slack:T1", "U2"});
  CHECK(mentioned_by(slack, "mattermost:s/m2") == PrincipalId{"mattermost:s", "m2"});
  CHECK(mentioned_by(slack, "U/2") == PrincipalId{"slack:T1", "U/2"});
  for (const PrincipalId& other : {PrincipalId{"slack:T1", "U2"}, PrincipalId{"mattermost:s", "m2"}})
    CHECK(mentioned_by(slack, mention_for(slack, other)) == other);
  CHECK(platform_of(slack) == "slack");
}
