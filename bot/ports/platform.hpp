#pragma once

#include "bot/ports/chat.hpp"
#include "bot/ports/inbox.hpp"

#include <string>

namespace jitbot {

// One chat platform, whole: what is shown there, who its people are, and the connection on which they are
// heard. Belongs to the loop.
class Platform : public Chat, public Directory {
 public:
  // Learns who we are. `invalid`: the options make no sense; `refused`: we are not let in; else the kind of
  // the call's failure.
  virtual Task<Result<void>> connect() = 0;
  // Hands what people say to `inbox` until stop(), reconnecting for ever; returns early only with an error
  // that no retry mends. Connects first if that was not done.
  virtual Task<Result<void>> run(Inbox& inbox) = 0;
  // Ends run(): open acknowledgements go out, connections are closed. What is still to be posted or asked
  // goes on.
  virtual Task<void> stop() = 0;
  // After stop(): a call that is not on its way yet fails (`unavailable`), and so does every later one; one
  // that is on its way ends by its deadline.
  virtual void close() {}
};

}  // namespace jitbot
