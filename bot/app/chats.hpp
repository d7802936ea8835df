#pragma once

#include "bot/app/mention_book.hpp"
#include "bot/model/aliases.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/platform.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot {

// Several platforms as one: what is said to a place, a person or a group goes to the platform that it is of.
// A channel's id says its platform (bot/model/channel.hpp), an account's workspace and a group's source begin
// with it, and so does the key of what was heard; all of them are Slack's where they name none. A channel's
// bare name could be of any of them, so it is refused where there are several. Of what goes to one that is
// not live, few messages are on their way at a time; the others are `unavailable`, so that those for the rest
// need not wait for them. A person of another platform is mentioned by the account that he has here, if any
// is linked, and else shown by his e-mail. Belongs to the loop.
class Chats : public Platform {
 public:
  // Told each time that one of several gives up.
  using OnGaveUp = std::function<void(const std::string& name, const Error& why)>;

  Chats(Executor executor, Clock& clock, const Aliases& aliases, OnGaveUp on_gave_up = {})
      : executor_(std::move(executor)),
        clock_(clock),
        aliases_(aliases),
        on_gave_up_(std::move(on_gave_up)),
        names_(executor_, clock) {}

  void add(std::string name, std::unique_ptr<Platform> platform);  // "slack", "mattermost"; before all else

  // Learns who we are everywhere, in turn; the first error, after all were asked.
  Task<Result<void>> connect() override;
  // That one alone: what belongs to it does not wait for the others.
  Task<Result<void>> connect(std::string name);
  std::vector<std::string> names() const;
  std::size_t names_known() const { return names_.known(); }  // of people, for showing them
  // All of them beside each other. Ends with an error when none of them can go on any more; one that gives up
  // alone is tried again every five minutes, the others go on.
  Task<Result<void>> run(Inbox& inbox) override;
  Task<void> stop() override;
  void close() override;

  Task<Result<MessageRef>> post(Place place, Card card, std::string key) override;
  Task<Result<void>> update(MessageRef message, Card card, std::string key) override;
  Task<Result<std::optional<MessageRef>>> find(Place place, std::string key, Time since) override;
  Task<Result<void>> answer(Inbound to, Card card) override;
  Task<Result<ChannelInfo>> channel(std::string name_or_id) override;
  Task<Result<Time>> server_time() override;  // of the first that answers, the live ones first
  bool live() const override;                 // all of them

  Task<Result<Person>> person(PrincipalId id) override;
  Task<Result<std::set<PrincipalId>>> members(std::string group) override;
  // Whoever the first platform that knows the e-mail knows by it; those that are live are asked first.
  Task<Result<Person>> by_email(std::string email) override;
  std::string workspace(std::string_view platform) const override;

 private:
  struct Member {
    std::string name;
    std::shared_ptr<Platform> platform;
    std::shared_ptr<int> sending = std::make_shared<int>(0);  // messages on their way
  };
  static constexpr int k_most_into_silence = 8;
  std::vector<Member> live_first() const;
  Result<Member> named(std::string_view name) const;
  Result<Member> of_channel(std::string_view channel) const;
  Result<Member> of_place(const Place& place) const;
  // The one of the place or channel, where it takes one more message.
  static Result<Member> taking(Result<Member> member);
  Task<Card> as_told_on(std::string platform, Card card);

  Executor executor_;
  Clock& clock_;
  const Aliases& aliases_;
  OnGaveUp on_gave_up_;
  MentionBook names_;
  std::vector<Member> members_;
};

}  // namespace jitbot
