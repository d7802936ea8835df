#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/connector.hpp"
#include "bot/ports/store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace jitbot {

// Until when anybody who asks is told yes for this key: the latest end, still to come, of its grants that are
// activating or active. Nothing: the answer is no.
using LookupView = std::function<Task<Result<std::optional<Time>>>(Target)>;

// The view of our own store. `effective_now` is asked on the event loop's thread; the store outlives the
// view.
LookupView store_lookup_view(Store& store, std::function<Time()> effective_now);

struct LookupOptions {
  std::string name;  // of the connector
  LookupView view;
  bool in_store = false;  // the view is of the bot's own store
  Millis timeout{30s};
};

// A target that asks us (see adapters/http) instead of being told. The truth is the store: a grant that is
// durable as activating or active answers yes until its end, and the instant it ends, is revoked or becomes
// due the answer is no. So `present` and `absent` have nothing to do outside, and `observe` reads what an
// asker would be told now:
//   Target::untouched: absent. The grant that wants access is in the store already, but before it there was
//                      nothing: nobody else gives access here, so nothing ever is standing.
//   else:              present with the end that askers are told, or absent.
// That holds after a restart as well, for nothing is remembered here. native_end: the end needs no call. An
// open connection that the target let in earlier is the target's business, so sessions do not end with it.
std::unique_ptr<Connector> make_lookup_connector(LookupOptions options);

}  // namespace jitbot
