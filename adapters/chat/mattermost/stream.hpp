#pragma once

#include "adapters/chat/mattermost/frames.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace jitbot::mattermost {

// Where we are in the server's events, so that the next connection goes on there (recorded in wsrel_*.json):
// the server keeps them for some minutes under a connection's id, and numbers them without gaps.
class Stream {
 public:
  // What the next connection asks with; empty: it begins anew.
  std::string query() const;
  bool can_resume() const { return !id_.empty(); }
  const std::string& connection() const { return id_; }
  // The server is not to be asked to go on.
  void forget();

  // Whether the events before it, since the last that came, are lost.
  enum class Greeting { lost, same };
  Greeting on_hello(const Hello& hello);

  enum class Step {
    next,
    known,  // came before, or before the hello that will say where we are
    gap     // something is missing: the connection is to be closed, so that another asks for it
  };
  Step on_event(std::int64_t seq);

 private:
  std::string id_;
  std::int64_t next_ = 0;
  std::optional<std::int64_t> gap_at_;  // asked for once already
};

}  // namespace jitbot::mattermost
