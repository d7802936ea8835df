#pragma once

#include "bot/app/demo/stage.hpp"

#include <string>
#include <vector>

// What several chapters of the story share.
namespace jitbot::story {

tl::unexpected<Error> missing(std::string what);
std::string id_on(const Message& card);  // "JIT-7K3F", as the card's headline shows it

class Scenes {
 public:
  explicit Scenes(Stage& stage) : stage_(stage) {}

  Stage& stage() { return stage_; }
  Company& company() { return stage_.company(); }

  Task<Told> kept_out(std::string person, std::string when);
  Task<Told> asks(std::string person, std::string words);
  Task<Result<Message>> card_in(std::string channel, std::vector<std::string> holds);
  Task<Told> approves(std::string person, std::string who_that_is, Message card);
  Task<Told> refused(std::string person, std::string who_that_is, Message card);
  Task<Told> refused_outside(std::string person, Message card);
  Task<Told> still_waiting(Message card, std::string progress);
  Task<Result<Message>> told(std::string person, std::string id, std::string words);
  Task<Told> absent(std::string person, std::string id);
  Task<Told> no_member(std::string person, std::string role);

 private:
  Task<Told> answered_no(std::string person, std::string who_that_is, std::string after, std::string how);
  std::string plain(const std::string& text) { return company().plain(text); }

  Stage& stage_;
};

}  // namespace jitbot::story
