#include "bot/app/demo/story.hpp"

#include <fmt/format.h>

#include <regex>

namespace jitbot::story {

using sandbox::Message;

namespace {

constexpr std::string_view k_named = "prod-db";  // of high risk: its name is typed to approve it
constexpr auto k_asking = "#general";
constexpr auto k_kept_out = "permission denied for database";
constexpr Millis k_staging_time{10s};  // as the command in the story says
constexpr Millis k_too_late{5s};       // after the end: longer than a confirmed end may take here

tl::unexpected<Error> missing(std::string what) {
  return fail(ErrorKind::unavailable, std::move(what));
}

// "JIT-7K3F", as the card's headline shows it.
std::string id_on(const Message& card) {
  static const std::regex k_id("JIT-[0-9A-Z]+");
  std::smatch found;
  return std::regex_search(card.text, found, k_id) ? found.str() : std::string();
}

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

// The scenes that several chapters share.
class Scenes {
 public:
  Scenes(Stage& stage, const sandbox::World& world) : stage_(stage), world_(world) {}

  Stage& stage() { return stage_; }
  std::string plain(const std::string& text) const { return spoken(text, world_); }

  Task<Told> kept_out(std::string person, std::string when);
  Task<Told> asks(std::string person, std::string command);
  Task<Result<Message>> card_in(std::string channel, std::vector<std::string> holds);
  Task<Told> refused(std::string person, std::string who_that_is, Message card);
  Task<Told> refused_outside(std::string person, std::string who_that_is, Message card);
  Task<Told> still_waiting(Message card, std::string progress);
  Task<Result<Message>> told(std::string person, std::string id, std::string words);
  Task<Told> absent(std::string person, std::string id);
  Task<Told> no_member(std::string person, std::string role);

 private:
  Task<Told> answered_no(std::string person, std::string who_that_is, std::string after, std::string how);

