#pragma once

#include "adapters/net/web_socket.hpp"
#include "tests/integration/mattermost/recorded.hpp"

namespace jitbot::mattermost_stand_in {

// A client's WebSocket: what came, and whether it is over.
class Listener {
 public:
  // Of that user, by their token; `query` with its "?".
  Listener(Replay& replay, const std::string& username, const std::string& query = {});
  Listener(Replay& replay, net::Headers headers, const std::string& query);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void say(const Json& frame);
  void say_text(const std::string& text);
  void drop();  // as a cable does
  bool over() const { return state_->over; }
  std::vector<Json>& frames() { return state_->frames; }
  // The frames, once there are so many.
  std::vector<Json> first(std::size_t count);
  std::vector<std::string> names() const;  // of the events; "OK" and "FAIL" of replies
  // Waits until a ping of ours is answered: everything sent before has come. Its reply is left out.
  void settle();
  // Everything but changes of status since the last time, once it is settled.
  std::vector<Json> news();

 private:
  struct State {
    std::shared_ptr<net::WebSocket> socket;
    std::vector<Json> frames;
    bool over = false;
  };
  static Task<void> listen(std::shared_ptr<State> state);

  Replay& replay_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::int64_t next_ping_ = 1000;
  std::size_t read_ = 0;
};

}  // namespace jitbot::mattermost_stand_in
