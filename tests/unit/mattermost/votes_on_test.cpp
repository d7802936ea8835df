#include "adapters/chat/mattermost/votes_on.hpp"

#include "adapters/chat/mattermost/render.hpp"
#include "tests/unit/mattermost/decoding.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

const std::string k_key = "card/JIT-7K3F/1";
constexpr std::int64_t k_made = 1'772'330'400'000;

VoteSeal votes() {
  return {{button(Act::approve), button(Act::deny)}, k_approvals, k_key, std::nullopt, Time(), {}};
}

// As the server has it: made, and edited `edited` ms later (0: never), and touched by a reaction after that.
Json post(const VoteSeal& sealed, std::int64_t edited = 0) {
  const std::int64_t edit_at = edited == 0 ? 0 : k_made + edited;
  return {{"channel_id", k_approvals},
          {"create_at", k_made},
          {"edit_at", edit_at},
          {"update_at", k_made + 90'000},
          {"props", {{k_key_prop, k_key}, {k_votes_prop, seal(sealed, k_seal_key)}}}};
}

std::int64_t since(const Json& post) {
  const VotesOn on = votes_on(post, k_seal_key);
  REQUIRE(on.state == VotesOn::State::genuine);
  return to_ms(on.shown_since) - k_made;
}

VotesOn::State state(const Json& post) {
  return votes_on(post, k_seal_key).state;
}

}  // namespace

TEST_CASE("votes on a post are genuine only as we sealed them for it", "[mattermost]") {
  CHECK(votes_on(post(votes()), k_seal_key).sealed.votes == votes().votes);
  Json none = post(votes());
  none["props"].erase(k_votes_prop);
  CHECK(state(none) == VotesOn::State::none);
  Json another = post(votes());
  SECTION("plain words, as anybody could write them") {
    another["props"][k_votes_prop] = "7K3F|1a2b3c4d5e6f|approve";
  }
  SECTION("a list") {
    another["props"][k_votes_prop] = Json::array({"7K3F|1a2b3c4d5e6f|approve"});
  }
  SECTION("sealed with another key") {
    another["props"][k_votes_prop] = seal(votes(), Secret("another key of thirty-two bytes."));
  }
  SECTION("of another card") {
    another["props"][k_key_prop] = "card/JIT-8M2Q/1";
  }
  SECTION("of another channel") {
    another["channel_id"] = k_inc_42;
  }
  SECTION("a button's") {
    another["props"][k_votes_prop] = seal(click_seal(), k_seal_key);
  }
  CHECK(state(another) == VotesOn::State::forged);
  CHECK(votes_on(another, k_seal_key).sealed.votes.empty());
}

TEST_CASE("since when a post means what it means is told by the server's clock alone", "[mattermost]") {
  VoteSeal sealed = votes();
  SECTION("since it was made") {
    CHECK(since(post(sealed)) == 0);
  }
  SECTION("since it was made, and somebody edited it: not before that") {
    CHECK(since(post(sealed, 5000)) == 5000);
  }
  SECTION("since it was changed, whatever was edited later") {
    sealed.since = time_from_ms(k_made + 7000);
    CHECK(since(post(sealed)) == 7000);
    CHECK(since(post(sealed, 60'000)) == 7000);
  }
  SECTION("since the edit that made it mean this, which is stamped a little before it is seen") {
    sealed.edited = time_from_ms(k_made + 5000);
    CHECK(since(post(sealed, 20'000)) == 21'000);
  }
  SECTION("since the last change of all, where that edit was none to the server") {
    sealed.edited = time_from_ms(k_made + 5000);
    CHECK(since(post(sealed, 5000)) == 90'000);
    sealed.edited = time_from_ms(k_made);
    CHECK(since(post(sealed)) == 90'000);
  }
}
