#include "tests/scenario/message.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

namespace jitbot::scenario {

bool Message::is_about(const std::string& request) const {
  return contains(raw, "· " + request);
}

bool Message::offers(const std::string& act) const {
  return std::ranges::any_of(offered, [&](const Offer& offer) { return offer.act == act; });
}

bool Message::offers(const std::string& act, const std::string& request) const {
  return std::ranges::any_of(offered, [&](const Offer& offer) {
    if (offer.act != act) return false;
    return offer.id.empty() ? is_about(request) : offer.id == request;
  });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string id_in(const std::string& text) {
  const auto at = text.find("JIT-");
  if (at == std::string::npos) return {};
  auto end = at + 4;
  while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
  return text.substr(at, end - at);
}

std::string typed_for(const std::string& act, const std::string& id, const std::string& rest) {
  static const std::map<std::string, std::string> k_words{
      {"approve", "approve"}, {"confirm", "approve"},  {"deny", "deny"}, {"shorter", "revise"},
      {"question", "ask"},    {"cancel", "cancel"},    {"done", "done"}, {"end", "revoke"},
      {"extend", "extend"},   {"withdraw", "withdraw"}};
  const auto word = k_words.find(act);
  if (word == k_words.end()) throw std::logic_error("nothing is typed for " + act);
  return word->second + " " + id + (rest.empty() ? "" : " " + rest);
}

}  // namespace jitbot::scenario
