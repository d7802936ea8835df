#pragma once

#include "bot/app/demo/company.hpp"
#include "bot/app/demo/mattermost/member.hpp"
#include "bot/app/demo/mattermost/sights.hpp"
#include "bot/app/demo/watch.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::town {

// The story's people on a Mattermost server: each logs in, acts and sees as their own app would let them.
// Decisions are made in the town's manner.
class Townsfolk : public story::Company {
 public:
  Townsfolk(Executor executor, std::shared_ptr<const Line> line, std::shared_ptr<const Town> town);
  ~Townsfolk() override;
  Townsfolk(const Townsfolk&) = delete;
  Townsfolk& operator=(const Townsfolk&) = delete;

  std::string absence(const std::string& person) const override;
  std::string outsider() const override;
  std::string mention(const std::string& person) const override;
  std::string channel_name(const std::string& place) const override;
  std::string plain(const std::string& text) const override;

  Task<story::Told> connected() override;
  Task<Result<std::string>> ask(std::string person, std::string words) override;
  Task<Result<std::string>> approve(std::string person, story::Message card, std::string resource) override;
  Task<Result<story::Attempt>> forge(std::string person, story::Message card) override;
  Task<Result<std::string>> give_back(std::string person, story::Message message) override;

  std::vector<story::Message> messages(const std::string& place) const override;
  std::vector<story::Message> answers(const std::string& person) const override;
  [[nodiscard]] std::shared_ptr<void> on_change(std::function<void()> handler) override;

 private:
  using MemberPtr = std::shared_ptr<Member>;

  Task<story::Told> all_log_in();
  Task<story::Told> bot_answers();
  Task<story::Told> bot_is_called();
  Task<story::Told> command(std::string person, std::string words);
  Task<story::Told> write(std::string person, std::string words);
  Task<story::Told> press(std::string person, std::string post, std::string act);
  Task<story::Told> react(std::string person, std::string post);
  Task<Result<std::string>> fill_in(std::string person, std::string channel, std::string resource);
  std::string action_of(const std::string& post, const std::string& act) const;  // empty: it has none
  static std::string approving(const story::Message& card, const std::string& resource);
  Member& member(const std::string& person) const { return *members_.find(person)->second; }
  std::string channel_id(const std::string& place) const;

  Executor executor_;
  std::shared_ptr<const Line> line_;
  std::shared_ptr<const Town> town_;
  story::Watch watch_;
  std::shared_ptr<Sights> sights_;  // shared with the members' hooks
  std::shared_ptr<void> listening_;
  std::map<std::string, MemberPtr, std::less<>> members_;
};

}  // namespace jitbot::town
