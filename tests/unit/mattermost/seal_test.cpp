#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/trigger.hpp"
#include "tests/unit/mattermost/decoding.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

// A key made for this test, and what it signed: bob, at k_received.
const std::string k_signing_key =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECGY0Q1vSJ5BVNvwcCljJMPaE5kYmVY/msFm1j5KRWgnoz/"
    "XIaDUgAtQ2OW2tGhDuc7ElNw0dbDhFTPESc0l63Q==";
const std::string k_trigger =
    "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo6ZnA3MWE2enphZnljam1xYTQ1aWFieGphMXc6MTc3MjMzMDQwMDAwMDpNRVVDSUNyRz"
    "RqcDJrcWZDQURMVS9tSnp0UEorb0RtMmVISlAwUmZnZFVjK3l3T0ZBaUVBbkc5WUs3S0V3SzhVOGZFbjNGL3RQUy92WksrbG9qR2J3"
    "TlBHUS9TZXVEVT0=";

TriggerFault fault_of(const std::string& trigger, const std::string& key, const std::string& user, Time now) {
  const auto checked = check_trigger(trigger, key, user, now);
  REQUIRE_FALSE(checked);
  return checked.error();
}

}  // namespace

TEST_CASE("what a button carries comes back as it was", "[mattermost]") {
  const ClickSeal made = click_seal();
  const auto read = unseal_click(seal(made, k_seal_key), k_seal_key, k_received);
  REQUIRE(read);
  CHECK(read->button == made.button);
  CHECK(read->channel == made.channel);
  CHECK(read->message_key == made.message_key);
  CHECK(read->expires == made.expires);
}

TEST_CASE("what a dialog carries comes back as it was", "[mattermost]") {
  FormSeal made = form_seal();
  made.thread = k_post;
  made.where = ReplyTo::Where::direct;
  const auto read = unseal_form(seal(made, k_seal_key), k_seal_key, k_received);
  REQUIRE(read);
  CHECK(read->form == FormKind::deny);
  CHECK(read->about == made.about);
  CHECK(read->user == k_bob);
  CHECK(read->nonce == "n0nce");
  CHECK(read->channel == made.channel);
  CHECK(read->thread == k_post);
  CHECK(read->message == k_post);
  CHECK(read->where == ReplyTo::Where::direct);
  CHECK(read->expires == made.expires);
}

TEST_CASE("what reactions on a card mean comes back as it was, and is no button", "[mattermost]") {
  VoteSeal made{
      {button(Act::approve), button(Act::deny)}, k_approvals, "card:7K3F:1", k_received, Time(), {}};
  made.noted = {{k_bob, "white_check_mark", k_received + 1s}, {k_carol, "x", k_received + 2s}};
  const auto read = unseal_votes(seal(made, k_seal_key), k_seal_key);
  REQUIRE(read);
  CHECK(read->votes == made.votes);
  CHECK(read->channel == made.channel);
  CHECK(read->message_key == made.message_key);
  CHECK(read->since == made.since);
  CHECK(read->noted == made.noted);
  made.since.reset();
  made.edited = k_received - 1h;
  const auto later = unseal_votes(seal(made, k_seal_key), k_seal_key);
  REQUIRE(later);
  CHECK_FALSE(later->since);
  CHECK(later->edited == made.edited);
  CHECK_FALSE(unseal_click(seal(made, k_seal_key), k_seal_key, k_received));
  CHECK_FALSE(unseal_votes(seal(click_seal(), k_seal_key), k_seal_key));
  CHECK_FALSE(unseal_votes(seal(made, Secret("another key of thirty-two bytes.")), k_seal_key));
  CHECK_FALSE(unseal_votes(seal(made, Secret()), Secret()));
}

TEST_CASE("a seal with any character changed, cut or added is forged", "[mattermost]") {
  const std::string sealed = seal(click_seal(), k_seal_key);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string other = sealed;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK(unseal_click(other, k_seal_key, k_received).error() == SealFault::forged);
  }
  for (const std::string& other : {sealed + "A", sealed.substr(0, sealed.size() - 1), sealed + "=",
                                   std::string(), std::string("."), std::string(9000, 'A')}) {
    CHECK(unseal_click(other, k_seal_key, k_received).error() == SealFault::forged);
  }
}

