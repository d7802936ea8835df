#pragma once

#include "bot/cards/card.hpp"
#include "bot/cards/views.hpp"

#include <cstddef>
#include <string>
#include <vector>

// What one person sees in one place: his access, what waits for him, what he may ask for. Platforms without
// such a page have /jit mine, pending and resources.
namespace jitbot {

struct HomeSection {
  std::string title;
  std::vector<Card> items;  // without headlines
  Line more;                // what is not listed, and where to see it; empty: this is all
  bool operator==(const HomeSection&) const = default;
};

struct Home {
  Card top;  // the request button, or why there is nothing
  std::vector<HomeSection> sections;
  std::vector<Line> footer;  // small print: what could not be read
  bool operator==(const Home&) const = default;
};

// One thing that he may ask for.
struct HomeOffer {
  std::string resource;
  std::string description;
  struct Way {
    std::string role;
    std::string decided;  // "needs owners (1 of group:sre)"
    Millis most{0};       // at most that long
  };
  std::vector<Way> ways;
};

struct HomeView {
  PrincipalId reader;
  std::vector<SubjectView> has;      // his own live grants
  std::vector<SubjectView> waiting;  // what he may decide
  std::vector<SubjectView> asked;    // what he asked for, still pending
  std::vector<HomeOffer> offers;     // the first few of them
  std::size_t all_offers = 0;
  std::string nothing;               // why he may ask for nothing; empty: he may
  std::vector<std::string> unknown;  // what could not be read
};
// Bounded whatever is in it: at most k_home_items of each kind are listed, the rest is counted.
Home home_of(const HomeView& view);
inline constexpr std::size_t k_home_items = 8;
inline constexpr std::size_t k_home_offers = 10;

}  // namespace jitbot
