#include "bot/app/chats.hpp"

#include "bot/model/channel.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <optional>

namespace jitbot {

namespace {

constexpr std::string_view k_unnamed = "slack";  // whose ids and keys name no platform
constexpr Millis k_run_look = 1h;                // how long a wait for an end may last before it waits again
constexpr Millis k_try_again = 5min;

// "slack" of "slack:T0001"
std::string_view before_colon(std::string_view text) {
  return text.substr(0, text.find(':'));
}

// What several platforms that run beside each other have come to.
struct Ending {
  explicit Ending(Clock& with) : clock(with) {}

  Clock& clock;
  std::size_t running = 0;
  std::optional<Error> failed;  // the last that gave up
  bool stopped = false;         // one ended in good order: all were told to
  bool over = false;
  std::unique_ptr<Timer> changed;
  std::vector<std::unique_ptr<Timer>> resting;

  void end() {
    over = true;
    changed->poke();
    for (const auto& timer : resting) timer->poke();
  }
};

using GaveUp = std::function<void(const std::string& name, const Error& why)>;

Task<Result<void>> run_once(std::shared_ptr<Platform> platform, std::string name, Inbox* inbox) {
  Result<void> ended;
  try {
    ended = co_await platform->run(*inbox);
  } catch (const std::exception& failure) {
    ended = fail(ErrorKind::internal, name + " stopped", failure.what());
  }
  co_return ended;
}

// Somebody may mend what one platform refuses while the others go on.
Task<void> run_one(std::shared_ptr<Platform> platform, std::string name, Inbox* inbox,
                   std::shared_ptr<Ending> ending, std::size_t index, GaveUp gave_up) {
  std::string told;  // the same again is no news
  for (;;) {
    const Millis began = ending->clock.steady();
    const auto ended = co_await run_once(platform, name, inbox);
    if (ending->clock.steady() - began > k_try_again) told.clear();
    --ending->running;
    if (ended) {
      ending->stopped = true;
      co_return ending->end();
    }
    spdlog::critical("event=chat_gave_up chat={} error=\"{}\" detail=\"{}\"", name, ended.error().message,
                     ended.error().detail);
    ending->failed = ended.error();
    if (ending->running == 0) co_return ending->end();
    const bool news = std::exchange(told, ended.error().message) != ended.error().message;
    if (gave_up && news) gave_up(name, ended.error());
    Timer& rest = *ending->resting[index];
    co_await rest.wait(k_try_again);
    if (ending->over) co_return;
    ++ending->running;
  }
}

// Slack's channels name no platform, whoever wrote it before them.
std::string as_known_there(std::string_view platform, std::string channel) {
  if (platform != k_unnamed) return channel;
  return std::string(without_platform(channel));
}

// Every span of the card that may name somebody.
template <class Visit>
void each_line(Card& card, const Visit& visit) {
  visit(card.timed_headline);
  for (Line& line : card.facts) visit(line);
  for (Line& line : card.footer) visit(line);
}

class OnItsWay {
 public:
  explicit OnItsWay(std::shared_ptr<int> count) : count_(std::move(count)) { ++*count_; }
  ~OnItsWay() { --*count_; }
  OnItsWay(const OnItsWay&) = delete;
  OnItsWay& operator=(const OnItsWay&) = delete;

 private:
  std::shared_ptr<int> count_;
};

bool is_foreign(const Mention& mention, std::string_view platform) {
  return platform_of(mention.who) != platform;
}

}  // namespace

void Chats::add(std::string name, std::unique_ptr<Platform> platform) {
  members_.push_back({std::move(name), std::move(platform)});
}

// Nobody waits for one that is down while another can answer.
std::vector<Chats::Member> Chats::live_first() const {
  std::vector<Member> members;
  for (const bool live : {true, false}) {
    for (const Member& member : members_) {
      if (member.platform->live() == live) members.push_back(member);
    }
  }
  return members;
}

Result<Chats::Member> Chats::named(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &Member::name);
  if (found != members_.end()) return *found;
  return fail(ErrorKind::refused, fmt::format("{} is not configured", name), "no such chat");
}

