#pragma once

#include "bot/ports/chat.hpp"
#include "bot/ports/random.hpp"
#include "bot/reconcile/administrators.hpp"
#include "bot/reconcile/channel_book.hpp"
#include "bot/reconcile/loop.hpp"

#include <set>
#include <string>

namespace jitbot {

// Makes the chat show what the store says: the newest wanted version of each card, and each notice at least
// once while it is valid. Many changes of one card while it waits are one message. Ends never wait for this
// loop.
class MessageLoop {
 public:
  MessageLoop(LoopPorts ports, Chat& chat, ChannelBook& channels, Random& random,
              Administrators administrators);

  Task<void> run();
  void due_at(Time at) { agenda_.add(at); }  // a commit left a message to send
  void poke();
  void stop();
  Task<void> drain();  // after the chat was closed: what is under way ends by itself

 private:
  Task<Result<std::optional<Time>>> start_due();
  void look_for_more();
  Task<void> show(CardRow card);
  Task<Result<void>> show_newest(CardRow& card);
  Task<Result<void>> update_shown(CardRow& card);
  Task<Result<void>> post_new(CardRow& card);
  Task<Result<CardRow>> placed(CardRow card);
  Task<Result<MessageRef>> post_once(CardRow card, std::string key);
  Task<void> keep(CardRow card);
  Task<void> later(CardRow card, Error why);
  Task<void> cannot_show(CardRow card, Error why);
  Task<void> send(NoticeRow notice);
  bool is_for_administrators(const NoticeRow& notice) const;
  Task<Result<void>> tell_administrators(NoticeRow notice);
  Task<Result<void>> tell(NoticeRow& notice);
  Task<Result<void>> deliver(NoticeRow& notice);
  void put_off(NoticeRow& notice);
  Task<void> later(NoticeRow notice);
  Task<void> finish(NoticeRow notice);
  Millis pause(int failures);

  LoopPorts ports_;
  Chat& chat_;
  ChannelBook& channels_;
  Random& random_;
  Administrators administrators_;
  Agenda agenda_;
  Running running_;
  std::set<std::int64_t> cards_under_way_;
  std::set<std::int64_t> notices_under_way_;
  bool stopping_ = false;
  bool crowded_ = false;  // something due waits for others to be sent
};

}  // namespace jitbot
