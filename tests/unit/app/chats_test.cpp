#include "bot/app/chats.hpp"

#include "tests/support/event_loop.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/unit/net/background.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace jitbot;

namespace {

// A platform that remembers what it was asked.
class Recorded : public Platform {
 public:
  Recorded(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}

  Task<Result<void>> connect() override {
    (void)note("connect");
    co_return connects;
  }
  Task<Result<void>> run(Inbox& /*inbox*/) override { co_return ends; }
  Task<void> stop() override {
    log_.push_back(name_ + " stop");
    co_return;
  }
  Task<Result<MessageRef>> post(Place place, Card card, std::string /*key*/) override {
    if (stuck) {
      ++posting;
      const auto timer = clock->make_timer();
      co_await timer->wait(30s);
      co_return fail(ErrorKind::unavailable, "no answer");
    }
    log_.push_back(name_ + " post " + (place.direct ? to_string(*place.direct) : place.channel));
    last = std::move(card);
    co_return MessageRef{place.channel, "1"};
  }
  Task<Result<void>> update(MessageRef message, Card card, std::string /*key*/) override {
    last = std::move(card);
    co_return note("update " + message.channel);
  }
  Task<Result<std::optional<MessageRef>>> find(Place place, std::string /*key*/, Time /*since*/) override {
    log_.push_back(name_ + " find " + place.channel);
    co_return std::optional<MessageRef>();
  }
  Task<Result<void>> answer(Inbound to, Card /*card*/) override { co_return note("answer " + to.key); }
  Task<Result<ChannelInfo>> channel(std::string name_or_id) override {
    log_.push_back(name_ + " channel " + name_or_id);
    co_return ChannelInfo{name_or_id, "ops"};
  }
  Task<Result<Time>> server_time() override { co_return time; }
  bool live() const override { return is_live; }
  Task<Result<Person>> person(PrincipalId id) override {
    log_.push_back(name_ + " person " + id.user);
    if (silent) {
      ++waiting;
      co_await silent->wait(24h);
    }
    if (!knows_people) co_return fail(ErrorKind::unavailable, "down");
    Person person;
    person.id = id;
    person.email = id.user + "@example.com";
    person.deactivated = deactivated;
    co_return person;
  }
  Task<Result<std::set<PrincipalId>>> members(std::string group) override {
    log_.push_back(name_ + " members " + group);
    co_return std::set<PrincipalId>{{name_ + ":w", "alice"}, {name_ + ":w", "bob"}};
  }
  Task<Result<Person>> by_email(std::string /*email*/) override { co_return found; }
  std::string workspace(std::string_view platform) const override {
    return platform == name_ ? name_ + ":w" : std::string();
  }

  Card last;
  std::unique_ptr<Timer> silent;  // answers once it is poked
  bool stuck = false;             // nothing that is posted is answered
  Clock* clock = nullptr;
  int posting = 0;
  int waiting = 0;
  bool knows_people = true;
  bool deactivated = false;
  bool is_live = true;
  Result<void> connects;
  Result<void> ends;
  Result<Time> time = fail(ErrorKind::unavailable, "no answer");
  Result<Person> found = fail(ErrorKind::not_found, "nobody");

 private:
  Result<void> note(const std::string& what) {
    log_.push_back(name_ + " " + what);
    return {};
  }

  std::string name_;
  std::vector<std::string>& log_;
};

class Nobody : public Inbox {
 public:
  Task<Result<void>> accept(Inbound /*inbound*/) override { co_return Result<void>(); }
  std::optional<Form> form_for(const Inbound& /*inbound*/) const override { return std::nullopt; }
  Task<std::vector<FieldProblem>> check(Inbound /*inbound*/) override {
    co_return std::vector<FieldProblem>();
  }
  Task<std::vector<Choice>> suggest(PrincipalId /*who*/, std::string /*field*/,
                                    std::string /*typed*/) override {
    co_return std::vector<Choice>();
  }
  Task<std::optional<Form>> reshape(PrincipalId /*who*/, Submitted /*so_far*/) override {
    co_return std::optional<Form>();
  }
  Task<Result<Home>> home(PrincipalId /*who*/) override { co_return Home(); }
};

struct Both {
  Both() {
    auto one = std::make_unique<Recorded>("slack", log);
    auto other = std::make_unique<Recorded>("mattermost", log);
    slack = one.get();
    mattermost = other.get();
    chats.add("slack", std::move(one));
    chats.add("mattermost", std::move(other));
  }