  Stage& stage_;
  const sandbox::World& world_;
};

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

Task<Told> Scenes::asks(std::string person, std::string command) {
  auto typed = co_await stage_.type(person, k_asking, command);
  if (typed) stage_.seen(fmt::format("{} types  /jit {}", person, command));
  co_return typed;
}

Task<Result<Message>> Scenes::card_in(std::string channel, std::vector<std::string> holds) {
  Wanted wanted;
  wanted.place = channel;
  wanted.holds = std::move(holds);
  auto card = co_await stage_.read(std::move(wanted));
  if (card) stage_.seen(fmt::format("{} shows: {}", channel, plain(headline(*card))));
  co_return card;
}

Task<Told> Scenes::answered_no(std::string person, std::string who_that_is, std::string after,
                               std::string how) {
  Wanted wanted;
  wanted.where = Where::privately;
  wanted.place = person;
  wanted.holds = {"You cannot decide this"};
  wanted.after = std::move(after);
  const auto answer = co_await stage_.read(std::move(wanted));
  if (!answer) co_return tl::unexpected<Error>(answer.error());
  stage_.seen(fmt::format("{}, {}, {} Approve: \"{}\"", person, who_that_is, how, plain(answer->text)));
  co_return Told();
}

Task<Told> Scenes::refused(std::string person, std::string who_that_is, Message card) {
  const std::string before = stage_.latest(person);
  auto pressed = co_await stage_.agree(person, std::move(card), std::string(k_named));
  if (!pressed) co_return pressed;
  co_return co_await answered_no(std::move(person), std::move(who_that_is), before, "presses");
}

Task<Told> Scenes::refused_outside(std::string person, std::string who_that_is, Message card) {
  const std::string before = stage_.latest(person);
  auto pressed = co_await stage_.forge(person, std::move(card), "approve");
  if (!pressed) co_return pressed;
  co_return co_await answered_no(std::move(person), std::move(who_that_is), before, "forges a press of");
}

Task<Told> Scenes::still_waiting(Message card, std::string progress) {
  Wanted wanted;
  wanted.place = card.channel;
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

// --- chapters

struct Open {
  std::string id;
  Time since;
  std::shared_ptr<Session> session;
};

Task<Result<Message>> staging_asked(Scenes& scenes) {
  scenes.stage().chapter("Staging: one approver");
  auto done = co_await scenes.kept_out("alice", "before asking");
  if (done) done = co_await scenes.asks("alice", "request staging 10s INC-7 look at queue");
  if (!done) co_return tl::unexpected<Error>(done.error());
  std::vector<std::string> holds{"Waiting", "U0ALICE01", "staging"};
  auto card = co_await scenes.card_in("#staging-approvals", std::move(holds));
  if (!card) co_return card;
  done = co_await scenes.refused("alice", "who asked", *card);
  if (done) done = co_await scenes.refused("gina", "a guest", *card);
  if (done) done = co_await scenes.refused_outside("sam", "of another company", *card);
  if (done) done = co_await scenes.still_waiting(*card, "approvers 0/1");
  if (done) done = co_await scenes.kept_out("alice", "meanwhile");
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return card;
}

Task<Result<Open>> staging_used(Scenes& scenes, Message card) {
  Stage& stage = scenes.stage();
  Open open{id_on(card), {}, {}};
  auto pressed = co_await stage.press("carol", card, "approve");
  if (!pressed) co_return tl::unexpected<Error>(pressed.error());
  stage.seen("carol, an approver, presses Approve");
  std::vector<std::string> holds{"Active until", open.id};
  const auto active = co_await scenes.card_in("#staging-approvals", std::move(holds));
  if (!active) co_return tl::unexpected<Error>(active.error());
  open.since = stage.now();
  const auto usable = co_await scenes.told("alice", open.id, "you can use");
  if (!usable) co_return tl::unexpected<Error>(usable.error());
  Query query{"alice", "set role staging_ro; select count(*) from queue"};
  auto session = co_await stage.stay(std::move(query));
  if (!session)
    co_return missing("alice's login was to work now; the server said: " + session.error().message);
  open.session = std::move(*session);
  stage.seen(fmt::format("alice logs in, SET ROLE staging_ro, reads the queue ({} rows), and stays logged in",
                         open.session->first_answer));
  co_return open;
}

Task<Result<std::string>> metrics_used(Scenes& scenes) {
  Stage& stage = scenes.stage();
  stage.chapter("Meanwhile, metrics: nobody has to agree");
  auto done = co_await scenes.kept_out("bob", "before asking");
  if (done) done = co_await scenes.asks("bob", "request metrics 8s");
  if (!done) co_return tl::unexpected<Error>(done.error());
  const auto usable = co_await scenes.told("bob", "metrics", "you have");
  if (!usable) co_return tl::unexpected<Error>(usable.error());
  Query query{"bob", "set role metrics_ro; select sum(amount) from orders"};
  const auto answer = co_await stage.log_in(std::move(query));
  if (!answer) co_return missing("bob's login was to work now; the server said: " + answer.error().message);
  stage.seen(fmt::format("bob logs in, SET ROLE metrics_ro, sums the orders ({})", *answer));
  co_return id_on(*usable);
}

// The open session ended by the clock: neither long before the end nor long after it.
Told ended_in_time(const Open& open) {
  const Millis held = std::chrono::duration_cast<Millis>(*open.session->ended - open.since);
  if (open.session->last_words.find("terminating connection") == std::string::npos)
    return missing("alice's session was to be ended by the server; it said: " + open.session->last_words);
  if (held < k_staging_time - 2s || held > k_staging_time + k_too_late)
    return missing(fmt::format("alice's session was to end after 10 s, not after {} ms", held.count()));
  return {};
}

Task<Told> both_end(Scenes& scenes, Open alice, std::string metrics) {
  Stage& stage = scenes.stage();
  stage.chapter("The end comes by itself");
  const auto warned = co_await scenes.told("alice", alice.id, "Ends soon");
  if (!warned) co_return tl::unexpected<Error>(warned.error());
  auto done = co_await scenes.absent("bob", std::move(metrics));
  if (done) done = co_await stage.wait_for_end(alice.session);
  if (done) done = ended_in_time(alice);
  if (!done) co_return done;
  stage.seen(fmt::format("alice's open session was ended: \"{}\"", alice.session->last_words));
  done = co_await scenes.absent("alice", alice.id);
  if (done) done = co_await scenes.no_member("alice", "staging_ro");
  co_return done;
}

Task<Result<Message>> production_asked(Scenes& scenes) {
  scenes.stage().chapter("Production: two people, one of each group");
  auto done = co_await scenes.asks("bob", "request prod-db 8s INC-9 fix order 2");
  if (!done) co_return tl::unexpected<Error>(done.error());
  std::vector<std::string> holds{"Waiting", "U0BOB0001", "prod-db"};
  auto card = co_await scenes.card_in("#prod-approvals", std::move(holds));
  if (!card) co_return card;
  done = co_await scenes.refused("bob", "of sre, who asked", *card);
  if (done) done = co_await scenes.refused("gina", "of sre, a guest", *card);
  if (done) done = co_await scenes.stage().agree("carol", *card, std::string(k_named));
  if (!done) co_return tl::unexpected<Error>(done.error());
  scenes.stage().seen("carol, an approver, presses Approve… and types prod-db, which is of high risk");
  done = co_await scenes.still_waiting(*card, "approvers 1/1 · sre 0/1");
  if (done) done = co_await scenes.kept_out("bob", "after one approval of two");
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return card;
}

Task<Told> production_used(Scenes& scenes, Message card) {
  Stage& stage = scenes.stage();
  const std::string id = id_on(card);
  auto done = co_await stage.agree("dave", card, std::string(k_named));
  if (!done) co_return done;
  stage.seen("dave, of sre, presses Approve… and types prod-db");
  const auto usable = co_await scenes.told("bob", id, "you can use");
  if (!usable) co_return tl::unexpected<Error>(usable.error());
  Query query{"bob",
              "set role prod_rw; with fixed as (update orders set amount = amount + 1 where id = 2 "
              "returning 1) select count(*) from fixed"};
  const auto answer = co_await stage.log_in(std::move(query));
  if (!answer || *answer != "1")
    co_return missing("bob was to fix order 2; the server said: " +
                      (answer ? *answer : answer.error().message));
  stage.seen("bob logs in, SET ROLE prod_rw, fixes order 2");
  done = co_await stage.press("bob", *usable, "done");
  if (!done) co_return done;
  stage.seen("bob presses I'm done, before the time is over");
  done = co_await scenes.absent("bob", id);
  if (done) done = co_await scenes.no_member("bob", "prod_rw");
  co_return done;
}

}  // namespace

Task<Told> play(Stage& stage, const sandbox::World& world) {
  Scenes scenes(stage, world);
  auto connected = co_await stage.connected();
  if (!connected) co_return connected;
  const auto asked = co_await staging_asked(scenes);
  if (!asked) co_return tl::unexpected<Error>(asked.error());
  auto open = co_await staging_used(scenes, *asked);
  if (!open) co_return tl::unexpected<Error>(open.error());
  auto metrics = co_await metrics_used(scenes);
  if (!metrics) co_return tl::unexpected<Error>(metrics.error());
  auto ended = co_await both_end(scenes, std::move(*open), std::move(*metrics));
  if (!ended) co_return ended;
  const auto production = co_await production_asked(scenes);
  if (!production) co_return tl::unexpected<Error>(production.error());
  co_return co_await production_used(scenes, *production);
}

}  // namespace jitbot::story
