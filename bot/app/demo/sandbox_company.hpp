#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "bot/app/demo/company.hpp"
#include "bot/app/demo/watch.hpp"
#include "bot/ports/clock.hpp"

#include <string>
#include <vector>

namespace jitbot::story {

// The people of a sandbox workspace.
class SandboxCompany : public Company {
 public:
  SandboxCompany(Clock& clock, sandbox::Sandbox& workspace);

  std::string absence(const std::string& person) const override;
  std::string outsider() const override;
  std::string mention(const std::string& person) const override;
  std::string channel_name(const std::string& place) const override;
  std::string plain(const std::string& text) const override;

  Task<Told> connected() override;
  Task<Result<std::string>> ask(std::string person, std::string words) override;
  Task<Result<std::string>> approve(std::string person, Message card, std::string resource) override;
  Task<Result<Attempt>> forge(std::string person, Message card) override;
  Task<Result<std::string>> give_back(std::string person, Message message) override;

  std::vector<Message> messages(const std::string& place) const override;
  std::vector<Message> answers(const std::string& person) const override;
  [[nodiscard]] std::shared_ptr<void> on_change(std::function<void()> handler) override;

 private:
  std::string button(const Message& on, const std::string& act) const;  // empty: it has none
  Task<Told> press(sandbox::ClickInput input, std::string act);
  Task<Told> submit(std::string person, std::string resource);

  sandbox::Sandbox& workspace_;
  Watch watch_;
  std::shared_ptr<void> listening_;
};

}  // namespace jitbot::story