Result<Chats::Member> Chats::of_channel(std::string_view channel) const {
  const auto platform = platform_named(channel);
  if (!platform.empty()) return named(platform);
  if (!is_channel_name(channel)) return named(k_unnamed);
  if (members_.size() == 1) return members_.front();
  return fail(
      ErrorKind::refused,
      fmt::format("{} could be in several chats; write {}:{}", channel, members_.front().name, channel),
      "a name without its platform");
}

Result<Chats::Member> Chats::of_place(const Place& place) const {
  return place.direct ? named(platform_of(*place.direct)) : of_channel(place.channel);
}

Result<Chats::Member> Chats::taking(Result<Member> member) {
  if (!member || member->platform->live() || *member->sending < k_most_into_silence) return member;
  return fail(ErrorKind::unavailable, member->name + " does not answer", "enough waits for it already");
}

Task<Result<void>> Chats::connect() {
  Result<void> all;
  for (const Member& member : members_) {
    auto connected = co_await member.platform->connect();
    if (!connected && all) all = std::move(connected);
  }
  co_return all;
}

Task<Result<void>> Chats::connect(std::string name) {
  auto member = named(name);
  if (!member) co_return tl::unexpected<Error>(member.error());
  co_return co_await member->platform->connect();
}

std::vector<std::string> Chats::names() const {
  std::vector<std::string> names;
  for (const Member& member : members_) names.push_back(member.name);
  return names;
}

Task<Result<void>> Chats::run(Inbox& inbox) {
  auto ending = std::make_shared<Ending>(clock_);
  ending->running = members_.size();
  ending->changed = clock_.make_timer();
  for (std::size_t i = 0; i < members_.size(); ++i) ending->resting.push_back(clock_.make_timer());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    boost::asio::co_spawn(executor_,
                          run_one(members_[i].platform, members_[i].name, &inbox, ending, i, on_gave_up_),
                          boost::asio::detached);
  }
  while (!ending->over || ending->running > 0) co_await ending->changed->wait(k_run_look);
  if (ending->failed && !ending->stopped) co_return tl::unexpected<Error>(*ending->failed);
  co_return Result<void>();
}

Task<void> Chats::stop() {
  for (const Member& member : members_) co_await member.platform->stop();
}

void Chats::close() {
  for (const Member& member : members_) member.platform->close();
}

// --- what is said
// -------------------------------------------------------------------------------------------

Task<Card> Chats::as_told_on(std::string platform, Card card) {
  std::set<PrincipalId> strangers;
  each_line(card, [&](Line& line) {
    for (Span& span : line) {
      auto* mention = std::get_if<Mention>(&span);
      if (mention == nullptr || !is_foreign(*mention, platform)) continue;
      if (const auto here = aliases_.account_on(mention->who, platform)) {
        mention->who = *here;
      } else {
        strangers.insert(mention->who);
      }
    }
  });
  if (strangers.empty()) co_return card;
  MentionBook::PlatformOf platform_of_person = [this](const PrincipalId& who) {
    auto member = named(platform_of(who));
    return member ? std::move(member->platform) : nullptr;
  };
  const auto names = co_await names_.called(std::move(strangers), std::move(platform_of_person));
  each_line(card, [&](Line& line) {
    for (Span& span : line) {
      const auto* mention = std::get_if<Mention>(&span);
      if (mention == nullptr || !is_foreign(*mention, platform)) continue;
      auto name = names.find(mention->who);
      if (name != names.end()) span = Strong{name->second};
    }
  });
  co_return card;
}

