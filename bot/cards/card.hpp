#pragma once

#include "bot/cards/text.hpp"
#include "bot/model/request.hpp"

#include <string>
#include <vector>

namespace jitbot {

// What a button, or its typed twin, does.
enum class Act {
  approve,
  confirm,  // approve, after the resource's name was typed: for roles of high risk
  deny,
  shorter,   // revise
  question,  // ask the requester something
  cancel,
  done,
  end,
  extend,
  again,    // ask for the same once more
  request,  // open the request form; about no request
};
std::string_view to_string(Act act);

// What a button carries: request, the first digits of the digest that was shown, act. A lookup key and no
// more: the decision is made from the store and from who clicked.
struct ButtonValue {
  RequestId request;
  std::string digest_prefix;
  Act act = Act::approve;
  int revision = 0;  // Request::revision that was shown: for the id that people read and type
  bool operator==(const ButtonValue&) const = default;
};
std::string encode(const ButtonValue& value);  // "7K3F|1a2b3c4d5e6f|approve"; revised "7K3F.2|…"
std::optional<ButtonValue> decode_button(std::string_view text);
// As of a request: "7K3F.2" and "JIT-7K3F.2".
std::string typed_id(const ButtonValue& about);
std::string shown_id(const ButtonValue& about);

enum class ButtonStyle { normal, primary, danger };
struct Button {
  std::string label;  // a trailing … means: opens a form
  ButtonValue value;
  ButtonStyle style = ButtonStyle::normal;
  bool operator==(const Button&) const = default;
};

// Anything shown in chat: an approval card, the requester's card, a notice, a private answer. Our facts come
// first, in blocks of their own; `quote` is user text and is shown where nothing is parsed.
struct Card {
  std::string emoji;     // one emoji, empty for plain answers
  std::string headline;  // "Waiting · JIT-7K3F"; empty for plain answers
  // The headline where it holds a time: with the Moment in place of its UTC text. Empty: it holds none.
  Line timed_headline;
  std::vector<Line> facts;
  std::string quote;
  std::vector<Line> footer;  // small print
  std::vector<Button> buttons;
  bool operator==(const Card&) const = default;
};

Card answer(Line line);  // a one-line private answer
Card answer(std::string text);
std::string to_plain_text(const Card& card);  // for notifications and tests; user text quoted with "| "

}  // namespace jitbot
