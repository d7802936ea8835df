#include "bot/policy/search.hpp"

#include "bot/model/nearest.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace jitbot {

namespace {

constexpr int k_not_found = 5;  // behind the last rank
constexpr std::size_t k_most_words = 8;
constexpr std::size_t k_most_letters = 80;  // of a word; no name is that long
constexpr std::size_t k_least_to_guess = 3;

std::string lower(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::vector<std::string> words_of(std::string_view typed) {
  std::vector<std::string> words;
  while (!typed.empty() && words.size() < k_most_words) {
    const auto* begin = std::ranges::find_if_not(typed, is_blank);
    const auto* end = std::find_if(begin, typed.end(), is_blank);
    if (begin != end) words.push_back(lower(std::string_view(begin, end).substr(0, k_most_letters)));
    typed = std::string_view(end, typed.end());
  }
  return words;
}

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool begins_a_word(std::string_view name, std::string_view word) {
  for (auto at = name.find(word); at != std::string_view::npos; at = name.find(word, at + 1)) {
    if (at == 0 || !is_letter(name[at - 1])) return true;
  }
  return false;
}

}  // namespace

CatalogSearch::CatalogSearch(const Policy& policy) {
  texts_.reserve(policy.resources.size());
  for (const auto& [name, resource] : policy.resources) {
    std::string rest = lower(resource.description);
    for (const auto& [tag, value] : resource.tags) rest += '\n' + lower(tag) + ':' + lower(value);
    texts_.emplace(&resource, Texts{lower(name), std::move(rest)});
  }
}

int CatalogSearch::rank(const Texts& texts, std::string_view word) {
  if (texts.name == word) return 0;
  if (texts.name.starts_with(word)) return 1;
  if (begins_a_word(texts.name, word)) return 2;
  if (texts.name.find(word) != std::string::npos) return 3;
  return texts.rest.find(word) != std::string::npos ? 4 : k_not_found;
}

// As good as its worst word. A role behind the name, as commands have it, narrows nothing.
int CatalogSearch::rank(const Offer& offer, const std::vector<std::string>& words) const {
  const auto found = texts_.find(offer.resource);
  if (found == texts_.end()) return k_not_found;
  // What a catalog lists has its own name, and description and tags of all of its kind.
  if (!offer.name.empty()) return rank(Texts{lower(offer.name), found->second.rest}, words);
  return rank(found->second, words);
}

int CatalogSearch::rank(const Texts& texts, const std::vector<std::string>& words) {
  int worst = 0;
  for (const std::string& word : words) {
    int of_word = rank(texts, word);
    const auto colon = word.find(':');
    if (of_word == k_not_found && colon != std::string::npos && colon > 0)
      of_word = rank(texts, std::string_view(word).substr(0, colon));
    worst = std::max(worst, of_word);
    if (worst == k_not_found) break;
  }
  return worst;
}

std::vector<const Offer*> CatalogSearch::find(const std::vector<Offer>& offers, std::string_view typed,
                                              std::size_t most) const {
  const auto words = words_of(typed);
  std::array<std::vector<const Offer*>, k_not_found> ranked;
  for (const Offer& offer : offers) {
    const int place = rank(offer, words);
    if (place == k_not_found) continue;
    auto& alike = ranked.at(static_cast<std::size_t>(place));
    if (alike.size() < most) alike.push_back(&offer);
  }
  std::vector<const Offer*> found;
  for (const auto& alike : ranked) {
    for (const Offer* offer : alike) {
      if (found.size() < most) found.push_back(offer);
    }
  }
  if (!found.empty() || words.size() != 1 || words.front().size() < k_least_to_guess) return found;
  std::vector<std::string> names;
  names.reserve(offers.size());
  for (const Offer& offer : offers) names.push_back(offer.shown());
  const std::string near = nearest(words.front(), names);
  const auto meant = std::ranges::find(offers, near, [](const Offer& offer) { return offer.shown(); });
  if (!near.empty() && meant != offers.end()) found.push_back(&*meant);
  return found;
}

}  // namespace jitbot
