#include "bot/app/demo/scenes.hpp"

#include <fmt/format.h>

#include <regex>

namespace jitbot::story {

namespace {

constexpr std::string_view k_named = "prod-db";  // of high risk: its name is typed to approve it
constexpr auto k_kept_out = "permission denied for database";

std::string headline(const Message& message) {
  return message.text.substr(0, message.text.find('\n'));
}

// The line of the message that holds the words.
std::string line_with(const Message& message, std::string_view words) {
  const auto at = message.text.find(words);
  if (at == std::string::npos) return {};
  const auto before = message.text.rfind('\n', at);
  const auto begin = before == std::string::npos ? 0 : before + 1;
  return message.text.substr(begin, message.text.find('\n', at) - begin);
}

}  // namespace

tl::unexpected<Error> missing(std::string what) {
  return fail(ErrorKind::unavailable, std::move(what));
}

std::string id_on(const Message& card) {
  static const std::regex k_id("JIT-[0-9A-Z]+");
  std::smatch found;
  return std::regex_search(card.text, found, k_id) ? found.str() : std::string();
}

Task<Told> Scenes::kept_out(std::string person, std::string when) {
  Query query{person, "select 1"};
  const auto answer = co_await stage_.log_in(std::move(query));
  if (answer) co_return missing(fmt::format("{}'s login {} was to be refused, and it worked", person, when));
  if (answer.error().message.find(k_kept_out) == std::string::npos) {
    co_return missing(fmt::format("{}'s login {} was to be refused for want of CONNECT; the server said: {}",
                                  person, when, answer.error().message));
  }
  stage_.seen(
      fmt::format("{} logs in to the database {}: refused ({})", person, when, answer.error().message));
  co_return Told();
}

Task<Told> Scenes::asks(std::string person, std::string words) {
  auto asked = co_await company().ask(person, std::move(words));
  if (!asked) co_return tl::unexpected<Error>(asked.error());
  stage_.seen(fmt::format("{} {}", person, *asked));
  co_return Told();
}

Task<Result<Message>> Scenes::card_in(std::string channel, std::vector<std::string> holds) {
  Wanted wanted;
  wanted.place = channel;
  wanted.holds = std::move(holds);
  auto card = co_await stage_.read(std::move(wanted));
  if (card) stage_.seen(fmt::format("{} shows: {}", company().channel_name(channel), plain(headline(*card))));
  co_return card;
}

Task<Told> Scenes::answered_no(std::string person, std::string who_that_is, std::string after,
                               std::string how) {
  Wanted wanted;
  wanted.where = Where::privately;
  wanted.place = person;
  // Who types an id that is not for his eyes learns not even whether there is such a request.
  wanted.or_any = {"You cannot decide this", "I know no request"};
  wanted.after = std::move(after);
  const auto answer = co_await stage_.read(std::move(wanted));
  if (!answer) co_return tl::unexpected<Error>(answer.error());
  stage_.seen(fmt::format("{}, {}, {}: \"{}\"", person, who_that_is, how, plain(answer->text)));
  co_return Told();
}

Task<Told> Scenes::approves(std::string person, std::string who_that_is, Message card) {
  auto approved = co_await company().approve(person, std::move(card), std::string(k_named));
  if (!approved) co_return tl::unexpected<Error>(approved.error());
  stage_.seen(fmt::format("{}, {}, {}", person, who_that_is, *approved));
  co_return Told();
}

Task<Told> Scenes::refused(std::string person, std::string who_that_is, Message card) {
  const std::string away = company().absence(person);
  if (!away.empty()) {
    stage_.left_out(fmt::format("{}, {}, is left out: {}", person, who_that_is, away));
    co_return Told();
  }
  const std::string before = stage_.latest(person);
  auto approved = co_await company().approve(person, std::move(card), std::string(k_named));
  if (!approved) co_return tl::unexpected<Error>(approved.error());
  co_return co_await answered_no(std::move(person), std::move(who_that_is), before, *approved);
}

Task<Told> Scenes::refused_outside(std::string person, Message card) {
  const std::string before = stage_.latest(person);
  auto forged = co_await company().forge(person, std::move(card));
  if (!forged) co_return tl::unexpected<Error>(forged.error());
  std::string who = company().outsider();
  if (forged->refused.empty())
    co_return co_await answered_no(std::move(person), std::move(who), before, forged->how);
  stage_.seen(fmt::format("{}, {}, {}: {}", person, who, forged->how, forged->refused));
  co_return Told();
}

Task<Told> Scenes::still_waiting(Message card, std::string progress) {
  Wanted wanted;
  wanted.place = card.place;
  wanted.holds = {"Waiting", id_on(card), progress};
  const auto now = co_await stage_.read(std::move(wanted));
  if (!now) co_return tl::unexpected<Error>(now.error());
  stage_.seen(fmt::format("the card still waits: {}", plain(line_with(*now, progress))));
  co_return Told();
}

Task<Result<Message>> Scenes::told(std::string person, std::string id, std::string words) {
  Wanted wanted;
  wanted.place = "@" + person;
  wanted.holds = {id, words};
  auto message = co_await stage_.read(std::move(wanted));
  if (message) {
    const std::string line = plain(line_with(*message, words));
    const std::string head = plain(headline(*message));
    const std::string shown = line == head ? head : fmt::format("{} — {}", head, line);
    stage_.seen(fmt::format("{} reads in the bot's direct message: {}", person, shown));
  }
  co_return message;
}

Task<Told> Scenes::absent(std::string person, std::string id) {
  const auto read = co_await told(person, std::move(id), "removed and confirmed absent");
  if (!read) co_return tl::unexpected<Error>(read.error());
  co_return co_await kept_out(std::move(person), "again");
}

Task<Told> Scenes::no_member(std::string person, std::string role) {
  std::string sql = fmt::format("select pg_has_role('{}', '{}', 'member')", person, role);
  const auto answer = co_await stage_.as_superuser(std::move(sql));
  if (!answer) co_return tl::unexpected<Error>(answer.error());
  if (*answer != "f") co_return missing(fmt::format("{} was to be no member of {} any more", person, role));
  stage_.seen(fmt::format("{} is no member of {} any more: SET ROLE would be refused", person, role));
  co_return Told();
}

}  // namespace jitbot::story
