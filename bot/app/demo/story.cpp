#include "bot/app/demo/story.hpp"

#include "bot/app/demo/scenes.hpp"

#include <fmt/format.h>

namespace jitbot::story {

namespace {

constexpr Millis k_staging_time{10s};  // as the command in the story says
constexpr Millis k_too_late{5s};       // after the end: longer than a confirmed end may take here

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
  std::vector<std::string> holds{"Waiting", scenes.company().mention("alice"), "staging"};
  auto card = co_await scenes.card_in("#staging-approvals", std::move(holds));
  if (!card) co_return card;
  done = co_await scenes.refused("alice", "who asked", *card);
  if (done) done = co_await scenes.refused("gina", "a guest", *card);
  if (done) done = co_await scenes.refused_outside("sam", *card);
  if (done) done = co_await scenes.still_waiting(*card, "approvers 0/1");
  if (done) done = co_await scenes.kept_out("alice", "meanwhile");
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return card;
}

Task<Result<Open>> staging_used(Scenes& scenes, Message card) {
  Stage& stage = scenes.stage();
  Open open{id_on(card), {}, {}};
  auto approved = co_await scenes.approves("carol", "an approver", card);
  if (!approved) co_return tl::unexpected<Error>(approved.error());
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
  std::vector<std::string> holds{"Waiting", scenes.company().mention("bob"), "prod-db"};
  auto card = co_await scenes.card_in("#prod-approvals", std::move(holds));
  if (!card) co_return card;
  done = co_await scenes.refused("bob", "of sre, who asked", *card);
  if (done) done = co_await scenes.refused("gina", "of sre, a guest", *card);
  if (done) done = co_await scenes.approves("carol", "an approver", *card);
  if (!done) co_return tl::unexpected<Error>(done.error());
  done = co_await scenes.still_waiting(*card, "approvers 1/1 · sre 0/1");
  if (done) done = co_await scenes.kept_out("bob", "after one approval of two");
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return card;
}

Task<Told> production_used(Scenes& scenes, Message card) {
  Stage& stage = scenes.stage();
  const std::string id = id_on(card);
  auto done = co_await scenes.approves("dave", "of sre", card);
  if (!done) co_return done;
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
  const auto given_back = co_await scenes.company().give_back("bob", *usable);
  if (!given_back) co_return tl::unexpected<Error>(given_back.error());
  stage.seen(fmt::format("bob {}, before the time is over", *given_back));
  done = co_await scenes.absent("bob", id);
  if (done) done = co_await scenes.no_member("bob", "prod_rw");
  co_return done;
}

}  // namespace

Task<Told> play(Stage& stage) {
  Scenes scenes(stage);
  auto connected = co_await scenes.company().connected();
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