  testing::EventLoop loop;
  testing::ManualClock clock;
  Aliases aliases;
  std::vector<std::string> log;
  Recorded* slack = nullptr;
  Recorded* mattermost = nullptr;
  Chats chats{loop.executor(), clock, aliases};
};

Place in(const std::string& channel) {
  return {channel, "", std::nullopt};
}
Place with(const PrincipalId& who) {
  return {"", "", who};
}

using Log = std::vector<std::string>;

}  // namespace

TEST_CASE("what is said goes to the platform of its place") {
  Both both;
  (void)both.loop.run(both.chats.post(in("C1"), answer("x"), "k"));
  (void)both.loop.run(both.chats.post(in("mattermost:abc"), answer("x"), "k"));
  (void)both.loop.run(both.chats.post(with({"mattermost:w", "m1"}), answer("x"), "k"));
  (void)both.loop.run(both.chats.update({"mattermost:abc", "1"}, answer("x"), "k"));
  (void)both.loop.run(both.chats.find(in("C1"), "k", Time{}));
  (void)both.loop.run(both.chats.channel("mattermost:#ops"));
  (void)both.loop.run(both.chats.channel("slack:#ops"));
  CHECK(both.log == Log{"slack post C1", "mattermost post mattermost:abc", "mattermost post mattermost:w/m1",
                        "mattermost update mattermost:abc", "slack find C1",
                        "mattermost channel mattermost:#ops", "slack channel #ops"});
}

TEST_CASE("a bare name could be of any chat, so it is none's") {
  Both both;
  const auto info = both.loop.run(both.chats.channel("#ops"));
  REQUIRE_FALSE(info);
  CHECK(info.error().kind == ErrorKind::refused);
  CHECK(info.error().message == "#ops could be in several chats; write slack:#ops");
  CHECK_FALSE(both.loop.run(both.chats.post(in("discord:abc"), answer("x"), "k")));
  CHECK(both.log.empty());
}

TEST_CASE("an answer goes where the question came from, whoever the person is elsewhere") {
  Both both;
  Inbound said;
  said.key = "mattermost:post:p1";
  said.from = {"slack:w", "U1"};
  (void)both.loop.run(both.chats.answer(said, answer("x")));
  said.key = "command:123";
  (void)both.loop.run(both.chats.answer(said, answer("x")));
  CHECK(both.log == Log{"mattermost answer mattermost:post:p1", "slack answer command:123"});
}

TEST_CASE("people of another platform are shown by e-mail, or mentioned by the account they have here") {
  Both both;
  const PrincipalId alice{"slack:w", "U1"};
  Card card;
  card.facts.push_back({Mention{alice}, Plain{" asks"}});
  card.footer.push_back({Mention{{"mattermost:w", "m2"}}});
  (void)both.loop.run(both.chats.post(in("mattermost:abc"), card, "k"));
  CHECK(both.mattermost->last.facts[0][0] == Span{Strong{"U1@example.com"}});
  CHECK(both.mattermost->last.footer[0][0] == Span{Mention{{"mattermost:w", "m2"}}});
  (void)both.loop.run(both.chats.update({"C1", "1"}, card, "k"));
  CHECK(both.slack->last.facts[0][0] == Span{Mention{alice}});

  both.aliases.add({"mattermost:w", "m1"}, alice);
  (void)both.loop.run(both.chats.post(in("mattermost:abc"), card, "k"));
  CHECK(both.mattermost->last.facts[0][0] == Span{Mention{{"mattermost:w", "m1"}}});
}

TEST_CASE("who is shown is asked once for some minutes") {
  Both both;
  Card card;
  card.facts.push_back({Mention{{"slack:w", "U1"}}, Plain{" and "}, Mention{{"slack:w", "U2"}}});
  card.footer.push_back({Mention{{"slack:w", "U1"}}});
  (void)both.loop.run(both.chats.post(in("mattermost:abc"), card, "k"));
  (void)both.loop.run(both.chats.post(in("mattermost:abc"), card, "k"));
  CHECK(std::ranges::count(both.log, "slack person U1") == 1);
  CHECK(std::ranges::count(both.log, "slack person U2") == 1);
  both.clock.advance(5min);
  both.slack->knows_people = false;
  (void)both.loop.run(both.chats.post(in("mattermost:abc"), card, "k"));
  CHECK(std::ranges::count(both.log, "slack person U1") == 2);
  CHECK(both.mattermost->last.facts[0][0] == Span{Strong{"U1@example.com"}});  // as he was called before
}

