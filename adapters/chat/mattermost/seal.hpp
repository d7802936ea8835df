#pragma once

#include "bot/cards/form.hpp"
#include "bot/cards/inbound.hpp"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

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

enum class SealFault { forged, expired };
tl::expected<ClickSeal, SealFault> unseal_click(std::string_view sealed, const Secret& key, Time now);
tl::expected<FormSeal, SealFault> unseal_form(std::string_view sealed, const Secret& key, Time now);

}  // namespace jitbot::mattermost
