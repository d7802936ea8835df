#include "tests/scenario/harness.hpp"

// The form by the shortcut, and the bot in threads.
namespace jitbot::scenario {

TEST_CASE("the global shortcut opens the request form, and what is asked there is asked") {
  Stage stage;
  stage.start();
  stage.alice.uses_shortcut();
  CHECK(contains(stage.alice.form_text(), "Reason: \n"));
  CHECK(stage.alice.searches("resource", "stag") == std::vector<std::string>{"staging"});
  CHECK(stage.alice.chooses("resource", "staging") == "");
  const std::string told = stage.alice.submits({{"duration", "1h"}, {"reason", "INC-7 look at queue"}});
  INFO(told);
  CHECK(stage.alice.form_text() == "");
  stage.until([&] { return contains(stage.channel_text(k_staging), "INC-7 look at queue"); });
}

TEST_CASE("what the form refuses is said below its field, and the rest stays as it was typed") {
  Stage stage;
  stage.start();
  stage.alice.uses_shortcut();
  stage.alice.searches("resource", "stag");
  CHECK(stage.alice.chooses("resource", "staging") == "");
  const std::string refused = stage.alice.submits({{"duration", "soon"}, {"reason", "INC-7 look at queue"}});
  CHECK(contains(refused, "field:duration"));
  CHECK(contains(stage.alice.form_text(), "INC-7 look at queue\n"));
  CHECK(contains(stage.alice.form_text(), "soon\n! "));
  CHECK(stage.channel_text(k_staging) == "");
}

TEST_CASE("a mention in a card's thread is answered where commands do not work") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  stage.until([&] { return stage.card_message(id).has_value(); });
  const Message card = *stage.card_message(id);
  CHECK(contains(stage.carol.mentions("status " + id, card), id));
  sandbox::CommandInput command;
  command.user = "carol";
  command.channel = k_staging;
  command.thread_ts = card.id;
  command.text = "status " + id;
  const auto outcome = stage.begin(stage.sandbox->run_command(std::move(command)));
  stage.until([&] { return outcome->has_value(); });
  CHECK((*outcome)->error == "not_in_threads");
}

}  // namespace jitbot::scenario