TEST_CASE("a seal is good for one key and one purpose, until it expires", "[mattermost]") {
  const std::string click = seal(click_seal(), k_seal_key);
  const std::string form = seal(form_seal(), k_seal_key);
  CHECK(unseal_click(click, Secret("another key"), k_received).error() == SealFault::forged);
  CHECK(unseal_click(seal(click_seal(), Secret()), Secret(), k_received).error() == SealFault::forged);
  CHECK(unseal_form(click, k_seal_key, k_received).error() == SealFault::forged);
  CHECK(unseal_click(form, k_seal_key, k_received).error() == SealFault::forged);
  CHECK(unseal_click(click, k_seal_key, k_received + 1h));
  CHECK(unseal_click(click, k_seal_key, k_received + 1h + 1ms).error() == SealFault::expired);
  CHECK(unseal_form(form, k_seal_key, k_received + 2h).error() == SealFault::expired);
}

TEST_CASE("a trigger tells when its user acted, and is good for him alone and for a while", "[mattermost]") {
  const auto at = check_trigger(k_trigger, k_signing_key, k_bob, k_received + 3s);
  REQUIRE(at);
  CHECK(*at == k_received);
  CHECK(fault_of(k_trigger, k_signing_key, k_alice, k_received) == TriggerFault::other_user);
  CHECK(fault_of(k_trigger, k_signing_key, k_bob, k_received + k_trigger_age + 1ms) == TriggerFault::stale);
  CHECK(fault_of(k_trigger, k_signing_key, k_bob, k_received - k_trigger_age - 1ms) == TriggerFault::stale);
}

TEST_CASE("a trigger that the server did not sign is refused", "[mattermost]") {
  const std::string other_key =
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEu4Ci6eVBr4tIsMe/"
      "QPzuZcVQoTOjFFUPEeXtd0utOkYWLR4siiyOxQsJicElOjHHOaMX"
      "3d7d7GlXLUB6zLbQJw==";
  CHECK(fault_of(k_trigger, other_key, k_bob, k_received) == TriggerFault::forged);
  CHECK(fault_of(k_trigger, "no key", k_bob, k_received) == TriggerFault::forged);
  CHECK(fault_of(k_trigger, "", k_bob, k_received) == TriggerFault::forged);
  std::string later = k_trigger;
  later[95] = later[95] == 'A' ? 'B' : 'A';  // inside the milliseconds
  CHECK_FALSE(check_trigger(later, k_signing_key, k_bob, k_received));
  for (const std::string& none : {std::string(), std::string("a:b:c:d"), std::string("YTpi"),
                                  std::string(5000, 'A'), k_trigger + "A"}) {
    CHECK(fault_of(none, k_signing_key, k_bob, k_received) == TriggerFault::malformed);
  }
}

TEST_CASE("a signing key is told from what is none", "[mattermost]") {
  CHECK(is_signing_key(k_signing_key));
  // An Ed25519 key: a key, but none that a trigger is signed with.
  CHECK_FALSE(is_signing_key("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="));
  CHECK_FALSE(is_signing_key("AAAA"));
}

TEST_CASE("bytes survive base64 of either alphabet, and only what an encoder writes is read",
          "[mattermost]") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(from_base64url(to_base64url(bytes)) == bytes);
    bytes += static_cast<char>(i * 7);
  }
  CHECK(to_base64url("\xFB\xFF") == "-_8");
  CHECK(from_base64("+/8=") == std::string("\xFB\xFF"));
  CHECK(from_base64("YQ==") == std::string("a"));
  for (const char* bad : {"YQ", "YQ=", "YR==", "Y Q=", "====", "YQ==\n"}) CHECK_FALSE(from_base64(bad));
  for (const char* bad : {"YQ==", "YR", "A", "+/8"}) CHECK_FALSE(from_base64url(bad));
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
