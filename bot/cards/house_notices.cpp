#include "bot/cards/house_notices.hpp"

#include "bot/cards/notice_args.hpp"
#include "bot/cards/notice_parts.hpp"
#include "bot/cards/phrases.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot {

Card identity_conflict(const nlohmann::json& args) {
  Card card = house_card("🚨", "Identity conflict");
  add(card, plain("an e-mail is bound to another account, or an account changed its e-mail: it asks and "
                  "decides nothing"));
  add(card, arg_words("", args, "detail"));
  return card;
}

Card unasked_access(const nlohmann::json& args) {
  Card card = house_card("🚨", "Access nobody asked for");
  for (const std::string_view key : {"connector", "resource", "role", "account"}) {
    add(card, arg_words(std::string(key) + " ", args, key));
  }
  add(card, arg_words("", args, "detail"));
  return card;
}

Card inbox_parked(const nlohmann::json& args) {
  Card card = house_card("⚠️", "Message parked");
  add(card,
      plain("a message from the chat platform failed five times; it was set aside and the others go on"));
  add(card, arg_words("key ", args, "key"));
  add(card, arg_words("last error ", args, "detail"));
  return card;
}

Card of_time(std::string headline, std::string what, const nlohmann::json& args) {
  Card card = house_card("🚨", std::move(headline));
  add(card, plain(std::move(what)));
  add(card, arg_words("", args, "detail"));
  return card;
}

Card restored(const nlohmann::json& args) {
  Card card = house_card("⚠️", "Started after a restore");
  add(card, plain("everything known is looked at at its target before anything new is given"));
  add(card, arg_words("why: ", args, "why"));
  add(card, arg_words("", args, "detail"));
  return card;
}

Card policy_refused(const nlohmann::json& args) {
  Card card = house_card("⚠️", "Policy refused");
  const std::string in_force = arg_string(args, "in_force").substr(0, 12);
  add(card, {Plain{"the policy in force stays as it is: "}, Code{in_force}});
  const auto problems = args.find("problems");
  if (problems != args.end() && problems->is_array()) {
    for (const auto& problem : *problems) {
      if (problem.is_string()) add(card, {Plain{"• "}, foreign(problem.get<std::string>())});
    }
  }
  const std::string more = arg_string(args, "more");
  if (!more.empty()) add(card, plain(fmt::format("and {} more", more)));
  card.footer.push_back({Plain{"when it is mended: "}, Code{"/jit policy reload"}});
  return card;
}

}  // namespace jitbot