Task<Result<MessageRef>> Chats::post(Place place, Card card, std::string key) {
  auto member = taking(of_place(place));
  if (!member) co_return tl::unexpected<Error>(member.error());
  const OnItsWay counted(member->sending);
  place.channel = as_known_there(member->name, std::move(place.channel));
  card = co_await as_told_on(member->name, std::move(card));
  co_return co_await member->platform->post(std::move(place), std::move(card), std::move(key));
}

Task<Result<void>> Chats::update(MessageRef message, Card card, std::string key) {
  auto member = taking(of_channel(message.channel));
  if (!member) co_return tl::unexpected<Error>(member.error());
  const OnItsWay counted(member->sending);
  card = co_await as_told_on(member->name, std::move(card));
  co_return co_await member->platform->update(std::move(message), std::move(card), std::move(key));
}

Task<Result<std::optional<MessageRef>>> Chats::find(Place place, std::string key, Time since) {
  auto member = taking(of_place(place));
  if (!member) co_return tl::unexpected<Error>(member.error());
  const OnItsWay counted(member->sending);
  place.channel = as_known_there(member->name, std::move(place.channel));
  co_return co_await member->platform->find(std::move(place), std::move(key), since);
}

Task<Result<void>> Chats::answer(Inbound to, Card card) {
  auto member = named(platform_named(to.key));
  if (!member) member = named(k_unnamed);
  if (!member) co_return tl::unexpected<Error>(member.error());
  card = co_await as_told_on(member->name, std::move(card));
  co_return co_await member->platform->answer(std::move(to), std::move(card));
}

Task<Result<ChannelInfo>> Chats::channel(std::string name_or_id) {
  auto member = of_channel(name_or_id);
  if (!member) co_return tl::unexpected<Error>(member.error());
  name_or_id = as_known_there(member->name, std::move(name_or_id));
  co_return co_await member->platform->channel(std::move(name_or_id));
}

Task<Result<Time>> Chats::server_time() {
  Result<Time> time = fail(ErrorKind::unavailable, "there is no chat", "none configured");
  const auto members = live_first();
  for (const Member& member : members) {
    time = co_await member.platform->server_time();
    if (time) break;
  }
  co_return time;
}

bool Chats::live() const {
  return std::ranges::all_of(members_, [](const Member& member) { return member.platform->live(); });
}

// --- who people are
// -----------------------------------------------------------------------------------------

Task<Result<Person>> Chats::person(PrincipalId id) {
  auto member = named(platform_of(id));
  if (!member) co_return tl::unexpected<Error>(member.error());
  co_return co_await member->platform->person(std::move(id));
}

Task<Result<std::set<PrincipalId>>> Chats::members(std::string group) {
  auto member = named(before_colon(group));
  if (!member) co_return tl::unexpected<Error>(member.error());
  auto accounts = co_await member->platform->members(std::move(group));
  if (!accounts) co_return accounts;
  std::set<PrincipalId> people;
  for (const PrincipalId& account : *accounts) {
    const PrincipalId person = aliases_.person_of(account);
    if (person != account) {
      // An account that may decide nothing lends its person nothing either.
      auto owner = co_await member->platform->person(account);
      if (!owner) co_return tl::unexpected<Error>(owner.error());
      if (!may_decide_at_all(*owner)) continue;
    }
    people.insert(person);
  }
  co_return people;
}

Task<Result<Person>> Chats::by_email(std::string email) {
  std::optional<Error> unsure;  // one that could not be asked may know the e-mail
  Result<Person> found = fail(ErrorKind::not_found, "nobody has that e-mail", email);
  const auto members = live_first();
  for (const Member& member : members) {
    found = co_await member.platform->by_email(email);
    if (found) co_return found;
    if (found.error().kind != ErrorKind::not_found) unsure = found.error();
  }
  if (unsure) co_return tl::unexpected<Error>(*unsure);
  co_return found;
}

std::string Chats::workspace(std::string_view platform) const {
  const auto member = named(platform);
  return member ? member->platform->workspace(platform) : std::string();
}

}  // namespace jitbot
