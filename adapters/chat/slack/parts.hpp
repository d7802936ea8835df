#pragma once

#include "adapters/chat/slack/answers.hpp"
#include "adapters/chat/slack/directory.hpp"
#include "adapters/chat/slack/homes.hpp"
#include "adapters/chat/slack/messenger.hpp"
#include "adapters/chat/slack/open_forms.hpp"
#include "adapters/chat/slack/slack.hpp"
#include "adapters/chat/slack/socket_manager.hpp"
#include "adapters/net/waiter.hpp"

#include <memory>
#include <set>
#include <string>

namespace jitbot::slack {

// What the adapter is made of. Coroutines under way share it.
struct Slack::Parts {
  Parts(Executor executor_in, Clock& clock_in, Random& random_in, net::HttpClient& http,
        SlackOptions options_in);

  Executor executor;
  Clock& clock;
  Random& random;
  SlackOptions options;
  WebApi api;
  Messenger messenger;
  PeopleOfSlack people;
  Answers answers;
  Homes homes;
  OpenForms forms;
  std::unique_ptr<SocketManager> sockets;
  Self self;
  Inbox* inbox = nullptr;
  std::shared_ptr<Timer> retry;  // between tries to learn who we are
  bool stopping = false;
  std::set<std::string> refusals_told;
  unsigned handling = 0;              // envelopes under way
  std::shared_ptr<net::Waiter> idle;  // set when stopping and nothing is under way
};

// One envelope, from decoding to its acknowledgement: durable first, then acknowledged, at once.
Task<void> receive(std::shared_ptr<Slack::Parts> parts, Delivery delivery);

}  // namespace jitbot::slack
