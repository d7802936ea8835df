#pragma once

#include "bot/cards/form.hpp"
#include "bot/cards/inbound.hpp"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a button or a dialog carries through the server and back to us. Nothing about such a callback proves
// by itself that the server sent it: anybody can post a message with a button that points at us, and any user
// can relay a dialog with a state of his own. A value that only we can have made does.
namespace jitbot::mattermost {

// In a button's context. The post is not made yet when its buttons are: whoever receives the click checks
// that the clicked post is ours and carries this key.
struct ClickSeal {
  ButtonValue button;
  std::string channel;
  std::string message_key;
  Time expires;
};

// In a dialog's state. Whatever the submission claims about form and place is not read: this is.
struct FormSeal {
  FormKind form = FormKind::request;
  std::optional<ButtonValue> about;
  std::string user;   // who may submit it
  std::string nonce;  // taken once
  std::string channel;
  std::string thread;
  std::string message;  // the card that it was opened from, if any
  ReplyTo::Where where = ReplyTo::Where::channel;
  Time expires;
};

// Text of a click never opens as a form's, nor the other way round. `key` is no token of the server's.
std::string seal(const ClickSeal& click, const Secret& key);
std::string seal(const FormSeal& form, const Secret& key);

// A vote by reaction that was heard. `at`: by the server's clock.
struct NotedVote {
  std::string user;
  std::string emoji;  // k_approve_emoji or k_deny_emoji
  Time at;
  bool operator==(const NotedVote&) const = default;
};

// In the props of a post, where everybody can read it: what ✅ and ❌ on it mean. Whoever may edit the posts
// of others could write there what he likes.
struct VoteSeal {
  std::vector<ButtonValue> votes;
  std::string channel;
  std::string message_key;
  std::optional<Time> since;  // this is what the post means, by the server's clock
  Time edited;                // without `since`: the post's last edit before the one that made it mean this
  std::vector<NotedVote> noted;  // one a person: what his reaction counts for
};
std::string seal(const VoteSeal& votes, const Secret& key);
std::optional<VoteSeal> unseal_votes(std::string_view sealed, const Secret& key);

enum class SealFault { forged, expired };
tl::expected<ClickSeal, SealFault> unseal_click(std::string_view sealed, const Secret& key, Time now);
tl::expected<FormSeal, SealFault> unseal_form(std::string_view sealed, const Secret& key, Time now);

}  // namespace jitbot::mattermost