TEST_CASE("who cannot be looked up in time is shown by his id, and by name the next time") {
  Both both;
  both.slack->silent = both.clock.make_timer();
  Card card;
  card.facts.push_back({Mention{{"slack:w", "U1"}}});
  testing::Background<Result<MessageRef>> posting(both.loop.executor(),
                                                  both.chats.post(in("mattermost:abc"), card, "k"));
  CHECK(both.loop.run_until([&] { return both.slack->waiting == 1; }));
  testing::Background<Result<MessageRef>> beside(both.loop.executor(),
                                                 both.chats.post(in("mattermost:abc"), card, "k"));
  both.clock.advance(2s);
  CHECK(both.loop.run_until([&] { return posting.done(); }));
  CHECK(both.mattermost->last.facts[0][0] == Span{Strong{"slack:w/U1"}});
  both.slack->silent->poke();
  CHECK(both.loop.run_until([&] { return beside.done(); }));
  CHECK(both.loop.run(both.chats.post(in("mattermost:abc"), card, "k")));
  CHECK(both.mattermost->last.facts[0][0] == Span{Strong{"U1@example.com"}});
  CHECK(std::ranges::count(both.log, "slack person U1") == 1);
}

TEST_CASE("names are remembered up to a bound") {
  Both both;
  Card card;
  for (int i = 0; i < 1200; ++i) card.facts.push_back({Mention{{"slack:w", "U" + std::to_string(i)}}});
  CHECK(both.loop.run(both.chats.post(in("mattermost:abc"), card, "k")));
  CHECK(both.chats.names_known() <= MentionBook::k_most_known);
}

TEST_CASE("what waits for a chat that does not answer is not more than a few messages") {
  Both both;
  both.slack->stuck = true;
  both.slack->is_live = false;
  both.slack->clock = &both.clock;
  std::vector<std::unique_ptr<testing::Background<Result<MessageRef>>>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::make_unique<testing::Background<Result<MessageRef>>>(
        both.loop.executor(), both.chats.post(in("C1"), answer("x"), "k")));
  }
  CHECK(both.loop.run_until([&] { return both.slack->posting == 8; }));
  CHECK(both.loop.run(both.chats.post(in("C1"), answer("x"), "k")).error().kind == ErrorKind::unavailable);
  CHECK(both.loop.run(both.chats.update({"C1", "1"}, answer("x"), "k")).error().kind ==
        ErrorKind::unavailable);
  CHECK(both.slack->posting == 8);
  CHECK(both.loop.run(both.chats.post(in("mattermost:abc"), answer("x"), "k")));
  both.clock.advance(30s);
  CHECK(both.loop.run_until([&] { return waiting.back()->done(); }));
  both.slack->is_live = true;
  both.slack->stuck = false;
  CHECK(both.loop.run(both.chats.post(in("C1"), answer("x"), "k")));
}

TEST_CASE("each chat is connected by itself, and all of them though one refuses") {
  Both both;
  both.slack->connects = fail(ErrorKind::unavailable, "down");
  CHECK_FALSE(both.loop.run(both.chats.connect()));
  CHECK(both.log == Log{"slack connect", "mattermost connect"});
  CHECK(both.loop.run(both.chats.connect("mattermost")));
  CHECK_FALSE(both.loop.run(both.chats.connect("slack")));
  CHECK_FALSE(both.loop.run(both.chats.connect("discord")));
  CHECK(both.chats.names() == Log{"slack", "mattermost"});
}

TEST_CASE("groups are asked of their platform, and name people") {
  Both both;
  both.aliases.add({"mattermost:w", "alice"}, {"slack:w", "U1"});
  const auto members = both.loop.run(both.chats.members("mattermost:channel/abc"));
  CHECK(members == std::set<PrincipalId>{{"slack:w", "U1"}, {"mattermost:w", "bob"}});
  CHECK(both.log == Log{"mattermost members mattermost:channel/abc", "mattermost person alice"});
  CHECK_FALSE(both.loop.run(both.chats.members("ldap:cn=x")));
}

TEST_CASE("an account that may decide nothing lends its person no group") {
  Both both;
  both.aliases.add({"mattermost:w", "alice"}, {"slack:w", "U1"});
  SECTION("known to be gone") {
    both.mattermost->deactivated = true;
    const auto members = both.loop.run(both.chats.members("mattermost:channel/abc"));
    CHECK(members == std::set<PrincipalId>{{"mattermost:w", "bob"}});
  }
  SECTION("or not to be asked now") {
    both.mattermost->knows_people = false;
    CHECK_FALSE(both.loop.run(both.chats.members("mattermost:channel/abc")));
  }
}

