#include "bot/cards/home.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr std::size_t k_most_ways = 4;       // roles shown of one resource
constexpr std::size_t k_most_decided = 120;  // characters
constexpr std::size_t k_most_description = 80;

Button request_button() {
  return {"Request access", ButtonValue{{}, {}, Act::request}, ButtonStyle::primary};
}

// "✅ Active · prod-db : viewer · JIT-7K3F"
Line opening(const SubjectView& view) {
  const Sign sign = sign_of(phase_of(view));
  const Asked& asked = view.request.asked;
  Line line{Plain{fmt::format("{} {} · ", sign.emoji, sign.word)}};
  line += asked_access(asked);
  line.emplace_back(Plain{" · " + shown_id(view.request)});
  return line;
}

Line how_it_stands(const SubjectView& view) {
  const Grant& grant = *view.grant;
  switch (phase_of(view)) {
    case Phase::active: {
      Line line{Plain{"until "}, Moment{grant.end()}};
      if (grant.standing) line.emplace_back(Plain{" · was there before, stays"});
      return line;
    }
    case Phase::approved:
      return {Plain{"being set up · ends at the latest "}, Moment{grant.latest_end}};
    case Phase::ending:
    case Phase::overdue:
      return plain("being removed, not proven absent yet");
    case Phase::ended:
      return ended_line(grant);
    case Phase::waiting:
    case Phase::denied:
    case Phase::cancelled:
    case Phase::timed_out:
      break;
  }
  return {};
}

Card had_item(const SubjectView& view, const PrincipalId& reader) {
  Card item;
  Line line = opening(view);
  if (!view.request.asked.account.empty()) line += {Plain{" as "}, Code{view.request.asked.account}};
  item.facts.push_back(std::move(line));
  if (view.grant) item.facts.push_back(how_it_stands(view));
  item.buttons = requester_card(view, reader).buttons;
  return item;
}

Line asks_for(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  Line line{person(asked.asker)};
  if (asked.kind == RequestKind::extension) {
    line += {Plain{fmt::format(" asks to prolong {} by {}: ",
                               asked.extends ? to_string(*asked.extends) : std::string("a grant"),
                               format_duration(asked.duration))},
             Strong{access_name(asked.resource, asked.role)}};
    return line;
  }
  line.emplace_back(Plain{" asks for "});
  if (asked.beneficiary != asked.asker) line += {person(asked.beneficiary), Plain{": "}};
  line += asked_terms(asked);
  return line;
}

Line progress(const SubjectView& view) {
  Line line = progress_line(view);
  line += {Plain{" · times out at "}, Moment{view.request.times_out_at}};
  return line;
}

// As on the card, with what was asked: nobody decides on less than the card shows.
Card waiting_item(const SubjectView& view) {
  Card item;
  Line line = asks_for(view);
  line.emplace_back(Plain{" · " + shown_id(view.request)});
  item.facts = {std::move(line), progress(view)};
  item.quote = quote_of(view);
  item.buttons = approval_card(view).buttons;
  return item;
}

Card asked_item(const SubjectView& view, const PrincipalId& reader) {
  Card item;
  item.facts = {opening(view), progress(view)};
  item.buttons = requester_card(view, reader).buttons;
  return item;
}

Line offered_line(const HomeOffer& offer) {
  Line line{Strong{offer.resource}};
  if (!offer.description.empty())
    line.emplace_back(Plain{" — " + one_line(offer.description, k_most_description)});
  return line;
}

Card offered_item(const HomeOffer& offer) {
  Card item;
  item.facts.push_back(offered_line(offer));
  for (std::size_t i = 0; i < std::min(offer.ways.size(), k_most_ways); ++i) {
    const auto& way = offer.ways[i];
    item.facts.push_back({Plain{"· "}, Code{way.role},
                          Plain{fmt::format(" at most {}, {}", format_duration(way.most),
                                            one_line(way.decided, k_most_decided))}});
  }
  if (offer.ways.size() > k_most_ways)
    item.facts.push_back(plain(fmt::format("· and {} more roles", offer.ways.size() - k_most_ways)));
  return item;
}

Line more_than(std::size_t all, std::size_t shown, std::string_view command) {
  if (all <= shown) return {};
  return {Plain{fmt::format("and {} more: ", all - shown)}, Code{std::string(command)}};
}

template <class Row, class Item>
void add_section(Home& home, std::string title, const std::vector<Row>& rows, Item item_of, Line more) {
  if (rows.empty()) return;
  HomeSection section{std::move(title), {}, std::move(more)};
  for (const Row& row : rows) section.items.push_back(item_of(row));
  home.sections.push_back(std::move(section));
}

template <class Row>
std::vector<Row> first(const std::vector<Row>& rows, std::size_t most) {
  return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), most))};
}

Card top_of(const HomeView& view) {
  Card top;
  if (!view.nothing.empty()) {
    top.facts.push_back(plain(view.nothing));
    return top;
  }
  if (view.has.empty() && view.waiting.empty() && view.asked.empty())
    top.facts.push_back(plain("You have no access now, and nothing waits for you."));
  if (view.all_offers == 0 && view.unknown.empty()) {
    top.facts.push_back(plain("No rule lets you ask for anything."));
    return top;
  }
  top.buttons.push_back(request_button());
  return top;
}

}  // namespace

Home home_of(const HomeView& view) {
  Home home;
  home.top = top_of(view);
  const auto had = [&](const SubjectView& it) { return had_item(it, view.reader); };
  const auto asked = [&](const SubjectView& it) { return asked_item(it, view.reader); };
  add_section(home, "What you have", first(view.has, k_home_items), had,
              more_than(view.has.size(), k_home_items, "/jit mine"));
  add_section(home, "Waits for you", first(view.waiting, k_home_items), waiting_item,
              more_than(view.waiting.size(), k_home_items, "/jit pending"));
  add_section(home, "You asked for", first(view.asked, k_home_items), asked,
              more_than(view.asked.size(), k_home_items, "/jit mine"));
  const auto offers = first(view.offers, k_home_offers);
  add_section(home, fmt::format("What you may ask for ({})", view.all_offers), offers, offered_item,
              more_than(view.all_offers, offers.size(), "/jit resources <word>"));
  for (const std::string& what : view.unknown) home.footer.push_back(plain(what));
  return home;
}

}  // namespace jitbot