TEST_CASE("an e-mail is asked of each chat, and not known is not nobody") {
  Both both;
  CHECK(both.loop.run(both.chats.by_email("a@x")).error().kind == ErrorKind::not_found);
  both.slack->found = fail(ErrorKind::unavailable, "down");
  CHECK(both.loop.run(both.chats.by_email("a@x")).error().kind == ErrorKind::unavailable);
  Person person;
  person.id = {"mattermost:w", "m1"};
  both.mattermost->found = person;
  CHECK(both.loop.run(both.chats.by_email("a@x"))->id == person.id);
}

TEST_CASE("one chat that gives up leaves the others, and all of them end it") {
  Both both;
  Nobody inbox;
  both.slack->ends = fail(ErrorKind::refused, "token revoked");
  CHECK(both.loop.run(both.chats.run(inbox)));
  both.mattermost->ends = fail(ErrorKind::refused, "token revoked, too");
  CHECK_FALSE(both.loop.run(both.chats.run(inbox)));
}

TEST_CASE("they are live together, and tell the time one for another") {
  Both both;
  CHECK(both.chats.live());
  both.mattermost->is_live = false;
  CHECK_FALSE(both.chats.live());
  CHECK_FALSE(both.loop.run(both.chats.server_time()));
  both.mattermost->time = Time{} + 5s;
  CHECK(both.loop.run(both.chats.server_time()) == Time{} + 5s);
  CHECK(both.chats.workspace("mattermost") == "mattermost:w");
  CHECK(both.chats.workspace("discord").empty());
  both.loop.run(both.chats.stop());
  CHECK(both.log == Log{"slack stop", "mattermost stop"});
}

TEST_CASE("of a single chat a bare name is enough") {
  testing::EventLoop loop;
  testing::ManualClock clock;
  const Aliases aliases;
  std::vector<std::string> log;
  Chats chats(loop.executor(), clock, aliases);
  chats.add("mattermost", std::make_unique<Recorded>("mattermost", log));
  CHECK(loop.run(chats.channel("#ops")));
  CHECK_FALSE(loop.run(chats.channel("C0123")));
  CHECK(log == Log{"mattermost channel #ops"});
}

TEST_CASE("one that was refused is told of, and tried again while the others go on") {
  testing::EventLoop loop;
  testing::ManualClock clock;
  const Aliases aliases;
  std::vector<std::string> log;
  std::vector<std::string> gave_up;
  Nobody inbox;

  // Refuses until it is mended; then it runs until it is stopped.
  class Mended : public Recorded {
   public:
    Mended(std::vector<std::string>& log_in, Clock& clock_in)
        : Recorded("slack", log_in), timer_(clock_in.make_timer()) {}
    Task<Result<void>> run(Inbox& /*inbox*/) override {
      ++runs;
      if (!mended) co_return fail(ErrorKind::refused, "token revoked");
      co_await timer_->wait(24h);
      co_return Result<void>();
    }
    Task<void> stop() override {
      timer_->poke();
      co_return;
    }
    int runs = 0;
    bool mended = false;

   private:
    std::unique_ptr<Timer> timer_;
  };

  Chats chats(loop.executor(), clock, aliases, [&](const std::string& name, const Error& why) {
    gave_up.push_back(name + ": " + why.message);
  });
  auto one = std::make_unique<Mended>(log, clock);
  auto other = std::make_unique<Mended>(log, clock);
  other->mended = true;
  Mended* refused = one.get();
  chats.add("slack", std::move(one));
  chats.add("mattermost", std::move(other));
  testing::Background<Result<void>> running(loop.executor(), chats.run(inbox));
  CHECK(loop.run_until([&] { return gave_up.size() == 1; }));
  CHECK(gave_up.front() == "slack: token revoked");
  clock.advance(5min);
  CHECK(loop.run_until([&] { return refused->runs == 2; }));
  refused->mended = true;
  clock.advance(5min);
  CHECK(loop.run_until([&] { return refused->runs == 3; }));
  CHECK(gave_up.size() == 1);  // the same again is no news
  loop.run(chats.stop());
  CHECK(loop.run_until([&] { return running.done(); }));
  CHECK(running.value());
}
